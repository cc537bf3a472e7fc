// The `_meta` member: keys of the protocol, reading, and byte-exact splices.
//
// Purpose:    `_meta` is spliced, never re-serialised: every byte outside the changed member stays.
// Threading:  pure functions.
// Not errors: a missing `_meta` or key.
//
// Example:
//   std::string text = with_meta(message.text, *message.params, "progressToken", "17");
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"

namespace pawl::mcp {

inline constexpr std::string_view kMeta = "_meta";
inline constexpr std::string_view kMetaProtocolVersion = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kMetaClientInfo = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view kMetaClientCapabilities =
    "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view kMetaServerInfo = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view kMetaSubscription = "io.modelcontextprotocol/subscriptionId";
inline constexpr std::string_view kMetaRelatedTask = "io.modelcontextprotocol/related-task";
inline constexpr std::string_view kMetaProgressToken = "progressToken";
inline constexpr std::string_view kExtensionTasks = "io.modelcontextprotocol/tasks";

// container._meta[key], of params or result; nullptr when missing or `_meta` is no object.
const json::Value* meta_value(const json::Value* container, std::string_view key);
std::optional<std::string_view> meta_string(const json::Value* container, std::string_view key);

// `text` with object._meta[key] = raw; `_meta` is added when missing, and replaced when it is no
// object. `object` is the span of params, result or error data within `text`.
std::string with_meta(std::string_view text, json::Span object, std::string_view key,
                      std::string_view raw);
// The same for several members, of which each next one stands first; one splice of `text`.
struct MetaMember {
  enum class Form { kRaw, kText };
  std::string_view key;  // needs no escaping
  std::string_view value;
  Form form = Form::kRaw;  // kText: quoted where it is written
};
std::string with_meta(std::string_view text, json::Span object,
                      std::span<const MetaMember> members);

// A change of a text that is not made yet: what stands at `at` becomes `raw`.
struct Splice {
  json::Span at;
  std::string raw;
};
// What with_meta changes; nothing without members.
Splice meta_splice(std::string_view text, json::Span object, std::span<const MetaMember> members);
// Two changes that do not overlap.
std::string spliced(std::string_view text, const Splice& one, const Splice& other);

// The raw text of object._meta[key]; nullopt when missing.
std::optional<std::string_view> meta_text(std::string_view text, json::Span object,
                                          std::string_view key);

}  // namespace pawl::mcp
