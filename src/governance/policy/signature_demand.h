// Which sets of rules have to be signed: `rule_signatures` of pawl.yaml.
// Threading: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pawl {

enum class SignatureDemand : std::uint8_t {
  kOptional,    // none
  kOnceSigned,  // every one after the first that was
  kRequired,    // every one but what was in force before there were signatures
};

inline constexpr std::array<std::string_view, 3> kSignatureDemands = {"optional", "once_signed",
                                                                      "required"};

constexpr std::string_view demand_name(SignatureDemand demand) {
  return kSignatureDemands[static_cast<std::size_t>(demand)];
}

}  // namespace pawl
