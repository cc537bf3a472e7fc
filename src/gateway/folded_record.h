// A log's token, read for the fold.
//
// Threading:  any thread; what it keeps is per thread.
// Not errors: a token that is no Pawl record (docs/formats/records.md): nothing is applied.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/fold_part.h"

namespace pawl {

// Calls `apply` once if the token is a Pawl record with a body. Returns the token's iat, which
// counts for one of another profile, too; nullopt: it cannot be read. Its signature was checked
// when it was written, and is by `pawl verify`.
std::optional<std::int64_t> read_folded(std::uint64_t index, std::string_view token,
                                        const std::function<void(const FoldedRecord&)>& apply);

// 0: no such member, or none that is an integer.
std::int64_t number_in(const json::Value& object, std::string_view name);
// The UUIDs of a list; anything else is skipped. nullptr: none.
std::vector<Uuid> ids_in(const json::Value* list);

}  // namespace pawl
