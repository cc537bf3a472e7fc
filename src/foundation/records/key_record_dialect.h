// Key records in either dialect (key_record.h reads the names of -01).
//
// Threading:  a pure function. Errors, not errors: as read_key_record().
#pragma once

#include "foundation/records/key_record.h"

namespace pawl {

// `typ`: of the token's header.
Result<std::optional<KeyRecord>> read_key_record_of(std::string_view typ, std::string_view exec_act,
                                                    const json::Value& payload);

}  // namespace pawl
