// What a set of rules is called, whose it is and which of its versions it is: `set:` in one of its
// files.
//
// Purpose:    records, status and the signature of an operator name a set by name, version and
//             digest. The digest (set_digest.h) covers the rules and not the header, so that a set
//             says the same under every name.
// Threading:  pure function; a plain value.
// Errors:     kMalformed "file:line:column: what, expected what".
// Not errors: a set without a header; it cannot be signed.
//
// Example:
//   set: { name: support, owner: platform@example.org, version: 7 }
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "foundation/rules/rules.h"
#include "foundation/rules/yaml_tree.h"

namespace pawl::rules {

inline constexpr std::int64_t kMaxSetVersion = 9'007'199'254'740'991;  // 2^53 - 1
inline constexpr std::size_t kMaxOwnerBytes = 200;

Result<SetHeader> read_set_header(const std::string& file, const Yaml& set);

}  // namespace pawl::rules
