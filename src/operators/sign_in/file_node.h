// Reads the files of people strictly: exactly the members of their pages, and the place of what is
// wrong.
//
// Threading:  plain values, pure functions. The parsed text outlives its nodes.
// Errors:     kMalformed with the JSON Pointer.
// Source:     docs/formats/accounts.md.
//
// Example:    const Node root{&parsed->value, ""};
//             if (Status status = check_members(root, {"format", "people"}); !status) { ... }
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/json.h"
#include "operators/sign_in/webauthn.h"

namespace pawl::sign_in {

json::Object print_passkey(const Passkey& passkey);

}  // namespace pawl::sign_in

namespace pawl::sign_in::file_node {

// A value of the file and its JSON Pointer, for messages.
struct Node {
  const json::Value* value;
  std::string at;
};

tl::unexpected<Error> malformed(const Node& node, std::string_view expected);
// The members of an object: those of `needed`, those of `more` where they are, and no others.
Status check_members(const Node& node, std::initializer_list<std::string_view> needed,
                     std::initializer_list<std::string_view> more = {});
// Of an object that has it.
Node member(const Node& node, std::string_view name);
bool has(const Node& node, std::string_view name);
// Of an array of at most `most`; ends with the first that is wrong.
Status for_each(const Node& node, std::size_t most, const std::function<Status(const Node&)>& read);
Result<std::string> text_of(const Node& node);
Result<std::int64_t> number_of(const Node& node, std::int64_t most);  // from 0
Result<Passkey> read_passkey(const Node& node);                       // what print_passkey() says

}  // namespace pawl::sign_in::file_node
