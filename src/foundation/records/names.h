// Every wire name of every draft, in one table with the dialect it belongs to.
//
// A changed draft changes this file. Grades (CERTAIN, PROBABLE, OURS) are those of
// docs/formats/ect.md: a name marked OURS is Pawl's own and never the draft's.
#pragma once

#include <string_view>

namespace pawl::names {

// typ (JOSE header)
inline constexpr std::string_view kTypEct00 = "wimse-exec+jwt";          // ect-00, CERTAIN
inline constexpr std::string_view kTypEct01 = "exec+jwt";                // ect-01, CERTAIN
inline constexpr std::string_view kTypAct = "act+jwt";                   // act-01, always refused
inline constexpr std::string_view kTypOverride = "override+jwt";         // pawl-1, OURS
inline constexpr std::string_view kTypCompromise = "compromise+jwt";     // pawl-1, OURS
inline constexpr std::string_view kTypResolution = "resolution+jwt";     // pawl-1, OURS
inline constexpr std::string_view kTypRevocation = "revocation+jwt";     // pawl-1, OURS
inline constexpr std::string_view kTypDisclosure = "exec-audit+sd-jwt";  // pawl-1, OURS

inline constexpr std::string_view kTypApproval = "approval+jwt";      // pawl-1, OURS
inline constexpr std::string_view kTypEnrollment = "enrollment+jwt";  // pawl-1, OURS
inline constexpr std::string_view kTypPolicy = "policy+jwt";          // pawl-1, OURS
inline constexpr std::string_view kTypAcp = "acp+jwt";                // acp-x, OURS

inline constexpr std::string_view kTypReceipt = "ledger-receipt+jwt";  // pawl-1, OURS

inline constexpr std::string_view kAlgEs256 = "ES256";  // CERTAIN

// HTTP fields
inline constexpr std::string_view kFieldEct = "Execution-Context";            // CERTAIN
inline constexpr std::string_view kFieldReceipt = "Execution-Receipt";        // pawl-1, OURS
inline constexpr std::string_view kFieldAcp = "Agent-Context-Policy";         // acp-x, OURS
inline constexpr std::string_view kFieldTraceparent = "traceparent";          // W3C
inline constexpr std::string_view kFieldMcpVersion = "MCP-Protocol-Version";  // MCP 2026-07-28
inline constexpr std::string_view kFieldMcpMethod = "Mcp-Method";
inline constexpr std::string_view kFieldMcpName = "Mcp-Name";
inline constexpr std::string_view kFieldMcpParamPrefix = "Mcp-Param-";
inline constexpr std::string_view kFieldMcpSession = "Mcp-Session-Id";    // MCP 2025-11-25
inline constexpr std::string_view kFieldIdempotency = "Idempotency-Key";  // OURS
inline constexpr std::string_view kBodyEct = "execution_context";         // pawl-1, OURS
inline constexpr std::string_view kProblemPrefix = "urn:pawl:problem:";   // pawl-1, OURS

// claims
inline constexpr std::string_view kClaimIss = "iss", kClaimAud = "aud", kClaimIat = "iat",
                                  kClaimExp = "exp", kClaimJti = "jti";           // RFC 7519
inline constexpr std::string_view kClaimWid = "wid", kClaimExecAct = "exec_act";  // CERTAIN
inline constexpr std::string_view kClaimPar = "par";                              // ect-00
inline constexpr std::string_view kClaimPred = "pred";                            // ect-01
inline constexpr std::string_view kClaimInpHash = "inp_hash", kClaimOutHash = "out_hash";
inline constexpr std::string_view kClaimExt = "ext";         // ect-00
inline constexpr std::string_view kClaimEctExt = "ect_ext";  // ect-01

// members of ect_ext
inline constexpr std::string_view kExtPol = "pol", kExtPolDecision = "pol_decision",
                                  kExtPolEnforcer = "pol_enforcer",
                                  kExtPolTimestamp = "pol_timestamp";  // ectpol-00, CERTAIN
inline constexpr std::string_view kExtCompRequired = "compensation_required",
                                  kExtCompReason = "compensation_reason";  // ectpol-00, CERTAIN
inline constexpr std::string_view kPolApproved = "approved", kPolRejected = "rejected",
                                  kPolPending = "pending_human_review";
inline constexpr std::string_view kExtPrefix = "pawl.";  // pawl-1, OURS
inline constexpr std::string_view kExtProfile = "pawl.profile";
inline constexpr std::string_view kProfileUri = "urn:pawl:profile:1";
inline constexpr std::string_view kExtDomain = "pawl.domain";  // no record kind has this area
inline constexpr std::string_view kExtDisclosure = "pawl.disclosure";  // nor this, nor pawl.salted
inline constexpr std::string_view kExtBodyHash = "body_hash";
inline constexpr std::string_view kBodyKept = "body_kept";  // what the whole is erased with
// digests that are found only with their salt (docs/formats/salted_digests.md); pawl-1, OURS: never
// under the drafts' inp_hash and out_hash, which are plain
inline constexpr std::string_view kExtSalted = "pawl.salted";
inline constexpr std::string_view kSaltedKey = "key", kSaltedInp = "inp", kSaltedOut = "out",
                                  kSaltedBody = "body", kSaltedEvents = "events",
                                  kSaltedRoot = "root", kSaltedGiven = "given";
inline constexpr std::string_view kIntentSalted = "salted";  // the same, in an intent
// of an intent, and of the record that closes it: which use of an approval it consumed
inline constexpr std::string_view kBodyApproval = "approval";
// of an intent, of the record that closes it, and of a refusal: by which node of which policy token
// the call was judged (policy_use.h); pawl-1, OURS
inline constexpr std::string_view kBodyAcp = "acp";
inline constexpr std::string_view kAcpUseRun = "run", kAcpUseToken = "token",
                                  kAcpUseDigest = "digest", kAcpUseNode = "node",
                                  kAcpUseUntil = "until", kAcpUseTask = "task";
// the control that held back the answer: a stop or revocation took force before it came, it was too
// large for a rule (`limits`), or what a rule takes out of it could not be (`obligations`)
inline constexpr std::string_view kBodyWithheld = "withheld";
inline constexpr std::string_view kWithheldByRules = "obligations";
// of an answer out of which rules take things (pawl-1, OURS): which rules, SHA-256 of what the
// caller got where out_hash is of what the server said, and messages beside it that were held back
inline constexpr std::string_view kBodyRedactedBy = "redacted_by", kBodyGivenHash = "given_hash",
                                  kBodyEventsWithheld = "events_withheld";
inline constexpr std::string_view kBodyLevel = "level";  // of what the call came from, below L3
// of ledger.pruned
inline constexpr std::string_view kBodyMinimum = "minimum", kBodyMinimumBefore = "minimum_before",
                                  kBodyKeptCount = "kept", kBodyKeptHash = "kept_hash",
                                  kBodyRecordedBefore = "recorded_before",
                                  kBodyRetention = "retention", kBodyPreset = "preset",
                                  kBodyBy = "by";
// of token.received, beside iss, iat and level
inline constexpr std::string_view kBodyTokenId = "id", kBodyTokenPayload = "payload",
                                  kBodyTokenText = "token", kBodyTokenDigest = "digest",
                                  kBodyTokenApproved = "approved", kBodyTokenFetched = "fetched",
                                  kBodyTokenWit = "wit", kBodyTokenWitDigest = "wit_digest";

// of a set's signature, and of policy.activated (pawl-1, OURS)
inline constexpr std::string_view kPolicySet = "set", kSetName = "name", kSetOwner = "owner",
                                  kSetVersion = "version", kSetDigest = "digest",
                                  kSetBefore = "before";
inline constexpr std::string_view kBodySet = "set";  // of a call: "NAME/VERSION" of its rules

// Members of a policy token (acp-x: our stand-in for ACP-DAG-HITL-00, of which no name is known).
// What they mean is CERTAIN for nodes, edges, constraints, trigger, role and action; every name is
// OURS, and the spelling of the actions PROBABLE.
inline constexpr std::string_view kClaimSub = "sub";  // RFC 7519; of policy tokens, never of an ECT
inline constexpr std::string_view kAcpDag = "dag", kAcpHitl = "hitl";
inline constexpr std::string_view kAcpNodes = "nodes", kAcpEdges = "edges",
                                  kAcpConstraints = "constraints";
inline constexpr std::string_view kAcpNodeId = "id", kAcpAgent = "agent", kAcpAct = "act",
                                  kAcpFrom = "from", kAcpTo = "to";
inline constexpr std::string_view kAcpMaxDepth = "max_depth", kAcpNotAfter = "not_after",
                                  kAcpAllowedActs = "allowed_acts",
                                  kAcpAllowedAgents = "allowed_agents",
                                  kAcpMaxDelegations = "max_delegations",
                                  kAcpResourceLimits = "resource_limits";
inline constexpr std::string_view kAcpRules = "rules", kAcpRuleId = "id", kAcpTrigger = "trigger",
                                  kAcpTriggerType = "type", kAcpTriggerValue = "value",
                                  kAcpRole = "required_role", kAcpAction = "action",
                                  kAcpTimeout = "timeout_s", kAcpFallback = "fallback";
inline constexpr std::string_view kAcpPause = "pause", kAcpEscalate = "escalate",
                                  kAcpAbort = "abort";
inline constexpr std::string_view kAcpParent = "parent", kAcpEscalateTo = "escalate_to",
                                  kAcpAbove = "above", kAcpResource = "resource", kAcpUnit = "unit",
                                  kAcpLimit = "limit";
inline constexpr std::string_view kAcpOnAction = "action", kAcpOnNode = "node",
                                  kAcpOnThreshold = "threshold", kAcpOnDepth = "depth",
                                  kAcpOnError = "error";

// members of the JWS form of a receipt (pawl-1, OURS)
inline constexpr std::string_view kRcptLedger = "ledger", kRcptSeq = "seq",
                                  kRcptEntry = "entry_hash", kRcptAt = "recorded_at",
                                  kRcptProof = "tlog_proof";

// _meta keys that Pawl adds to results and reads from requests (pawl-1, OURS)
inline constexpr std::string_view kMetaPrefix = "pawl.";  // of all of them, and nobody else's
inline constexpr std::string_view kMetaRecord = "pawl.record/id";
inline constexpr std::string_view kMetaProof = "pawl.record/proof";
inline constexpr std::string_view kMetaToken = "pawl.record/token";      // too long for the header
inline constexpr std::string_view kMetaParts = "pawl.record/parts";      // of a merged list
inline constexpr std::string_view kMetaParents = "pawl.record/parents";  // array of compact tokens
inline constexpr std::string_view kMetaIdempotency = "pawl.record/repeat-of";
inline constexpr std::string_view kMetaRefusal = "pawl.record/refusal";  // code, rule, reason, ...
inline constexpr std::string_view kMetaApproval = "pawl.record/approval";      // of a held call
inline constexpr std::string_view kMetaPolicy = "pawl.record/policy";          // policy tokens
inline constexpr std::string_view kMetaUnavailable = "pawl.list/unavailable";  // servers left out

}  // namespace pawl::names
