// Keys of ours in the `_meta` of what others send.
//
// Purpose:    who reads `pawl.record/id` or `pawl.record/refusal` may rely on it: Pawl wrote it, or
//             nobody. What servers send in `_meta` under our prefix is taken out wherever it
//             stands, and so is what clients send, except what they may ask of us.
// Threading:  pure functions.
// Cost:       a search for the prefix; only a text that may hold it is read (once, in one pass).
// Not errors: no `_meta`, or one that is no object.
// Not looked at: the one member that the caller names, at its own place only: data that tools
//             define, and hashed. Elsewhere a member of that name is like any other.
//
// Example:
//   std::string body = without_own_keys(std::move(answer.body), kStructuredContent);
#pragma once

#include <string>
#include <string_view>

namespace pawl::mcp {

inline constexpr std::string_view kStructuredContent = "structuredContent";
inline constexpr std::string_view kArguments = "arguments";

// False: neither function below changes this text.
bool may_hold_own_keys(std::string_view json);
// `json` is text that json::parse accepted. Every byte outside the removed members stays, and so
// does the member `data` of the outermost object, whole.
std::string without_own_keys(std::string json, std::string_view data = {});
// The same for what a client sends: `pawl.record/parents` and `pawl.record/repeat-of` stay.
std::string without_forged_keys(std::string json, std::string_view data = {});

}  // namespace pawl::mcp
