// Held calls and what people decided on them: the pure core (gap 7; ACP-DAG-HITL's gates).
//
// Purpose:    decide() says which events a command leads to, apply() what they change; replay calls
//             only apply(). Spending has no record of its own: the durable intent and the outcome's
//             record name approval and use, and apply_spent() takes in both.
// Threading:  plain values; one thread decides, on the head state.
// Errors:     decide(): kNotFound (no such approval, or not of this call), kConflict (it is not
//             pending, too late, decided by this person or key already), kForbidden (role, or the
//             operator's own call), kDenied (nobody may decide), kOverloaded, kInvalidParams, and
//             those of check_statement().
// Not errors: to expire what is not due, and to deliver twice: no events.
// Rule:       a phase never goes back, and no more is ever spent than people granted.
// Source:     docs/formats/approval.md.
//
// Example:    const Result<std::vector<Event>> events = decide(state, Spend{id, binding}, now);
//             for (const Event& event : *events) { state.apply(event); }
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "foundation/records/hold_terms.h"
#include "operators/approval/binding.h"
#include "operators/approval/statement.h"

namespace pawl::approval {

enum class Phase { kPending, kApproved, kDenied, kExpired, kSpent };
inline constexpr std::array<std::string_view, 5> kPhaseNames = {  // in the order of Phase
    "pending", "approved", "denied", "expired", "spent"};
constexpr std::string_view phase_name(Phase phase) {
  return kPhaseNames[static_cast<std::size_t>(phase)];
}
// Why it expired.
enum class Ending { kNone, kTime, kCancelled, kPolicy };
inline constexpr std::array<std::string_view, 4> kEndingNames = {  // in the order of Ending
    "none", "time", "cancelled", "policy"};
constexpr std::string_view ending_name(Ending ending) {
  return kEndingNames[static_cast<std::size_t>(ending)];
}

inline constexpr std::size_t kMaxStatements = 64;         // that counted on one approval
inline constexpr std::size_t kMaxEvidenceBytes = 12'288;  // of each text that proves a signature

// One decision as it stands in the state.
struct Signed {
  std::string person;  // operator's name; of a rule's decision the rule
  std::string key;     // thumbprint; a rule has none
  std::string role;
  Decision decision = Decision::kDeny;
  std::string executed;  // digest
  std::uint32_t uses = 0;
  std::int64_t expires = 0;  // seconds
  std::string statement;     // digest of what was signed
  std::int64_t at = 0;
  bool by_rule = false;  // made by the server: it counts for nothing

  friend bool operator==(const Signed&, const Signed&) = default;
};

// What proves a person's signature, kept in the record: a key file's token, or a passkey's
// assertion and the statement it is on (each base64url but the statement, which is its text).
struct Evidence {
  std::string token;
  std::string statement, authenticator_data, client_data, signature;

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

struct Approval {
  Uuid id;
  Binding binding;
  HoldTerms terms;
  std::string owner;  // operator who owns the agent; empty: nobody
  std::string nonce;  // 43 characters
  std::int64_t requested_at = 0;
  std::int64_t expires_at = 0;  // seconds; until then people may decide
  bool escalated = false;
  Phase phase = Phase::kPending;
  Ending ending = Ending::kNone;
  std::vector<Signed> by;               // that count, and one of a rule
  std::vector<std::string> statements;  // digests of all that counted once
  // Of the grant, once it is approved.
  std::string executed;
  std::uint32_t uses = 0;
  std::int64_t until = 0;  // seconds
  std::uint32_t spent = 0;
  bool delivered = false;
  // Of the record that asks for it: nil, or nullopt, where it is not known, or has none.
  Uuid record{};
  std::optional<Uuid> workflow{};

  // In whose hands it is now.
  const std::vector<std::string>& roles() const {
    return escalated ? terms.escalate_to : terms.roles;
  }
  bool live() const { return phase == Phase::kPending || phase == Phase::kApproved; }
  friend bool operator==(const Approval&, const Approval&) = default;
};

// Commands. Ids and nonces are given: nothing here is random.
struct Request {
  Uuid id;
  Binding binding;
  HoldTerms terms;
  std::string owner;  // of the agent; empty: nobody
  std::string nonce;
  std::size_t pending_limit = 16;  // of the agent
  std::optional<Uuid> told{};      // of an earlier one: that it was delivered is being recorded
};
struct Decide {
  Statement statement;  // whose signature was verified
  Evidence evidence;
  std::string_view instance;
};
struct DecideByRule {
  Uuid id;
  std::string rule;
  Decision decision = Decision::kDeny;
};
struct Spend {
  Uuid id;
  Binding binding;  // of the call that wants to go through
};
struct Deliver {
  Uuid id;
};
struct Expire {
  Uuid id;  // of one that is due()
};
struct Cancel {
  Uuid id;
};
struct PolicyChanged {
  std::string policy;  // digest of the rule set in force from now on
};
using Command =
    std::variant<Request, Decide, DecideByRule, Spend, Deliver, Expire, Cancel, PolicyChanged>;

// Events. All but Spent are the body of a record (approval_wire.h).
struct Requested {
  Uuid id;
  Binding binding;
  HoldTerms terms;
  std::string owner;
  std::string nonce;
  std::int64_t at = 0;
  std::int64_t expires_at = 0;
};
struct Escalated {
  Uuid id;
  std::int64_t at = 0;
  std::int64_t expires_at = 0;
};
struct Decided {
  Uuid id;
  Signed by;
  Evidence evidence;
};
struct Spent {
  Uuid id;
  std::uint32_t use = 0;  // 1 is the first
};
struct Delivered {
  Uuid id;
};
struct Expired {
  Uuid id;
  Ending ending = Ending::kTime;
};
using Event = std::variant<Requested, Escalated, Decided, Spent, Delivered, Expired>;
inline const Uuid& approval_of(const Event& event) {
  return std::visit([](const auto& one) -> const Uuid& { return one.id; }, event);
}

class ApprovalState;
Result<std::vector<Event>> decide(const ApprovalState& state, const Command& command,
                                  std::int64_t now);

}  // namespace pawl::approval
