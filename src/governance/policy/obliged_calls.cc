#include "governance/policy/obliged_calls.h"

#include <algorithm>
#include <array>

#include "foundation/records/kinds.h"

namespace pawl {
namespace {

constexpr std::array kOfTasks = {kinds::kTaskGet,    kinds::kTaskResult, kinds::kTaskCancel,
                                 kinds::kTaskUpdate, kinds::kTaskStatus, kinds::kTaskList};

// Of the answer only: the call was made, and this is another. Of tasks of whichever tool, as a list
// of them is, only what goes out of it: it is nobody's answer.
std::shared_ptr<const rules::Obligations> for_answer(const rules::RuleInfo& rule, bool any_tool) {
  auto out = std::make_shared<rules::Obligations>(*rule.obliges);
  if (any_tool) {
    out->limit.bytes.reset();
  }
  out->limit.open.reset();
  out->limit.seconds.reset();
  return out;
}

}  // namespace

bool tells_of_task(std::string_view verb) {
  return std::find(kOfTasks.begin(), kOfTasks.end(), verb) != kOfTasks.end();
}

std::shared_ptr<const rules::Obliged> obliged_of(const rules::RuleSet& rules,
                                                 const rules::Decision& decision,
                                                 const rules::Facts& facts,
                                                 std::string_view task_tool) {
  std::shared_ptr<rules::Obliged> out;
  const auto add = [&out](const rules::RuleInfo& rule,
                          std::shared_ptr<const rules::Obligations> what) {
    if (!out) {
      out = std::make_shared<rules::Obliged>();
    }
    out->all.push_back({rule.id, std::move(what)});
  };
  for (const rules::RuleInfo* rule : decision.obliged) {
    add(*rule, rule->obliges);
  }
  if (tells_of_task(facts.verb)) {
    rules::Facts made = facts;
    made.verb = kinds::kToolCall;
    made.tool = task_tool;
    made.resource = {};
    made.arguments = nullptr;
    for (const rules::RuleInfo* rule : rules.could_oblige(made, task_tool.empty())) {
      add(*rule, for_answer(*rule, task_tool.empty()));
    }
  }
  return out;
}

std::optional<Unmet> unmet_redaction(const rules::Obliged& obliged, std::string_view verb) {
  if (kinds::is_notice(verb)) {
    for (const rules::Obliged::One& one : obliged.all) {
      if (one.what->redaction != nullptr) {
        return Unmet{Code::kDenied, one.rule,
                     "rule \"" + one.rule +
                         "\" takes things out of answers; this is a notice and has none, so it is "
                         "held back"};
      }
    }
  }
  return std::nullopt;
}

std::optional<Unmet> unmet_limit(const rules::Obliged& obliged, std::size_t request_bytes) {
  for (const rules::Obliged::One& one : obliged.all) {
    const auto& most = one.what->limit.bytes;
    if (most && request_bytes > static_cast<std::uint64_t>(*most)) {
      return Unmet{Code::kTooLarge, one.rule,
                   "rule \"" + one.rule + "\" allows " + std::to_string(*most) +
                       " bytes; the request has " + std::to_string(request_bytes)};
    }
  }
  return std::nullopt;
}

}  // namespace pawl
