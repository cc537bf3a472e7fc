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

std::string_view area(std::string_view exec_act) {
  return exec_act.substr(0, exec_act.find('.'));
}

}  // namespace pawl::kinds
