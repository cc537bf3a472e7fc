#include "foundation/acp/acp_patterns.h"

#include <string_view>

namespace pawl::acp {
namespace {

constexpr std::string_view kOfPatterns = "*?[({|+\\";

// Measured with the patterns that cost most (a star before each character), and rounded up.
constexpr std::size_t kPatternBytes = 32 * 1024, kBytesOfACharacter = 640;
constexpr std::size_t kNodeBytes = 16 * 1024;  // its act is a set of its own

void count(const json::Value& value, PatternUse& out) {
  if (const json::Object* object = value.if_object()) {
    for (const auto& member : *object) {
      count(member.value(), out);
    }
  } else if (const json::Array* list = value.if_array()) {
    for (const json::Value& element : *list) {
      count(element, out);
    }
  } else if (value.is_string()) {
    const std::string_view text = value.get_string();
    if (text.find_first_of(kOfPatterns) != std::string_view::npos) {
      ++out.count;
      out.bytes += text.size();
    }
  }
}

void count(const Constraints& constraints, PatternUse& out) {
  if (constraints.rules) {
    for (const json::Value& rule : *constraints.rules) {
      if (const json::Value* when = json::find(rule, {"when"})) {
        count(*when, out);
      }
    }
  }
}

}  // namespace

PatternUse patterns_in(const Claims& claims) {
  PatternUse out;
  for (const Constraints& one : claims.constraints) {
    count(one, out);
  }
  for (const Node& node : claims.nodes) {
    if (node.constraints) {
      count(*node.constraints, out);
    }
  }
  return out;
}

std::size_t memory_of(const Claims& claims) {
  const PatternUse patterns = patterns_in(claims);
  return (claims.nodes.size() + claims.gates.size() + 1) * kNodeBytes +
         patterns.count * kPatternBytes + patterns.bytes * kBytesOfACharacter;
}

}  // namespace pawl::acp
