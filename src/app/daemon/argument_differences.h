// Where the arguments of a held call differ from those of others like it.
//
// Purpose:    for the eye of whoever decides: nothing is decided by it.
// Threading:  pure function.
// Not errors: params that are no JSON, or have more than kMostLeaves values: nothing is compared.
// Bounds:     kMostShown differences; how many more there are is told.
// Source:     docs/formats/console_api.md, "usual".
//
// Example:    differences_of(R"({"arguments":{"n":2}})", {R"({"arguments":{"n":1}})"})
//             {"differs":[{"pointer":"/arguments/n","now":"2","before":["1"]}]}
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace pawl {

inline constexpr std::size_t kMostLeaves = 1'024, kMostShown = 64, kMostAlike = 3;

// {differs: [{pointer, now, before: [...]}], more?}: values as JSON text, each of `others` once.
// `now` is left out where only the others have a value; empty: nothing could be compared.
json::Object differences_of(const std::string& params, const std::vector<std::string>& others);

}  // namespace pawl
