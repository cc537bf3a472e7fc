// The text that an HTTP message signature signs (RFC 9421, 2.5).
//
// Purpose:    from a request and the covered components of one member of Signature-Input.
// Threading:  pure.
// Errors:     kProofComponents: a component that is not in the request, stands twice, is not known,
//             or has parameters (none of RFC 9421's is supported).
// Source:     RFC 9421, sections 2.1, 2.2, 2.3 and 2.5.
#pragma once

#include <string>
#include <vector>

#include "infrastructure/http/message.h"
#include "infrastructure/identity/refusal.h"
#include "infrastructure/identity/structured_field.h"

namespace pawl::identity {

// The names of the covered components, in order. `input`: an inner list.
Judged<std::vector<std::string>> covered_components(const SfMember& input);
Judged<std::string> signature_base(const http::Request& request, const SfMember& input);

}  // namespace pawl::identity
