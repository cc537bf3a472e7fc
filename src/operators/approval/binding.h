// What an approval is good for: one exact call by one exact caller under one set of rules.
//
// Purpose:    a grant fits a call only if every member is equal, byte for byte. The digest is what
// a
//             person signs and what a repeat is looked up by; equality is what decides.
// Threading:  plain value, pure functions.
// Errors:     check_binding: kInvalidParams (a member that is missing, too long or no UTF-8, which
//             could not be printed as what it is). read_binding: kMalformed.
// Not errors: an empty `on_behalf_of` (the agent acts for itself) or `name` (the verb has none).
// Rule:       `digest` is that of the exact params and never empty: a call without arguments has
//             one, too, and it is another than that of a call with empty arguments.
// Source:     docs/formats/approval.md.
//
// Example:    if (grant.binding == binding_of(action, rules)) { spend it }
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/uuid.h"

namespace pawl::approval {

inline constexpr std::size_t kMaxBindingText = 2048;  // bytes of one member
// Of all of it as canonical JSON, so that a statement and its record have room.
inline constexpr std::size_t kMaxBindingBytes = 1536;
inline constexpr std::size_t kDigestText = 43;  // a SHA-256 in base64url

struct Binding {
  std::string agent;
  std::string on_behalf_of;  // empty: nobody
  std::string server;
  std::string verb;
  std::string name;              // of the tool or prompt, or the URI; empty: the verb has none
  std::string digest;            // of the exact params (inp_hash), 43 characters
  std::string policy;            // digest of the rule set under which the call is held
  std::optional<Uuid> workflow;  // only where a verified token says it
  std::string token{};           // digest of the policy token that it is made under; empty: none

  friend bool operator==(const Binding&, const Binding&) = default;
};

Status check_binding(const Binding& binding);
json::Object print_binding(const Binding& binding);
Result<Binding> read_binding(const json::Value& value);  // exactly the members that are printed
// SHA-256 over the canonical JSON (RFC 8785) of print_binding, 43 characters.
std::string binding_digest(const Binding& binding);

// Whether a text has the form of a digest: one spelling for one value.
bool is_digest(std::string_view text);

}  // namespace pawl::approval
