// Content-Digest (RFC 9530): that the content is the one that was signed.
// Threading: pure. Errors: kProofDigest: no such field, no digest that is known, or another's.
// Not errors: digests by algorithms that are not known, beside one that is.
#pragma once

#include <string_view>

#include "infrastructure/http/message.h"
#include "infrastructure/identity/refusal.h"

namespace pawl::identity {

inline constexpr std::string_view kFieldContentDigest = "Content-Digest";

// Over the exact bytes of the body, every digest of sha-256 and sha-512.
Judged<void> check_content_digest(const http::Headers& headers, std::string_view body);

}  // namespace pawl::identity
