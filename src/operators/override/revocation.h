// What was revoked: agents, users, keys, certificates and single tokens (OURS;
// docs/formats/revocation.md).
//
// Purpose:    hold the set, say whether it covers a caller, an Action or a key, and read and print
//             its entries. A stop covers what somebody does; a revocation covers by what somebody
//             proves who he is.
// Threading:  plain values; the shell publishes immutable snapshots (stop_board.h).
// Errors:     parse_target: kInvalidParams, says what was expected.
// Not errors: a second revocation of the same target, with its own id; a key that nobody has.
// Rule:       one that was lifted does not come back: who applies from a journal asks LiftedStops.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "base/uuid.h"
#include "path/action.h"

namespace pawl::override_ {

inline constexpr std::size_t kMaxTargetBytes = 256;

// "agent:ID", "user:ID", "key:KID", "certificate:THUMBPRINT" or "token:ISS#JTI", checked. One text
// for one target: sets, records and callers compare it byte for byte (path/proof_names.h).
Result<std::string> parse_target(std::string_view text);
// Who a name stands for can prove himself anew with another key; what was signed with a stolen key,
// or stands in a token, stays what it is.
bool may_be_lifted(std::string_view target);

struct Revocation {
  Uuid id;             // the statement's jti
  std::string target;  // as parse_target gives it
  std::string reason;
  std::string by;  // the operator's name
  WallTime at;
  std::optional<std::int64_t> since_s{};  // what was done with it since then is in doubt
};

// The JSON form of records, of the journal and of snapshots:
// {"id":UUID,"target":"key:...","reason":"...","by":"...","at":MICROSECONDS,"since":SECONDS}
json::Object print_revocation(const Revocation& revocation);
Result<Revocation> read_revocation(const json::Value& value);

class RevokedSet {
 public:
  // nullptr: nothing in force covers it. Of several the first that was applied.
  const Revocation* covering(const Caller& caller) const;
  const Revocation* covering(const Action& action) const;  // its caller, and what it presented
  const Revocation* of_target(std::string_view target) const;
  const Revocation* first_of(const std::vector<std::string>& targets) const;
  const Revocation* find(const Uuid& id) const;

  std::vector<Revocation> all() const;  // by time
  std::size_t size() const { return ids_.size(); }
  bool empty() const { return ids_.empty(); }

  void apply(Revocation revocation);  // idempotent by id
  bool lift(const Uuid& id);          // false: was not in force

 private:
  std::map<std::string, std::vector<Revocation>, std::less<>> by_target_;  // no list is empty
  std::map<Uuid, std::string> ids_;                                        // to its target
};

}  // namespace pawl::override_
