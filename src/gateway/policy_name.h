// What records say of the rules in force. Threading: plain value.
// Ownership: views that are valid until the rules change.
#pragma once

#include <string_view>

namespace pawl {

struct PolicyName {
  PolicyName(std::string_view given_digest = {}, std::string_view given_set = {})
      : digest(given_digest), set(given_set) {}
  std::string_view digest;
  std::string_view set;  // "NAME/VERSION"; empty: the set has no header
};

}  // namespace pawl
