#include "operators/approval/approval_end.h"

#include <algorithm>

namespace pawl::approval {

std::string end_in_words(const Approval& one) {
  const std::string id = "approval " + one.id.text();
  if (one.phase == Phase::kDenied) {
    const auto by = std::find_if(one.by.begin(), one.by.end(), [](const Signed& signed_) {
      return signed_.decision == Decision::kDeny;
    });
    return id + " was denied" +
           (by == one.by.end() ? std::string() : " by " + by->person + " (" + by->role + ")");
  }
  if (one.phase == Phase::kExpired && one.ending == Ending::kTime) {
    return one.uses > 0 ? id + " is over: its time to be used has passed"
                        : id + " is over: nobody decided in time";
  }
  if (one.phase == Phase::kExpired && one.ending == Ending::kCancelled) {
    return id + " was cancelled";
  }
  return {};
}

}  // namespace pawl::approval
