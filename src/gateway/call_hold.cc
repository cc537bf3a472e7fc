// A call that a control holds: people have to be asked before it goes on.
//
// There is nobody to ask yet, so it is refused (fail closed). This file is the one place of the
// path that says what becomes of a hold; it is asked after every decision, the ones behind a wait
// and at the gate included. Threading: the I/O thread.
#include "foundation/records/kinds.h"
#include "gateway/call.h"
#include "path/plugged.h"

namespace pawl {

bool Call::released_from_hold() {
  if (!plugged(ControlId::kHold)) {
    return true;
  }
  const Verdict& verdict = decision_.verdict;
  // Nobody waits for a notice, and it says how things are now: an approval would come too late. A
  // rule that holds nothing but notices is a mistake of its author.
  const bool can_wait = !kinds::is_notice(action_.verb);
  denied_ = Refusal{can_wait ? Code::kApprovalRequired : Code::kDenied,
                    std::string(decision_.control),
                    verdict.rule,
                    verdict.reason + (can_wait ? "; approvals cannot be given yet, so it is refused"
                                               : "; a notice cannot wait, so it is refused"),
                    false,
                    0};
  return false;
}

}  // namespace pawl
