// Records of Pawl's own state in words: who stopped what and why, who let it go on, what started.
//
// Threading:  pure functions. Words of people are shown as data (shown_text.h).
// Not errors: a kind that has nothing to say: an empty text.
//
// Example:    "agent:triage stopped by local token: wrong folder"
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "foundation/jose/jws.h"

namespace pawl {

std::string state_words(std::string_view kind, const jose::Jws& record);
// What of it is for machines beside the words: {"stop": {...}} or {"lift": {...}}; else empty.
json::Object state_members(std::string_view kind, const jose::Jws& record);

}  // namespace pawl
