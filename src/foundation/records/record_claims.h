// The two claims of a record whose names differ between the dialects, read in one place.
//
// Purpose:    a log holds what was issued, in -01 (`pred`, `ect_ext`), in -00 (`par`, `ext`), or,
//             where the operator changed `tokens.issue`, in both; its readers ask here.
// Threading:  pure functions over a payload that the caller keeps.
// Errors:     none: nullptr or nullopt, when the claim is missing.
// Not errors: both names in -00: the newer one counts, as in ect::read(), which refuses a token
//             under whose two names different things stand.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/json.h"

namespace pawl {

// `typ`: of the token's header, which says the dialect. Under exec+jwt only the new names are read.
const json::Value* record_parents(std::string_view typ, const json::Value& payload);
const json::Value* record_extension(std::string_view typ, const json::Value& payload);
// What stands at a path within the extension object.
const json::Value* in_extension(std::string_view typ, const json::Value& payload,
                                std::initializer_list<std::string_view> path);
std::optional<std::string_view> text_in_extension(std::string_view typ, const json::Value& payload,
                                                  std::initializer_list<std::string_view> path);

// Whether the record holds part of its body only: then it has the digest of the whole, plain or
// salted, or says that digests had to be left out. `area`: of its kind.
bool stands_out_of_line(std::string_view typ, const json::Value& payload, std::string_view area);

}  // namespace pawl
