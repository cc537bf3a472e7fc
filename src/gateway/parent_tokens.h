// Tokens that a caller presents with a call, verified and turned into declared causes.
//
// Purpose:    a presented ECT becomes a parent only if its signature, form and presenter are right;
//             anything else refuses the call with kTokenInvalid (HTTP 403) and a reason. Together
//             they must be a graph (presented_graph.h).
// Threading:  the I/O thread (one ES256 verification on first sight, then a cache).
// Errors:     kTokenInvalid with the machine reason of foundation/ect in front; "wrong_presenter"
// for
//             a token that names another agent.
// Not errors: a token of ours that expired: it is recorded, so it is known and fine; the same token
//             presented by a hundred children.
// Source:     docs/formats/ect.md, "Recording and presenting".
#pragma once

#include <string>

#include "foundation/ect/ect.h"
#include "foundation/ect/known_tokens.h"
#include "foundation/ect/verified_cache.h"
#include "gateway/presented_graph.h"
#include "gateway/recorder.h"

namespace pawl {

class ParentTokens {
 public:
  // `foreign` resolves keys of trusted issuers other than us; it may answer kNotFound to all.
  ParentTokens(Instance instance, PublicKey own_key, std::string own_kid, ect::KeyResolver foreign,
               std::size_t cache_size);

  // Fills action.causes (declared), action.workflow and action.missing_parents from
  // action.parent_tokens.
  Status resolve(Action& action, WallTime now);
  // A record of ours, which tokens of others may name as a parent.
  void recorded(const Uuid& id, WallTime at, const std::optional<Uuid>& workflow) {
    recorded_.note(id, at.seconds(), workflow);
  }

 private:
  Result<PublicKey> key_for(std::string_view iss, std::string_view kid) const;
  Result<std::shared_ptr<const ect::Token>> verified(const std::string& token, WallTime now);
  Status check_presenter(const ect::Token& token, const Caller& caller) const;
  Status add_cause(const ect::Claims& claims, Action& action, WallTime now) const;

  Instance instance_;
  PublicKey own_key_;
  std::string own_kid_;
  ect::KeyResolver foreign_;
  ect::VerifiedCache cache_;
  ect::KnownTokens known_;
  RecordedTasks recorded_;
};

}  // namespace pawl
