// A control: one pure question asked of every Action, in the order of gateway/control_table.cc.
//
// Purpose:    stops, limits, rules and all later capabilities join the path through this interface.
// Threading:  decide() on the I/O thread; no I/O, no lock held over a call, no clock (now is
//             given).
// Errors:     none: a control that cannot decide answers kDeny with Code::kInternal.
// Not errors: kPass: this control has nothing against it. Something must allow, or hold: the table
//             denies an Action of which no control said either.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "foundation/records/hold_terms.h"
#include "foundation/records/policy_use.h"
#include "path/action.h"

namespace pawl::rules {
struct Obliged;  // foundation/rules/obligation.h
}  // namespace pawl::rules

namespace pawl {

enum class Ruling {
  kPass,   // nothing against it, nothing for it
  kAllow,  // this control is one that may allow, and does
  kHold,   // people have to be asked first, on the terms that stand beside it
  kDeny,
};

struct Verdict {
  Ruling ruling = Ruling::kPass;
  Code code = Code::kDenied;  // of a denial
  // Of kHold, and then never null: who may let it go on.
  std::shared_ptr<const HoldTerms> hold;
  std::string rule;    // id of the deciding rule, stop or limit
  std::string reason;  // for the caller: what was refused and why
  std::string where;   // file:line of the rule, for `why`
  bool retry_helps = false;
  std::int64_t retry_after_ms = 0;
  std::string would;                 // observe mode: "deny RULE" or "hold RULE", passed over
  std::vector<std::uint32_t> atoms;  // predicates that held, by id
  std::string nearest;               // for `why`: the nearest allowing rule and what differs
  // By which node of a policy token it was judged; null: by none. Kept whichever verdict wins.
  std::shared_ptr<const PolicyUse> policy;
  // What has to be met where it goes on; null: nothing. Kept whichever verdict wins.
  std::shared_ptr<const rules::Obliged> obliged;
};

// What decide may know besides the Action.
struct Moment {
  WallTime now;  // the recorder's time: never goes back
};

class Control {
 public:
  virtual ~Control() = default;
  virtual std::string_view name() const = 0;
  virtual Verdict decide(const Action& action, const Moment& moment) const = 0;
};

}  // namespace pawl
