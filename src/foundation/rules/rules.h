// The rule language: one parser, one index, one matcher, one explain (design, section 4).
//
// Purpose:    decide one Action against a set of rules, at a cost that does not grow with the
//             number of rules; first form, without the time part.
// Threading:  a RuleSet is immutable after load; decide() from any thread.
// Ownership:  what a Decision points to lives as long as its RuleSet (held by shared_ptr).
// Errors:     load: kMalformed / kUnsupported with "file:line:column: what, expected what"; a set
//             loads whole or not at all.
// Not errors: an empty set: it denies everything.
//
// Order: deny beats hold beats allow; within one kind the first in file order is named; nothing
// matches: deny. A hold may permit only where it is true; where it is in doubt it holds what some
// rule permits, and permits nothing (docs/adr/0041). Obligations count wherever their rule may
// match.
// Example (docs/formats/rules.md):
//   rules:
//     - id: triage-reads
//       when: { agent: triage, server: files, verb: tool.call, tool: read_text_file,
//               arguments: { path: { glob: "/srv/tickets/**" } } }
//       then: allow
//       reason: triage reads tickets
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "foundation/records/hold_terms.h"

namespace pawl::rules {

// What a decision reads. Views must outlive the call. Empty text means "not there", which is
// different from any value: a condition on an absent fact never matches.
struct Facts {
  std::string_view agent;
  std::vector<std::string> const* groups = nullptr;
  std::string_view on_behalf_of;
  std::string_view server;
  std::string_view verb;                   // "tool.call"
  std::string_view tool;                   // tool or prompt name, as the upstream knows it
  std::string_view resource;               // URI
  const json::Value* arguments = nullptr;  // the governed arguments; nullptr: none
};

enum class Effect { kAllow, kHold, kDeny };  // the later beats the earlier
constexpr std::string_view effect_name(Effect effect) {
  return effect == Effect::kAllow ? "allow" : effect == Effect::kHold ? "hold" : "deny";
}
enum class Mode { kEnforce, kObserve };
struct Obligations;  // obligation.h

struct Location {
  std::string file;
  int line = 0;    // from 1
  int column = 0;  // from 1
};

// One rule as people see it.
struct RuleInfo {
  std::string id;
  Effect effect = Effect::kDeny;
  std::shared_ptr<const HoldTerms> hold;  // of a hold, else null
  // Of a call that it allows, or holds and people approve; null: nothing more is asked for.
  std::shared_ptr<const Obligations> obliges;
  Mode mode = Mode::kEnforce;  // observe: would deny or hold, is recorded, lets pass
  std::string reason;
  std::string owner;
  std::optional<std::int64_t> expires_at;  // seconds; an expired rule does not match
  Location at;
};

struct Decision {
  Effect effect = Effect::kDeny;
  const RuleInfo* rule = nullptr;   // deciding rule; nullptr: no rule matched (default deny)
  const RuleInfo* would = nullptr;  // a rule that matched and was passed over, for it only observes
  // Ids of the predicates that were looked at and held, ascending; the same for the same facts.
  std::vector<std::uint32_t> atoms;
  std::size_t rules_touched = 0;  // how many rules were evaluated, for the flatness test
  // Of what is allowed or held: each enforced rule with obligations that is not known not to match,
  // read as a deny rule is. Whichever of them decides, the obligations of all count.
  std::vector<const RuleInfo*> obliged;

  // Of `rule`, when it holds; null: nobody is asked.
  const HoldTerms* hold() const { return effect == Effect::kHold ? rule->hold.get() : nullptr; }
};

// One predicate of one rule against the facts, for `why` and `rules explain`.
struct Difference {
  std::string what;      // "tool", "arguments.path"
  std::string expected;  // in words: 'glob "/srv/tickets/**"'
  std::string found;     // shown for names; for arguments only its kind and length, never content
};
struct Nearest {
  const RuleInfo* rule = nullptr;
  std::vector<Difference> differences;  // none: it matches
  bool in_doubt = false;  // a hold that is not false and not true: it matches, and permits nothing
};

// `set:` of a file, see set_header.h.
struct SetHeader {
  std::string name;   // as a rule's id
  std::string owner;  // 1 to 200 bytes, for people
  std::int64_t version = 0;
  Location at{};
  // "support/7", as records say it.
  std::string text() const { return name + "/" + std::to_string(version); }
};

struct Source {
  std::string file;  // name for messages
  std::string text;  // YAML
};

class RuleSet {
 public:
  // Loads all sources as one set. Duplicate ids, unknown keys, empty `when` lists and patterns that
  // RE2 refuses are errors. `now` is used only by decide().
  static Result<std::shared_ptr<const RuleSet>> load(const std::vector<Source>& sources);
  static std::shared_ptr<const RuleSet> empty();

  virtual ~RuleSet() = default;
  // Pure: no I/O, no clock. now: recorder's time in seconds, for expiries.
  virtual Decision decide(const Facts& facts, std::int64_t now) const = 0;
  // Could some arguments be allowed or held: such a rule fits agent, server, verb and tool (or
  // resource) whatever the arguments, and no unconditional deny does. Used to filter lists.
  virtual bool could_permit(const Facts& facts, std::int64_t now) const = 0;
  // Could the caller use at least one tool / prompt / resource of this server with this verb.
  virtual bool could_permit_any(const Facts& without_name, std::int64_t now) const = 0;
  // Could some arguments be held: could_permit is then true, too.
  virtual bool could_hold(const Facts& facts, std::int64_t now) const = 0;
  // What a call of this tool may have had to meet, whatever its arguments and whenever it was made:
  // for what is left of it, a task. `any_name`: of whichever tool.
  virtual std::vector<const RuleInfo*> could_oblige(const Facts& facts, bool any_name) const = 0;
  // The rule that would have allowed or held it with the fewest changes; rule == nullptr: none.
  virtual Nearest nearest(const Facts& facts, std::int64_t now) const = 0;
  // Every rule with its differences, deciding one first; for `pawl rules explain`.
  virtual std::vector<Nearest> explain(const Facts& facts, std::int64_t now) const = 0;

  virtual const std::vector<RuleInfo>& rules() const = 0;
  virtual std::string digest() const = 0;  // 43 characters over the normalised set
  virtual const SetHeader* header() const { return nullptr; }  // nullptr: the files have none
  // The text of a predicate by atom id: 'arguments.path glob "/srv/**"'.
  virtual std::string atom_text(std::uint32_t atom) const = 0;
  // What is legal and probably not meant: a verb that does not exist, a hold that nobody may
  // approve. With `now`, also the rules that have expired. What rules do to each other: shadowed.h.
  virtual std::vector<std::string> warnings(std::optional<std::int64_t> now = {}) const = 0;
};

}  // namespace pawl::rules
