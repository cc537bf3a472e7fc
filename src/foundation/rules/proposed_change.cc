#include "foundation/rules/proposed_change.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <string_view>

#include "base/hidden_text.h"
#include "base/json_changes.h"
#include "foundation/records/kinds.h"
#include "foundation/rules/glob.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMostText = 128;
constexpr std::size_t kMaxArguments = 1024;
constexpr std::size_t kShortId = 8;

struct Condition {
  std::string text;
  bool is_exact = true;
};

// YAML 1.2.2, 5.7: \uXXXX and \UXXXXXXXX are code points, other than in JSON.
void append_yaml_escape(std::string& out, std::uint32_t point) {
  char buffer[16];
  std::snprintf(buffer, sizeof(buffer), point > 0xffff ? "\\U%08x" : "\\u%04x", point);
  out += buffer;
}

// Below that JSON texts are YAML: nothing that an agent wrote ends a line or begins a remark.
std::string quoted(std::string_view text) {
  return escape_hidden(json::quote(text), append_yaml_escape);
}

bool is_short(std::string_view text) {
  return text.size() <= kMostText && text.find('\0') == text.npos;
}

bool can_be_compared(const json::Value& value) {
  return value.is_bool() || value.is_int64() || (value.is_string() && is_short(value.get_string()));
}

std::string value_text(const json::Value& value) {
  return value.is_string() ? quoted(value.get_string()) : json::print(value);
}

// A member of `arguments` as the rules name it: a plain name, else a JSON Pointer.
std::string path_of(std::string_view key) {
  const bool is_plain = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  return quoted(is_plain ? std::string(key) : json::pointer_step(key));
}

Condition condition_of(const AskedCall& call) {
  Condition out;
  out.text = "{ agent: " + quoted(call.agent) + ", server: " + quoted(call.server) +
             ", verb: " + quoted(call.verb);
  if (!call.name.empty()) {
    const bool by_uri = kinds::area(call.verb) == kinds::area(kinds::kResourceRead);
    out.text.append(by_uri ? ", resource: " : ", tool: ").append(quoted(call.name));
  }
  std::string arguments;
  if (call.arguments != nullptr && call.arguments->is_object()) {
    for (const auto& [key, value] : call.arguments->get_object()) {
      const std::string one = is_short(key) && can_be_compared(value)
                                  ? path_of(key) + ": { equals: " + value_text(value) + " }"
                                  : std::string();
      if (one.empty() || arguments.size() + one.size() > kMaxArguments) {
        out.is_exact = false;
        continue;
      }
      arguments.append(arguments.empty() ? "" : ", ").append(one);
    }
  }
  if (!arguments.empty()) {
    out.text.append(", arguments: { ").append(arguments).append(" }");
  }
  out.text += " }";
  return out;
}

}  // namespace

Result<std::string> proposed_change(const AskedCall& call) {
  for (const std::string* name : {&call.agent, &call.server, &call.name}) {
    if (has_wildcard(*name) || name->find('\0') != name->npos) {
      return fail(Code::kUnsupported,
                  "no rule can name this call alone: a name with \"*\" is a glob in rules. Write "
                  "the rule by hand");
    }
  }
  const Condition condition = condition_of(call);
  std::string out = "# For review: people were asked for approval " + call.approval + ".\n";
  out.append("# 1. Rule \"").append(call.held_by).append("\" holds it. Add to its `when`:\n");
  out.append("#      not: ").append(condition.text).append("\n");
  out.append("# 2. A rule that allows it, if no other does:\n");
  out.append(condition.is_exact
                 ? "#    It fits calls with more arguments than these, too.\n"
                 : "#    NOT ALL ARGUMENTS ARE NAMED: some can have any value. Narrow it.\n");
  out.append("rules:\n  - id: always-").append(call.approval.substr(0, kShortId));
  out.append("\n    when: ").append(condition.text);
  if (call.obligations.empty()) {
    out.append("\n    then: allow\n");
  } else {
    out.append("\n    then: { allow: ").append(call.obligations).append(" }\n");
  }
  if (out.size() > kMaxProposal) {
    return fail(
        Code::kUnsupported,
        "its names, or what that rule obliges it to, are too long for a proposal. Write the "
        "rule by hand");
  }
  return out;
}

}  // namespace pawl::rules
