// What the rules ask for of one call that they let pass, and what of it can be said before anything
// is done.
//
// Purpose:    obligations of the rules that a decision names; of a request about a task also those
//             that the call which made the task may have had.
// Threading:  pure functions.
// Ownership:  what comes back shares the rules' obligations, and outlives the rules.
// Not errors: nothing is asked for: nullptr.
// Source:     docs/formats/rules.md, "Obligations".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "foundation/rules/obligation.h"

namespace pawl {

// `task_tool`: of a request about a task, the tool whose call made it; empty: not known.
std::shared_ptr<const rules::Obliged> obliged_of(const rules::RuleSet& rules,
                                                 const rules::Decision& decision,
                                                 const rules::Facts& facts,
                                                 std::string_view task_tool);

// It tells of a task: the result of another call may stand in it.
bool tells_of_task(std::string_view verb);

struct Unmet {
  Code code = Code::kDenied;
  std::string rule;
  std::string reason;
};
// A notice says how things are now and has no answer: nothing could be taken out of it.
std::optional<Unmet> unmet_redaction(const rules::Obliged& obliged, std::string_view verb);
std::optional<Unmet> unmet_limit(const rules::Obliged& obliged, std::size_t request_bytes);

}  // namespace pawl
