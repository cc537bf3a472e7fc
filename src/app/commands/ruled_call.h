// What rules said of a call, and what its record holds of that call: for `pawl rules replay`.
//
// Purpose:    read a record back as the facts that rules ask for; arguments are not among them, and
//             groups are known from the records of who counted at the time.
// Threading:  one thread; plain values but for CallReader, which remembers.
// Errors:     none. Not errors: a record that rules had no part in (nullopt).
// Rule:       what a record may not hold whole is open: names above 256 bytes, people under a
//             pseudonym, groups that a token may have added.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "foundation/rules/possible_rulings.h"

namespace pawl {

struct RuledCall {
  std::string id, agent, person, server, verb, tool, resource;
  std::vector<std::string> groups;
  bool more_groups = true;
  std::string policy;  // digest of the set that decided
  std::string rule;    // empty: none was named
  rules::Effect said = rules::Effect::kDeny;
  bool is_redacted = false;          // a rule took something out of its answer
  std::vector<std::uint32_t> held;   // ids of predicates of that set that were true
  std::int64_t from = 0, until = 0;  // it was decided in this time; seconds

  // Without held predicates. Borrows the call.
  rules::KnownFacts known() const;
};

class CallReader {
 public:
  // The next record of the log, in its order.
  std::optional<RuledCall> read(std::string_view token);
  std::uint64_t summed_up() const {
    return summed_up_;
  }  // refusals that have no record of their own

 private:
  struct Groups {
    bool known = false;
    std::vector<std::string> names;
  };
  void note_identity(const json::Value& body, bool is_there);

  std::map<std::string, Groups> groups_;  // by agent
  std::uint64_t summed_up_ = 0;
};

}  // namespace pawl
