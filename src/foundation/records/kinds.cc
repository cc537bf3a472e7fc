#include "foundation/records/kinds.h"

#include <algorithm>

namespace pawl::kinds {

bool is_known(std::string_view exec_act) {
  return std::find(kAll.begin(), kAll.end(), exec_act) != kAll.end();
}

std::string_view canonical(std::string_view exec_act) {
  const auto found = std::find(kAll.begin(), kAll.end(), exec_act);
  return found == kAll.end() ? std::string_view{} : *found;
}

bool is_notice(std::string_view verb) {
  constexpr std::array kNotices = {kResourceUpdated, kElicitationCompleted, kLogMessage,
                                   kTaskStatus};
  return std::find(kNotices.begin(), kNotices.end(), verb) != kNotices.end();
}

bool outlives_pruning(std::string_view exec_act) {
  constexpr std::array kKinds = {
      kLedgerOpened,     kLedgerPruned,     kPolicyActivated,  kConfigChanged,
      kOverrideApplied,  kOverrideLifted,   kKeyActivated,     kKeyRetired,
      kKeyCompromised,   kIdentityEnrolled, kIdentityRemoved,  kIdentityRevoked,
      kIdentityRestored, kAuditErasure,     kOperatorEnrolled, kOperatorRemoved};
  return std::find(kKinds.begin(), kKinds.end(), exec_act) != kKinds.end();
}

std::string_view area(std::string_view exec_act) {
  return exec_act.substr(0, exec_act.find('.'));
}

}  // namespace pawl::kinds
