// Which record follows which (design, section 3, causality): soft state over recent records.
//
// Purpose:    gives an Action its workflow and the causes that nobody declared: traced (same
// trace),
//             data (an output seen again in an input), resource (read after write of what the
//             operator says a tool touches), inferred (order within a session).
// Threading:  the I/O thread; pure: time is not read, nothing is stored outside.
// Soft state: bounded, lost on restart; starts empty, so that fewer edges are found, never wrong
// ones. Rule:       refused and pending records are never implicit parents; records of another
// agent are
//             implicit parents only through `resource`, and only within the same workflow.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/uuid.h"
#include "path/action.h"
#include "path/exchange.h"

namespace pawl {

struct CausalityLimits {
  std::size_t sessions = 20'000;  // last record per (agent, session)
  std::size_t values = 100'000;   // remembered output values
  std::size_t values_per_output = 256;
  std::size_t min_value_bytes = 12;  // shorter texts recur by chance
  std::size_t max_causes = 16;       // implicit ones; declared ones are never dropped
};

// Resources that the operator declares a call touches: "files:/srv/a.txt".
struct Touches {
  std::vector<std::string> reads;
  std::vector<std::string> writes;
};

class Causality {
 public:
  Causality(std::string domain, CausalityLimits limits)
      : domain_(std::move(domain)), limits_(limits) {}

  // The workflow of an Action without a declared one: derived from its trace or session as a
  // version-8 UUID over domain, agent, source and value; else `fresh`.
  Uuid workflow_of(const Action& action, const Uuid& fresh) const;
  // Causes that the Action did not declare. The Action has its workflow.
  std::vector<Cause> implicit_causes(const Action& action, const Touches& touches) const;
  // A forwarded call ended and is recorded.
  void recorded(const Action& action, const Touches& touches, const Answer& answer);

 private:
  struct Last {
    Uuid record;
    std::list<std::string>::iterator age;
  };
  void remember_values(const Uuid& workflow, const Uuid& record, const json::Value& output);
  // Remembers the latest record under a key; the least recently used key makes room.
  void remember(const std::string& key, const Uuid& record);
  std::optional<Uuid> last(const std::string& key) const;

  std::string domain_;
  CausalityLimits limits_;
  std::list<std::string> ages_;  // least recently used first
  std::unordered_map<std::string, Last> last_;
  std::deque<std::uint64_t> value_ages_;
  // Keyed digest of (workflow, text) -> record.
  boost::unordered_flat_map<std::uint64_t, Uuid> values_;
};

}  // namespace pawl
