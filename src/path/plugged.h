// The one list of the controls of the path, and the seam by which a test takes one out.
//
// Purpose:    `./test unplug` proves that each control is called: it takes one out, and some test
//             must fail. Each control asks plugged(its id) where it would refuse.
// Threading:  any thread.
// Safety:     plugged() of the product (plugged.cc) is the constant true: no flag, environment
//             variable or memory cell can change it. Programs of the tests are linked with another
//             definition (tests/support/unplugged.cc); the product is never linked with that file.
// New ones:   a row of the control table without an id here ends the program at start; an id here
//             without a place that asks for it, or without a test that fails, fails `./test
//             unplug`.
//
// Example:    if (plugged(ControlId::kHost) && !host_allowed(host)) { return refusal; }
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pawl {

enum class ControlId : std::uint8_t {
  // Rows of gateway/control_table.cc.
  kStops,
  kRevocations,
  kIdentity,
  kNumbers,
  kTokens,
  kRules,
  // The other steps of the path.
  kLedgerWritable,
  kPresentedTokens,
  kTokenPresenter,
  kTokenEquivocation,
  kTokenMemory,
  kTokenKept,
  kFetchedToken,
  kTokenGraph,
  kTokenLevel,
  kTokenAlgorithms,
  kTokenForm,
  kTokenProfile,
  kTokenParents,
  kTokenApproval,
  kTokenRevoked,
  kRetiredKey,
  // Policy tokens: what is asked before the row of the table, and the parts of its question.
  kAcpSignature,
  kAcpTwoPlaces,
  kAcpWorkflow,
  kAcpRequired,
  kAcpNode,
  kAcpParentsDone,
  kAcpConstraint,
  kAcpHitl,
  kAcpLimits,
  kHold,
  kApprovalBinding,
  kApprovalUses,
  kApprovalExpiry,
  kApprovalPolicy,
  kApprovalSignature,
  kChangedAnew,
  kHoldCaller,
  kApprovalState,
  kApprovalPasskey,
  kApprovalAccount,
  kApprovalScope,
  kPendingHolds,
  kEnrollment,
  kNoticeOwed,
  kOpenCallLimits,
  kIntentFirst,
  kForwardGate,
  kRecheck,
  kRecordFirst,
  kDigestSalt,
  kPersonName,
  kReleaseGate,
  kPlumbingGate,
  kRefusalFlood,
  kKeptAnswerCaller,
  kRepeatSameCall,
  kRepeatStopped,
  // What keeps the ledger's disk and its past.
  kDiskReserve,
  kHeadFile,
  kLogLimits,
  kWitnessRequired,
  kLogReader,
  // What the gateway itself does has its record first, too.
  kStartRecorded,
  kProcessRecorded,
  // Who is calling.
  kBearerKey,
  kJwtSignature,
  kJwtAudience,
  kJwtTimes,
  kCertificate,
  kPeerUser,
  kHost,
  kOrigin,
  // What a protocol adapter binds to the caller.
  kHeaderMatch,
  kTokenHeader,
  kReceiptHeader,
  kSessionCaller,
  kTaskCaller,
  kListFilter,
  kStateSeal,
  kStateBinding,
  kStateExpiry,
  kStateOnce,
  // What one agent, or one server, may take of what all share.
  kConnectionsPerAgent,
  kQueueBudget,
  kSilentServer,
  // The operator path.
  kLocalToken,
  kBrowserPage,
  kWideStopSigned,
  kStatementSignature,
  kStatementRole,
  kStatementAudience,
  kStatementTime,
  kStatementOnce,
  kOperatorRevoked,
  // Whether the caller has the key of its token.
  kTokenBinding,
  kWitSignature,
  kWitTimes,
  kProofSignature,
  kProofKey,
  kProofRequest,
  kProofTime,
  kProofToken,
  kProofContext,
  kProofNonce,
  kProofOnce,
  kSignedComponents,
  kContentDigest,
  // Which set of rules takes force.
  kSetSignature,
  kSetVersion,
  // Whose authorities vouch for a caller of another trust domain.
  kSvidChain,
  kSvidLeaf,
  kBundleSequence,
  // Whether a person is who they say, and may.
  kSession,
  kCsrf,
  kRole,
  kReadScope,
  kSecondFactor,
  kUserVerified,
  kOidcNonce,
  kPasskeyOrigin,
  // Whoever else was asked.
  kOutsideDecision,
  // What a page may do.
  kConsoleCsp,
};

struct NamedControl {
  ControlId id;
  std::string_view name;
};

inline constexpr std::array kControls = {
    NamedControl{ControlId::kStops, "stops"},
    NamedControl{ControlId::kRevocations, "revocations"},
    NamedControl{ControlId::kIdentity, "identity"},
    NamedControl{ControlId::kNumbers, "numbers"},
    NamedControl{ControlId::kTokens, "tokens"},
    NamedControl{ControlId::kRules, "rules"},
    NamedControl{ControlId::kLedgerWritable, "ledger-writable"},
    NamedControl{ControlId::kPresentedTokens, "presented-tokens"},
    NamedControl{ControlId::kTokenPresenter, "token-presenter"},
    NamedControl{ControlId::kTokenEquivocation, "token-equivocation"},
    NamedControl{ControlId::kTokenMemory, "token-memory"},
    NamedControl{ControlId::kTokenKept, "token-kept"},
    NamedControl{ControlId::kFetchedToken, "fetched-token"},
    NamedControl{ControlId::kTokenGraph, "token-graph"},
    NamedControl{ControlId::kTokenLevel, "token-level"},
    NamedControl{ControlId::kTokenAlgorithms, "token-algorithms"},
    NamedControl{ControlId::kTokenForm, "token-form"},
    NamedControl{ControlId::kTokenProfile, "token-profile"},
    NamedControl{ControlId::kTokenParents, "token-parents"},
    NamedControl{ControlId::kTokenApproval, "token-approval"},
    NamedControl{ControlId::kTokenRevoked, "token-revoked"},
    NamedControl{ControlId::kRetiredKey, "retired-key"},
    NamedControl{ControlId::kAcpSignature, "acp-signature"},
    NamedControl{ControlId::kAcpTwoPlaces, "acp-two-places"},
    NamedControl{ControlId::kAcpWorkflow, "acp-workflow"},
    NamedControl{ControlId::kAcpRequired, "acp-required"},
    NamedControl{ControlId::kAcpNode, "acp-node"},
    NamedControl{ControlId::kAcpParentsDone, "acp-parents-done"},
    NamedControl{ControlId::kAcpConstraint, "acp-constraint"},
    NamedControl{ControlId::kAcpHitl, "acp-hitl"},
    NamedControl{ControlId::kAcpLimits, "acp-limits"},
    NamedControl{ControlId::kHold, "hold"},
    NamedControl{ControlId::kApprovalBinding, "approval-binding"},
    NamedControl{ControlId::kApprovalUses, "approval-uses"},
    NamedControl{ControlId::kApprovalExpiry, "approval-expiry"},
    NamedControl{ControlId::kApprovalPolicy, "approval-policy"},
    NamedControl{ControlId::kApprovalSignature, "approval-signature"},
    NamedControl{ControlId::kChangedAnew, "changed-anew"},
    NamedControl{ControlId::kHoldCaller, "hold-caller"},
    NamedControl{ControlId::kApprovalState, "approval-state"},
    NamedControl{ControlId::kApprovalPasskey, "approval-passkey"},
    NamedControl{ControlId::kApprovalAccount, "approval-account"},
    NamedControl{ControlId::kApprovalScope, "approval-scope"},
    NamedControl{ControlId::kPendingHolds, "pending-holds"},
    NamedControl{ControlId::kEnrollment, "enrollment"},
    NamedControl{ControlId::kNoticeOwed, "notice-owed"},
    NamedControl{ControlId::kOpenCallLimits, "open-call-limits"},
    NamedControl{ControlId::kIntentFirst, "intent-first"},
    NamedControl{ControlId::kForwardGate, "forward-gate"},
    NamedControl{ControlId::kRecheck, "recheck"},
    NamedControl{ControlId::kRecordFirst, "record-first"},
    NamedControl{ControlId::kDigestSalt, "digest-salt"},
    NamedControl{ControlId::kPersonName, "person-name"},
    NamedControl{ControlId::kReleaseGate, "release-gate"},
    NamedControl{ControlId::kPlumbingGate, "plumbing-gate"},
    NamedControl{ControlId::kRefusalFlood, "refusal-flood"},
    NamedControl{ControlId::kKeptAnswerCaller, "kept-answer-caller"},
    NamedControl{ControlId::kRepeatSameCall, "repeat-same-call"},
    NamedControl{ControlId::kRepeatStopped, "repeat-stopped"},
    NamedControl{ControlId::kDiskReserve, "disk-reserve"},
    NamedControl{ControlId::kHeadFile, "head-file"},
    NamedControl{ControlId::kLogLimits, "log-limits"},
    NamedControl{ControlId::kWitnessRequired, "witness-required"},
    NamedControl{ControlId::kLogReader, "log-reader"},
    NamedControl{ControlId::kStartRecorded, "start-recorded"},
    NamedControl{ControlId::kProcessRecorded, "process-recorded"},
    NamedControl{ControlId::kBearerKey, "bearer-key"},
    NamedControl{ControlId::kJwtSignature, "jwt-signature"},
    NamedControl{ControlId::kJwtAudience, "jwt-audience"},
    NamedControl{ControlId::kJwtTimes, "jwt-times"},
    NamedControl{ControlId::kCertificate, "certificate"},
    NamedControl{ControlId::kPeerUser, "peer-user"},
    NamedControl{ControlId::kHost, "host"},
    NamedControl{ControlId::kOrigin, "origin"},
    NamedControl{ControlId::kHeaderMatch, "header-match"},
    NamedControl{ControlId::kTokenHeader, "token-header"},
    NamedControl{ControlId::kReceiptHeader, "receipt-header"},
    NamedControl{ControlId::kSessionCaller, "session-caller"},
    NamedControl{ControlId::kTaskCaller, "task-caller"},
    NamedControl{ControlId::kListFilter, "list-filter"},
    NamedControl{ControlId::kStateSeal, "state-seal"},
    NamedControl{ControlId::kStateBinding, "state-binding"},
    NamedControl{ControlId::kStateExpiry, "state-expiry"},
    NamedControl{ControlId::kStateOnce, "state-once"},
    NamedControl{ControlId::kConnectionsPerAgent, "connections-per-agent"},
    NamedControl{ControlId::kQueueBudget, "queue-budget"},
    NamedControl{ControlId::kSilentServer, "silent-server"},
    NamedControl{ControlId::kLocalToken, "local-token"},
    NamedControl{ControlId::kBrowserPage, "browser-page"},
    NamedControl{ControlId::kWideStopSigned, "wide-stop-signed"},
    NamedControl{ControlId::kStatementSignature, "statement-signature"},
    NamedControl{ControlId::kStatementRole, "statement-role"},
    NamedControl{ControlId::kStatementAudience, "statement-audience"},
    NamedControl{ControlId::kStatementTime, "statement-time"},
    NamedControl{ControlId::kStatementOnce, "statement-once"},
    NamedControl{ControlId::kOperatorRevoked, "operator-revoked"},
    NamedControl{ControlId::kTokenBinding, "token-binding"},
    NamedControl{ControlId::kWitSignature, "wit-signature"},
    NamedControl{ControlId::kWitTimes, "wit-times"},
    NamedControl{ControlId::kProofSignature, "proof-signature"},
    NamedControl{ControlId::kProofKey, "proof-key"},
    NamedControl{ControlId::kProofRequest, "proof-request"},
    NamedControl{ControlId::kProofTime, "proof-time"},
    NamedControl{ControlId::kProofToken, "proof-token"},
    NamedControl{ControlId::kProofContext, "proof-context"},
    NamedControl{ControlId::kProofNonce, "proof-nonce"},
    NamedControl{ControlId::kProofOnce, "proof-once"},
    NamedControl{ControlId::kSignedComponents, "signed-components"},
    NamedControl{ControlId::kContentDigest, "content-digest"},
    NamedControl{ControlId::kSetSignature, "set-signature"},
    NamedControl{ControlId::kSetVersion, "set-version"},
    NamedControl{ControlId::kSvidChain, "svid-chain"},
    NamedControl{ControlId::kSvidLeaf, "svid-leaf"},
    NamedControl{ControlId::kBundleSequence, "bundle-sequence"},
    NamedControl{ControlId::kSession, "session"},
    NamedControl{ControlId::kCsrf, "csrf"},
    NamedControl{ControlId::kRole, "role"},
    NamedControl{ControlId::kReadScope, "read-scope"},
    NamedControl{ControlId::kSecondFactor, "second-factor"},
    NamedControl{ControlId::kUserVerified, "user-verified"},
    NamedControl{ControlId::kOidcNonce, "oidc-nonce"},
    NamedControl{ControlId::kPasskeyOrigin, "passkey-origin"},
    NamedControl{ControlId::kOutsideDecision, "outside-decision"},
    NamedControl{ControlId::kConsoleCsp, "console-csp"},
};

// nullopt: no control has this name.
constexpr std::optional<ControlId> control_of(std::string_view name) {
  for (const NamedControl& control : kControls) {
    if (control.name == name) {
      return control.id;
    }
  }
  return std::nullopt;
}

bool plugged(ControlId id);

}  // namespace pawl
