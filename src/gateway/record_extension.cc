#include "gateway/record_extension.h"

#include <span>
#include <utility>

#include "base/json_depth.h"
#include "foundation/crypto/sha256.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

std::string extension_of(const RecordDraft& draft, std::string_view body,
                         const std::string& domain_facts, const std::string& salted) {
  json::ObjectText out(body.size() + domain_facts.size() + salted.size() + 256);
  out.text(names::kExtProfile, names::kProfileUri);
  if (!salted.empty()) {
    out.raw(names::kExtSalted, salted);
  }
  if (!domain_facts.empty()) {
    out.raw(names::kExtDomain, domain_facts);
  }
  if (!draft.pol.empty()) {
    out.text(names::kExtPol, draft.pol);
    out.text(names::kExtPolDecision, draft.pol_decision);
  }
  out.raw(std::string(names::kExtPrefix).append(kinds::area(draft.kind)), body);
  return out.take();
}

// What a reader needs first, and what a record may never be without: names have their bound, but
// one of control characters alone is six times as long in JSON, and a record must never fail.
constexpr std::string_view kNeededFirst[] = {
    "agent", "server", "tool", "outcome", "reason", "intent", "policy", "basis", "stops",
    "statement", "task", "repeat_of", "graph", names::kBodyLevel, names::kBodyApproval,
    names::kBodyAcp, names::kBodyWithheld, names::kBodyRedactedBy, names::kBodyGivenHash,
    // of token.received
    names::kClaimIss, names::kBodyTokenId, names::kClaimIat, names::kBodyTokenPayload,
    names::kBodyTokenApproved, names::kBodyTokenDigest};
constexpr std::string_view kLeast[] = {"outcome", "intent", names::kBodyApproval, names::kBodyAcp,
                                       names::kBodyWithheld};

// A body that does not fit is replaced by its digest (tokens, rule 5 of the wire names) and the
// members to keep. `digest`: empty where it is salted, and stands beside the body.
std::string bounded(std::string_view body, std::span<const std::string_view> keep,
                    const std::string& digest, const std::string& retention) {
  json::Object out;
  const Result<json::Parsed> parsed = json::parse(body);
  for (const std::string_view kept : keep) {
    if (const auto* member = parsed ? json::find(parsed->value, {kept}) : nullptr) {
      out[kept] = *member;
    }
  }
  if (!digest.empty()) {
    out[names::kExtBodyHash] = digest;
  }
  if (!retention.empty()) {
    out[names::kBodyKept] = retention;
  }
  return json::print(out);
}

}  // namespace

void put_digests(RecordDraft& draft, ect::Claims& claims, SaltedDigests& salted) {
  if (!salted.is_on()) {
    claims.inp_hash = std::move(draft.inp_hash);
    claims.out_hash = std::move(draft.out_hash);
  } else {
    salted.add_text(names::kSaltedInp, draft.inp_hash);
    salted.add_text(names::kSaltedOut, draft.out_hash);
  }
  if (salted.is_on()) {
    salted.add_text(names::kSaltedGiven, draft.given_hash);
  } else if (!draft.given_hash.empty()) {
    draft.body.text(names::kBodyGivenHash, draft.given_hash);
  }
  if (draft.events) {
    json::ObjectText events;
    events.number("count", static_cast<std::int64_t>(draft.events->count));
    if (salted.is_on()) {
      salted.add(names::kSaltedEvents, draft.events->digest);
    } else {
      events.text("digest", digest_text(draft.events->digest));
    }
    draft.body.raw("events", events.take());
  }
  if (draft.root && salted.is_on()) {
    salted.add(names::kSaltedRoot, *draft.root);
  } else if (draft.root) {
    draft.body.text("root", digest_text(*draft.root));
  }
}

std::string fitting_extension(RecordDraft& draft, SaltedDigests& salted,
                              const ExtensionParts& parts) {
  const std::string body = draft.body.take();
  std::string extension = extension_of(draft, body, parts.domain_facts, salted.text());
  if (extension.size() <= ect::kMaxExtBytes &&
      !json::nests_deeper_than(extension, ect::kMaxExtDepth)) {
    return extension;
  }
  const std::string retention =
      parts.bodies != nullptr ? parts.bodies->keep(draft.id, body, parts.at) : "";
  const Digest digest = sha256(body);
  salted.add(names::kSaltedBody, digest);
  const std::string plain = salted.is_on() ? "" : digest_text(digest);
  const auto with = [&](std::span<const std::string_view> keep) {
    return extension_of(draft, bounded(body, keep, plain, retention), parts.domain_facts,
                        salted.text());
  };
  extension = with(kNeededFirst);
  return extension.size() <= ect::kMaxExtBytes ? extension : with(kLeast);
}

}  // namespace pawl
