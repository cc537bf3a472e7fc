// Policy tokens that callers present with their calls: verified as a chain, once.
//
// Purpose:    what verifies becomes Action::policy, which the row `tokens` of the control table
//             judges (governance/policy/token_control.h); anything else refuses the call before
//             anything of it is forwarded. Each token of a chain gets one record, `policy.issued`,
//             before the records of the call that brought it.
// Threading:  the I/O thread.
// Keys:       of those who may begin a chain and of those who may hand one on, by configuration.
//             Who verified it is judged anew whenever a key came, changed or went. Revocations of
//             a token or of its key are the row `revocations`: their names go into the Action.
// Errors:     kPolicyTokenInvalid with the machine reason of foundation/acp in front; besides
//             "two_policies" and "wrong_workflow".
// Bounds:     chains in memory: kMostChains, and kMostBytes of memory (acp::Chain::memory);
//             twice that at most.
// Not errors: a call without a token: nothing is set.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "foundation/acp/acp_chain.h"
#include "foundation/crypto/sha256.h"
#include "gateway/recorder.h"

namespace pawl {

struct PolicyKeys {
  acp::KeyFinder find{};  // empty: nobody may begin a chain, so that each token is refused
  // Another number whenever a key came, changed or went. Empty: none ever does.
  std::function<std::uint64_t()> generation{};
};

// The refusal's rule for the message of such an error: "acp-bad-signature".
std::string policy_problem(std::string_view message);

class PolicyTokens {
 public:
  static constexpr std::size_t kMostChains = 1024;
  static constexpr std::size_t kMostBytes = 64 << 20;

  // `is_recorded`: whether the ledger has the record of the token with this digest.
  PolicyTokens(std::string audience, PolicyKeys keys,
               std::function<bool(std::string_view digest)> is_recorded);

  // Fills action.policy, and action.workflow where the token is bound to one; adds to
  // action.presented_names. Once for each call, after its other tokens.
  Status resolve(Action& action, WallTime now);

  // The records of the call's tokens that are not in the ledger, the first token's first; the
  // caller records them now, or says which it could not.
  struct Issued {
    std::string digest;
    RecordDraft draft;
  };
  std::vector<Issued> begin_recording(const Action& action, const std::function<Uuid()>& new_id);
  // Durable or not: from here on the ledger is asked.
  void recording_ended(const std::string& digest) { under_way_.erase(digest); }

  std::uint64_t verified() const { return verified_; }  // chains, those from memory not counted

 private:
  using Known = std::shared_ptr<const acp::Chain>;
  struct Kept {
    Known chain;
    std::size_t bytes = 0;
  };
  Result<Known> chain_of(const std::vector<std::string>& tokens, std::int64_t now);
  void keep(const Digest& digest, Kept kept);
  void drop_after_key_change();

  const std::string audience_;
  const PolicyKeys keys_;
  const std::function<bool(std::string_view)> is_recorded_;
  std::uint64_t generation_ = 0;
  std::map<Digest, Kept> young_, old_;  // full: young_ becomes old_, and what was old is dropped
  std::size_t young_bytes_ = 0;
  std::set<std::string, std::less<>> under_way_;  // digests whose record is being written
  std::uint64_t verified_ = 0;
};

}  // namespace pawl
