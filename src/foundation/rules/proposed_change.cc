#include "foundation/rules/proposed_change.h"

#include <string_view>

#include "foundation/records/kinds.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMostText = 128;
constexpr std::size_t kMaxArguments = 1024;
constexpr std::size_t kShortId = 8;
constexpr std::size_t kMostObligations = 256;

struct Condition {
  std::string text;
  bool is_exact = true;
};

// A key of `arguments` is a path, and a glob is none here.
bool can_be_named(std::string_view key) {
  return !key.empty() && key.find_first_of(".*\"\\") == key.npos && key.size() <= kMostText;
}

bool can_be_compared(const json::Value& value) {
  return value.is_bool() || value.is_int64() ||
         (value.is_string() && value.get_string().size() <= kMostText);
}

// JSON texts are YAML, and quoted: nothing that an agent wrote ends a line or begins a remark.
Condition condition_of(const AskedCall& call) {
  Condition out;
  out.text = "{ agent: " + json::quote(call.agent) + ", server: " + json::quote(call.server) +
             ", verb: " + json::quote(call.verb);
  if (!call.name.empty()) {
    const bool by_uri = kinds::area(call.verb) == kinds::area(kinds::kResourceRead);
    out.text.append(by_uri ? ", resource: " : ", tool: ").append(json::quote(call.name));
  }
  std::string arguments;
  if (call.arguments != nullptr && call.arguments->is_object()) {
    for (const auto& [key, value] : call.arguments->get_object()) {
      const std::string one = can_be_named(key) && can_be_compared(value)
                                  ? json::quote(key) + ": { equals: " + json::print(value) + " }"
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

std::string proposed_change(const AskedCall& call) {
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
  if (call.obligations.empty() || call.obligations.size() > kMostObligations) {
    out.append("\n    then: allow\n");
  } else {
    out.append("\n    then: { allow: ").append(call.obligations).append(" }\n");
  }
  if (call.obligations.size() > kMostObligations) {
    out.append("# WHAT THAT RULE OBLIGES THE CALL TO IS TOO LONG FOR HERE. Add it to `allow`.\n");
  }
  return out;
}

}  // namespace pawl::rules
