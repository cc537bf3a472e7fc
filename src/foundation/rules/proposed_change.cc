#include "foundation/rules/proposed_change.h"

#include <cstdio>
#include <string_view>

#include "base/hidden_text.h"
#include "foundation/records/kinds.h"
#include "foundation/rules/glob.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxArguments = 1024;
constexpr std::size_t kShortId = 8;  // of the end, which is random

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

bool has_nul(std::string_view text) {
  return text.find('\0') != text.npos;
}

// As flow YAML that a rule compares exactly. False: it cannot, or `out` grew too long.
bool append_exactly(const json::Value& value, std::string& out) {
  if (value.is_object()) {
    const char* before = "{ ";
    for (const auto& [key, inner] : value.get_object()) {
      out.append(before).append(quoted(key)).append(": ");
      if (has_nul(key) || !append_exactly(inner, out)) {
        return false;
      }
      before = ", ";
    }
    out += value.get_object().empty() ? "{}" : " }";
  } else if (value.is_array()) {
    out += "[";
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      out += i > 0 ? ", " : "";
      if (!append_exactly(value.get_array()[i], out)) {
        return false;
      }
    }
    out += "]";
  } else if (value.is_string()) {
    out += quoted(value.get_string());
    return !has_nul(value.get_string()) && out.size() <= kMaxArguments;
  } else {
    out += json::print(value);
    return !value.is_double() && !value.is_uint64() && out.size() <= kMaxArguments;
  }
  return out.size() <= kMaxArguments;
}

// Whatever the rules do not name would be free: all of the arguments are compared as one value.
std::string arguments_of(const AskedCall& call, bool& is_exact) {
  if (call.arguments == nullptr) {
    return "exists: false";
  }
  std::string out = "equals: ";
  is_exact = append_exactly(*call.arguments, out);
  return is_exact ? out : "exists: true";
}

Condition condition_of(const AskedCall& call) {
  Condition out;
  out.text = "{ agent: " + quoted(call.agent) + ", on_behalf_of: " +
             (call.on_behalf_of.empty() ? "{ exists: false }" : quoted(call.on_behalf_of)) +
             ", server: " + quoted(call.server) + ", verb: " + quoted(call.verb);
  if (!call.name.empty()) {
    const bool by_uri = kinds::area(call.verb) == kinds::area(kinds::kResourceRead);
    out.text.append(by_uri ? ", resource: " : ", tool: ").append(quoted(call.name));
  }
  out.text.append(", arguments: { \"\": { ")
      .append(arguments_of(call, out.is_exact))
      .append(" } } }");
  return out;
}

}  // namespace

Result<std::string> proposed_change(const AskedCall& call) {
  for (const std::string* name : {&call.agent, &call.on_behalf_of, &call.server, &call.name}) {
    if (has_wildcard(*name) || has_nul(*name)) {
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
  if (!condition.is_exact) {
    out.append(
        "#    ITS ARGUMENTS CANNOT BE NAMED HERE (too long, or a number with a fraction), so\n");
    out.append(
        "#    that any would do. Name what it needs; then take away the \"# \" before \"then\".\n");
  }
  out.append("rules:\n  - id: always-")
      .append(
          call.approval.substr(call.approval.size() - std::min(call.approval.size(), kShortId)));
  out.append("\n    when: ").append(condition.text);
  out.append(condition.is_exact ? "\n    then: " : "\n    # then: ");
  out.append(call.obligations.empty() ? "allow" : "{ allow: " + call.obligations + " }")
      .append("\n");
  if (out.size() > kMaxProposal) {
    return fail(
        Code::kUnsupported,
        "its names, or what that rule obliges it to, are too long for a proposal. Write the "
        "rule by hand");
  }
  return out;
}

}  // namespace pawl::rules
