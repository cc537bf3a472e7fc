// What a person signs: one decision on one approval, every member of it.
//
// Purpose:    the canonical text of a decision; its SHA-256 is the challenge of a passkey, and the
//             claims of a key file's token are exactly its members. A statement is compared with
//             the approval at hand, member by member: nothing of it is taken on its word. It names
//             the terms, so that who has one true signature cannot say that one was enough.
// Threading:  plain values, pure functions.
// Errors:     check_statement: kTokenInvalid (made for another instance, approval, call, terms or
//             nonce), kInvalidParams (more uses, or a later end, than the rule permits), kConflict
//             (stale: what it grants has ended already). The message names the member.
// Not errors: an approval with another executed digest: a person changed the arguments.
// Source:     docs/formats/approval.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/uuid.h"
#include "foundation/crypto/sha256.h"
#include "foundation/records/hold_terms.h"
#include "operators/approval/binding.h"

namespace pawl::approval {

struct Approval;

enum class Decision { kApprove, kDeny };
inline constexpr std::array<std::string_view, 2> kDecisionNames = {  // in the order of Decision
    "approve", "deny"};
constexpr std::string_view decision_name(Decision decision) {
  return kDecisionNames[static_cast<std::size_t>(decision)];
}

// The longest time from the request to the end of what is granted.
inline constexpr std::int64_t kLongestGrantSeconds = 86'400;

struct Statement {
  std::string instance;  // spiffe://DOMAIN/pawl/NODE
  Uuid approval;
  Binding binding;
  std::string binding_digest;  // as stated
  std::string terms_digest;    // as stated
  std::string requested;       // digest of the params that the caller sent
  std::string executed;        // of those that may go out; a denial: the requested one
  Decision decision = Decision::kDeny;
  std::uint32_t uses = 0;    // 1 to the rule's; a denial: 0
  std::int64_t expires = 0;  // seconds; until then the uses may be spent; a denial: 0
  std::string nonce;         // of the approval, 43 characters
  std::string operator_name;
  std::string role;  // in which the operator decides
  std::string key;   // RFC 7638 thumbprint of the operator's key

  friend bool operator==(const Statement&, const Statement&) = default;
};

// SHA-256 over the canonical JSON (RFC 8785) of {"owner", "terms"} as approval.requested has them,
// 43 characters: who decides, how many of them, how long, and whose agent it is.
std::string terms_digest(const HoldTerms& terms, std::string_view owner);

// The statement that a person would sign on `approval`, to be completed with who signs. A grant
// ends with the last time to decide, also where that is still to be passed on.
Statement draft_statement(const Approval& approval, std::string_view instance, Decision decision);

json::Object print_statement(const Statement& statement);
std::string canonical_statement(const Statement& statement);  // RFC 8785
Digest statement_digest(const Statement& statement);          // a passkey's challenge

Status check_statement(const Statement& statement, const Approval& approval,
                       std::string_view instance, std::int64_t now);

}  // namespace pawl::approval
