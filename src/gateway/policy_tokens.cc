#include "gateway/policy_tokens.h"

#include <algorithm>
#include <utility>

#include "foundation/crypto/bounded_name.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "path/plugged.h"
#include "path/proof_names.h"

namespace pawl {
namespace {

// Of a record's extension beside the token's text.
constexpr std::size_t kMostRecordedText = 2048;

tl::unexpected<Error> refused(std::string message) {
  return fail(Code::kPolicyTokenInvalid, std::move(message));
}

// In place of acp::check_narrower, where it is unplugged.
Status any_link(const acp::Link&, const acp::Link&) {
  return {};
}

// No character of a token can stand between two.
Digest digest_of(const std::vector<std::string>& tokens) {
  Sha256 all;
  for (const std::string& token : tokens) {
    all.update(token);
    all.update("\n");
  }
  return all.finish();
}

RecordDraft issued_record(const acp::Token& token, const Action& action, const Uuid& id) {
  const acp::Claims& claims = token.claims;
  RecordDraft draft;
  draft.id = id;
  draft.kind = kinds::kPolicyIssued;
  draft.workflow = claims.wid;
  draft.agent = action.caller.agent;
  draft.put_name("agent", action.caller.agent);
  draft.put_name(names::kClaimIss, claims.iss);
  draft.put_name(names::kClaimSub, claims.sub);
  draft.body.id(names::kBodyTokenId, claims.jti);
  draft.body.number(names::kClaimExp, claims.exp);
  draft.body.text(names::kBodyTokenDigest, token.digest);
  if (!claims.parent.empty()) {
    draft.body.text(names::kAcpParent, claims.parent);
  }
  if (token.compact.size() <= kMostRecordedText) {
    draft.body.text(names::kBodyTokenText, token.compact);
  }
  return draft;
}

}  // namespace

std::string policy_problem(std::string_view message) {
  std::string out = "acp-" + std::string(message.substr(0, message.find(':')));
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

PolicyTokens::PolicyTokens(std::string audience, PolicyKeys keys,
                           std::function<bool(std::string_view)> is_recorded)
    : audience_(std::move(audience)),
      keys_(std::move(keys)),
      is_recorded_(std::move(is_recorded)) {}

Status PolicyTokens::resolve(Action& action, WallTime now) {
  action.policy = nullptr;
  if (action.policy_disagrees && plugged(ControlId::kAcpTwoPlaces)) {
    return refused(std::string("two_policies: the field ")
                       .append(names::kFieldAcp)
                       .append(" and _meta ")
                       .append(names::kMetaPolicy)
                       .append(" hold different tokens"));
  }
  if (action.policy_tokens.empty()) {
    return {};
  }
  Result<Known> chain = chain_of(action.policy_tokens, now.seconds());
  if (!chain) {
    return fail(chain.error());
  }
  if (const std::optional<Uuid>& wid = (*chain)->leaf().wid) {
    if (action.workflow && *action.workflow != *wid && plugged(ControlId::kAcpWorkflow)) {
      return refused("wrong_workflow: the policy token is bound to workflow " + wid->text() +
                     ", and the call belongs to another one");
    }
    action.workflow = wid;
  }
  for (const acp::Link& link : (*chain)->links) {
    const acp::Claims& claims = link.token.claims;
    action.presented_names.push_back(token_name(claims.iss, claims.jti.text()));
    action.presented_names.push_back(key_name(link.token.kid));  // a thumbprint: keys_ says so
  }
  action.policy = *std::move(chain);
  return {};
}

Result<PolicyTokens::Known> PolicyTokens::chain_of(const std::vector<std::string>& tokens,
                                                   std::int64_t now) {
  if (tokens.size() > acp::kMaxChain) {
    return refused(std::string(acp::kChainLength));
  }
  drop_after_key_change();
  const Digest digest = digest_of(tokens);
  for (auto* kept : {&young_, &old_}) {
    if (const auto found = kept->find(digest); found != kept->end()) {
      const Known chain = found->second.chain;  // its times are judged anew, by the row `tokens`
      if (kept == &old_) {
        keep(digest, found->second);
      }
      return chain;
    }
  }
  if (!keys_.find) {
    return refused("unknown_key: nobody may begin a chain of policy tokens here");
  }
  ++verified_;
  Result<acp::Chain> chain =
      acp::verify_chain(tokens, keys_.find, audience_, now,
                        plugged(ControlId::kAcpNarrowing) ? &acp::check_narrower : &any_link);
  if (!chain) {
    return refused(chain.error().message);
  }
  Known known = std::make_shared<const acp::Chain>(*std::move(chain));
  keep(digest, {known, known->memory});
  return known;
}

void PolicyTokens::keep(const Digest& digest, Kept kept) {
  if (young_.size() >= kMostChains || young_bytes_ + kept.bytes > kMostBytes) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
  }
  young_bytes_ += kept.bytes;
  young_.insert_or_assign(digest, std::move(kept));
}

void PolicyTokens::drop_after_key_change() {
  const std::uint64_t now = keys_.generation ? keys_.generation() : 0;
  if (now != generation_) {
    generation_ = now;
    young_.clear();
    old_.clear();
    young_bytes_ = 0;
  }
}

std::vector<PolicyTokens::Issued> PolicyTokens::begin_recording(
    const Action& action, const std::function<Uuid()>& new_id) {
  std::vector<Issued> out;
  if (action.policy == nullptr) {
    return out;
  }
  for (const acp::Link& link : action.policy->links) {
    const std::string& digest = link.token.digest;
    if (is_recorded_(digest) || !under_way_.insert(digest).second) {
      continue;
    }
    out.push_back({digest, issued_record(link.token, action, new_id())});
  }
  return out;
}

}  // namespace pawl
