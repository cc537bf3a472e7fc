// Keys of ours in the `_meta` of what others send.
//
// Purpose:    who reads `pawl.record/id` or `pawl.record/refusal` may rely on it: Pawl wrote it, or
//             nobody. What servers send in `_meta` under our prefix is taken out wherever it
//             stands, and so is what clients send, except what they may ask of us.
// Threading:  pure functions.
// Cost:       a search for the prefix; only a text that may hold it is read (once, in one pass).
// Not errors: no `_meta`, or one that is no object.
// Not looked at: `structuredContent` and `arguments`. They are data that tools define, and hashed.
//
// Example:
//   std::string body = without_own_keys(std::move(answer.body));
#pragma once

#include <string>

namespace pawl::mcp {

// `json` is text that json::parse accepted. Every byte outside the removed members stays.
std::string without_own_keys(std::string json);
// The same for what a client sends: `pawl.record/parents` and `pawl.record/repeat-of` stay.
std::string without_forged_keys(std::string json);

}  // namespace pawl::mcp
