// What a rule asks for where it lets a call pass: `then: { allow: { redact: ..., limit: ... } }`.
//
// Purpose:    obligations of one rule, and what those of several ask for together: all that any of
//             them takes out, and the lowest of each limit.
// Threading:  plain values, immutable once loaded; pure functions.
// Errors:     read_obligations: kMalformed / kUnsupported "file:line:column: what, expected what";
//             an obligation that is not known is one.
// Source:     docs/formats/rules.md, "Obligations".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "foundation/rules/redaction.h"
#include "foundation/rules/rules.h"
#include "foundation/rules/yaml_tree.h"

namespace pawl::rules {

// Only ever lower than what is configured.
struct CallLimits {
  std::optional<std::int64_t> open;     // calls at once, of one agent under this rule
  std::optional<std::int64_t> bytes;    // of the request's parameters, and of the answer
  std::optional<std::int64_t> seconds;  // from forwarding to the answer

  bool any() const { return open || bytes || seconds; }
  friend bool operator==(const CallLimits&, const CallLimits&) = default;
};

struct Obligations {
  std::vector<std::string> pointers, patterns;  // sorted, each once
  CallLimits limit;
  std::shared_ptr<const Redaction> redaction;  // of pointers and patterns; null: nothing

  friend bool operator==(const Obligations& one, const Obligations& other) {
    return one.pointers == other.pointers && one.patterns == other.patterns &&
           one.limit == other.limit;
  }
};

// What stands under `allow`, at least one member.
Result<Obligations> read_obligations(const std::string& file, const Yaml& map);

// {"redact":["/content/*/text",{"matches":"[0-9]{16}"}],"limit":{"bytes":1000}}; only what is
// there.
json::Object print_obligations(const Obligations& obligations);
// "2 places and 1 pattern are taken out of the answer; at most 3 calls open, 1000 bytes, 5 s"
std::string obligations_text(const Obligations& obligations);

// Asks for everything that `other` asks for. nullptr: asks for nothing.
bool no_laxer(const Obligations* one, const Obligations* other);

// Of all of them together, without what was compiled. `open` is each rule's own, so the lowest of
// them is what an agent has at most.
Obligations joined_obligations(const std::vector<const RuleInfo*>& rules);

// What a call has to meet: each rule's, with the rule's id.
struct Obliged {
  struct One {
    std::string rule;
    std::shared_ptr<const Obligations> what;
  };
  std::vector<One> all;
};

}  // namespace pawl::rules
