// HTTP message signatures of workloads (RFC 9421, as draft-ietf-wimse-http-signature profiles it).
//
// Purpose:    that the sender has the key of its WIT, for this request and its content.
// Threading:  pure; time comes in.
// Errors:     a Finding with its own reason for each check.
// Not errors: signatures with another tag: they are not ours to judge.
// Source:     draft-ietf-wimse-http-signature-08; the covered "@request-target" of -06 and before
//             counts in place of "@path" and "@query".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "infrastructure/http/message.h"
#include "infrastructure/identity/wimse.h"

namespace pawl::identity {

inline constexpr std::string_view kFieldSignature = "Signature";
inline constexpr std::string_view kFieldSignatureInput = "Signature-Input";
inline constexpr std::string_view kWimseTag = "wimse-workload-to-workload";

// Whether a signature of this tag came. Fields that are no dictionaries have none.
bool has_wimse_signature(const http::Headers& headers);

// All but the content, which may not have arrived yet: check_content_digest (content_digest.h).
Judged<ShownProof> check_http_signature(const http::Request& request, const Wit& wit,
                                        const ProofExpected& expected,
                                        const std::vector<std::string>& audiences);
// Content that arrived is bound: Content-Digest is there, and is that of the body.
Judged<void> check_signed_content(const http::Request& request);

}  // namespace pawl::identity
