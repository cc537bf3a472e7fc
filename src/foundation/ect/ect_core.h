// Reading a token for those who keep little of it: a verifier of a log reads every one.
//
// Purpose:    the extension object of a record is most of what reading copies. Here it is judged
//             where it stands.
// Threading:  pure functions.
// Errors:     as read() and check_claims() (ect.h).
#pragma once

#include <cstddef>

#include "foundation/ect/ect.h"

namespace pawl::ect {

// Judges as read() does; `claims.ext` and `compact` of the result stay empty.
Result<Token> read_core(const jose::Jws& jws);

// check_claims() of claims whose extension object stands elsewhere. `ext_bytes`: of its text; 0
// where it is known to be within the limit.
Status check_claims_with(const Claims& claims, const json::Object& ext, std::size_t ext_bytes,
                         Level level);

}  // namespace pawl::ect
