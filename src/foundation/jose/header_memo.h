// The header of the token read last, for whoever reads many: those of one key share its text.
//
// Purpose:    a log has one header for a hundred thousand records; it is read when it changes.
// Threading:  a plain value; one thread at a time.
//
// Example:
//   thread_local jose::HeaderMemo memo;
//   Result<jose::Jws> jws = jose::decode(token, token.size(), memo);  // jws->header stays empty
#pragma once

#include <string>

#include "foundation/jose/jws.h"

namespace pawl::jose {

// Of a header that was read and is good.
struct HeaderMemo {
  std::string encoded;  // base64url; empty: none was read
  std::string alg, typ, kid;
};

// As decode(); alg, typ and kid of the result are filled, its header object is not.
Result<Jws> decode(std::string compact, std::size_t max_bytes, HeaderMemo& memo);

}  // namespace pawl::jose
