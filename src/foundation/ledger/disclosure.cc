#include "foundation/ledger/disclosure.h"

#include <algorithm>

#include "base/encoding.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"
#include "foundation/sd_jwt/json_pointer.h"
#include "foundation/sd_jwt/sd_jwt_issue.h"

namespace pawl::ledger {
namespace {

const std::string kExtension = "/" + std::string(names::kClaimEctExt);

std::string body_name(const json::Value& record) {
  return std::string(names::kExtPrefix)
      .append(kinds::area(json::find_string(record, {names::kClaimExecAct}).value_or("")));
}

// The record's claims in the names of -01, and what a verifier has to know first.
json::Object claims_of(const DisclosureDraft& draft) {
  const json::Value& record = draft.record.payload;
  json::Object out;
  const auto copy = [&](std::string_view name, const json::Value* value) {
    if (value != nullptr) {
      out[name] = json::Value(*value, {});
    }
  };
  copy(names::kClaimIss, json::find(record, {names::kClaimIss}));
  if (!draft.audience.empty()) {
    out[names::kClaimAud] = json::Array(draft.audience.begin(), draft.audience.end());
  }
  out[names::kClaimIat] = draft.iat;
  out[names::kClaimExp] = draft.exp;
  for (const std::string_view name : {names::kClaimJti, names::kClaimWid, names::kClaimExecAct}) {
    copy(name, json::find(record, {name}));
  }
  copy(names::kClaimPred, record_parents(draft.record.typ, record));
  for (const std::string_view name : {names::kClaimInpHash, names::kClaimOutHash}) {
    copy(name, json::find(record, {name}));
  }
  const json::Value* extension = record_extension(draft.record.typ, record);
  json::Object ext = extension != nullptr && extension->is_object()
                         ? json::Object(extension->get_object(), {})
                         : json::Object();
  ext[names::kExtDisclosure] =
      json::Object{{"entry", digest_text(hash_leaf(draft.record.compact))},
                   {"recorded_at", *json::find(record, {names::kClaimIat})},
                   {"proof", draft.proof}};
  out[names::kClaimEctExt] = std::move(ext);
  return out;
}

// What may be withheld: everything but who says it, when, which record it is and its kind.
std::vector<std::string> disclosable(const json::Object& claims, const std::string& body) {
  std::vector<std::string> out;
  for (const std::string_view name :
       {names::kClaimWid, names::kClaimPred, names::kClaimInpHash, names::kClaimOutHash}) {
    if (claims.contains(name)) {
      out.push_back(sd_jwt::below("", name));
    }
  }
  for (const auto& [name, value] : claims.at(names::kClaimEctExt).get_object()) {
    const std::string_view member = name;
    if ((member == body || member == names::kExtSalted) && value.is_object()) {
      for (const auto& inner : value.get_object()) {
        out.push_back(sd_jwt::below(sd_jwt::below(kExtension, member), inner.key()));
      }
    } else if (member != names::kExtDisclosure && member != names::kExtProfile) {
      out.push_back(sd_jwt::below(kExtension, member));
    }
  }
  return out;
}

// The pointer that a short name means: of the record's body first, then its salted digests, the
// extension, the claims.
Result<std::string> pointer_of(const std::string& name, const std::string& body,
                               const std::vector<std::string>& all) {
  const std::vector<std::string> meant =
      name.starts_with('/') ? std::vector<std::string>{name}
                            : std::vector<std::string>{
                                  sd_jwt::below(sd_jwt::below(kExtension, body), name),
                                  sd_jwt::below(sd_jwt::below(kExtension, names::kExtSalted), name),
                                  sd_jwt::below(kExtension, name), sd_jwt::below("", name)};
  for (const std::string& pointer : meant) {
    if (std::find(all.begin(), all.end(), pointer) != all.end()) {
      return pointer;
    }
  }
  return fail(Code::kInvalidParams, "the record has no member \"" + name + "\" to show");
}

Report bad(Report report, std::string what) {
  report.verdict = Verdict::kBad;
  report.first_bad = std::move(what);
  report.reason = "not proven: " + report.first_bad;
  return report;
}

Report undecided(Report report, const std::string& why) {
  report.verdict = Verdict::kUnknown;
  report.reason = "cannot decide: " + why;
  return report;
}

std::string disclosed_text(const json::Object& claims, std::string_view name) {
  return std::string(
      json::find_string(claims, {names::kClaimEctExt, names::kExtDisclosure, name}).value_or(""));
}

// The record that was shown stands in the trusted log.
Report judge_proof(const json::Object& claims, const Trust& trust, Report report) {
  const Result<TlogProof> proof = parse_proof(disclosed_text(claims, "proof"));
  const Result<VerifierKey> log = VerifierKey::parse(trust.log_vkey);
  if (!proof || !log) {
    return proof ? undecided(report, "the trust file's log key: " + log.error().message)
                 : bad(report, "its proof does not parse: " + proof.error().message);
  }
  const Result<TreeHead> head = open_checkpoint(proof->checkpoint, *log);
  if (!head) {
    const std::string what = "the checkpoint of its proof: " + head.error().message;
    return head.error().code == Code::kUndecidable ? undecided(report, what) : bad(report, what);
  }
  const Result<std::string> leaf = base64url_decode(disclosed_text(claims, "entry"));
  Digest hash{};
  if (!leaf || leaf->size() != hash.size()) {
    return bad(report, "it names no entry");
  }
  std::copy(leaf->begin(), leaf->end(), hash.begin());
  const std::string entry = "entry " + std::to_string(proof->index);
  if (!check_inclusion(hash, proof->index, head->size, proof->path, head->root)) {
    return bad(report, entry + ": the proof does not lead from this entry to the checkpoint");
  }
  if (!trust.pinned_root.empty() && head->size == trust.pinned_size &&
      base64_encode(view(head->root)) != trust.pinned_root) {
    return bad(report, "checkpoint of size " + std::to_string(head->size) +
                           ": another root was pinned for this size");
  }
  report.verdict = Verdict::kGood;
  report.entries = 1;
  report.size = head->size;
  report.checkpoint = proof->checkpoint;
  report.reason = "the instance shows part of " + entry + ", which stands in the log " +
                  head->origin + " of size " + std::to_string(head->size);
  return report;
}

}  // namespace

Result<std::string> make_disclosure(const SigningKey& key, std::string_view kid,
                                    const DisclosureDraft& draft, Random& random) {
  const json::Object claims = claims_of(draft);
  const std::string body = body_name(draft.record.payload);
  const std::vector<std::string> all = disclosable(claims, body);
  std::vector<std::string> shown = draft.shows_all ? all : std::vector<std::string>();
  for (const std::string& name : draft.shown) {
    const Result<std::string> pointer = pointer_of(name, body, all);
    if (!pointer) {
      return fail(pointer.error());
    }
    shown.push_back(*pointer);
  }
  const Result<std::string> issued = sd_jwt::issue(key, claims,
                                                   {.typ = std::string(names::kTypDisclosure),
                                                    .kid = std::string(kid),
                                                    .disclosable = all,
                                                    .holder_jwk = draft.holder_jwk},
                                                   random);
  return issued ? sd_jwt::present(*issued, shown) : issued;
}

bool looks_like_disclosure(std::string_view text) {
  return sd_jwt::looks_like_sd_jwt(text);
}

std::string disclosure_origin(std::string_view text) {
  const Result<sd_jwt::SdJwt> token = sd_jwt::parse(text);
  const Result<TlogProof> proof =
      token ? parse_proof(disclosed_text(token->jws.payload.get_object(), "proof"))
            : fail(token.error());
  const Result<TreeHead> head = proof ? read_checkpoint(proof->checkpoint) : fail(proof.error());
  return head ? head->origin : "";
}

ShownRecord verify_disclosure(std::string_view text, const std::optional<Trust>& trust,
                              WallTime now) {
  ShownRecord out;
  if (!trust) {
    out.report = undecided({},
                           "who signed it needs keys that you trust: pin them with `pawl trust "
                           "pin`, and verify with --trust FILE");
    return out;
  }
  std::string unknown;
  const auto resolve = [&](const jose::Jws& jws) -> Result<PublicKey> {
    const PublicKey* key = trust->token_keys.find(jws.kid);
    if (key == nullptr) {
      unknown = "the trust file has no token key with kid \"" + jws.kid + "\"";
      return fail(Code::kNotFound, unknown);
    }
    return *key;
  };
  const Result<sd_jwt::Verified> shown =
      sd_jwt::verify(text, resolve, {.now = now, .types = {std::string(names::kTypDisclosure)}});
  if (!shown) {
    const bool cannot = !unknown.empty() || shown.error().code == Code::kUndecidable;
    out.report = cannot ? undecided({}, unknown.empty() ? shown.error().message : unknown)
                        : bad({}, shown.error().message);
    return out;
  }
  out.claims = shown->claims;
  out.withheld = shown->withheld;
  out.report.tokens_verified = 1;
  out.report = judge_proof(out.claims, *trust, std::move(out.report));
  return out;
}

}  // namespace pawl::ledger
