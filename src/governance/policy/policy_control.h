// Rules on the path: the control that may allow. Observe mode softens it, and only it.
// Threading: the I/O thread.
#pragma once

#include <functional>
#include <string>

#include "governance/policy/rule_board.h"
#include "path/control.h"

namespace pawl {

// Facts of an Action as the rule language reads them; views into `action`.
rules::Facts facts_of(const Action& action);

// Of a call of this name without its arguments; views into what is given.
rules::Facts facts_of_name(const Caller& caller, const std::string& server, std::string_view verb,
                           std::string_view name);

// Whether `verb` asks for a list, which needs no rule of its own: who may use one of its items may
// list, and sees only those.
bool is_list(std::string_view verb);
// A list whose items the caller may use in part.
bool lists_something(const rules::RuleSet& rules, rules::Facts facts, std::int64_t now);

// Is a denial softened to a record for this agent and server (mode: observe).
using Observed = std::function<bool(const std::string& agent, const std::string& server)>;

class PolicyControl final : public Control {
 public:
  PolicyControl(const RuleBoard& board, Observed observed)
      : board_(board), observed_(std::move(observed)) {}
  std::string_view name() const override { return "rules"; }
  Verdict decide(const Action& action, const Moment& moment) const override;

  // May the caller use this name at all (list filtering). With a list's verb and no name: may it
  // list at all.
  bool may_use(const Caller& caller, const std::string& server, std::string_view verb,
               std::string_view name, const Moment& moment) const;
  // May a call of this name be held for people, with some arguments. Without a name: is there a
  // rule that holds anything.
  bool may_be_held(const Caller& caller, const std::string& server, std::string_view verb,
                   std::string_view name, const Moment& moment) const;

 private:
  const RuleBoard& board_;
  Observed observed_;
};

}  // namespace pawl
