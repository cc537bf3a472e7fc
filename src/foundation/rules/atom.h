// One predicate over one fact or argument: the smallest thing a rule asks.
//
// Purpose:    what is asked (subject and operator), its text, and its answer for given facts.
// Threading:  immutable once loaded.
// Not errors: an absent subject: it is an answer of its own, as is "cannot be decided".
//
// Equal predicates of a set are one atom; its id is the position in first-use order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "foundation/rules/glob.h"
#include "foundation/rules/rules.h"
#include "foundation/rules/text_pattern.h"
#include "foundation/schema/decimal.h"
#include "foundation/schema/schema.h"

namespace pawl::rules {

enum class Field : std::uint8_t {
  kAgent,
  kGroup,
  kOnBehalfOf,
  kServer,
  kVerb,
  kTool,
  kResource,
  kArgument,
};
inline constexpr std::size_t kNameFields = 7;  // all but kArgument
std::string_view field_name(Field field);

enum class Truth : std::uint8_t {
  kFalse,
  kTrue,
  kAbsent,       // the subject is not there
  kUndecidable,  // it is there, and the predicate makes no sense of it (docs/formats/rules.md)
};

enum class Operator : std::uint8_t { kOneOf, kMatches, kRange, kSize, kSchema, kExists };

struct Atom {
  Field field = Field::kArgument;
  std::vector<std::string> path;  // of an argument, from the root of the arguments
  Operator op = Operator::kOneOf;

  std::vector<std::string> texts;              // kOneOf: exact strings, sorted
  std::vector<Glob> globs;                     // kOneOf: of `glob`, or names with a wildcard
  json::Array values;                          // kOneOf: exact values that are not strings
  std::unique_ptr<const TextPattern> pattern;  // kMatches
  struct {
    std::optional<schema::Decimal> gt, gte, lt, lte;
  } range;
  struct {
    std::optional<std::uint64_t> min, max;
  } size;
  std::shared_ptr<const schema::Schema> schema;
  bool exists = true;

  std::string expected;                                            // 'glob "/srv/**"'
  std::string subject() const;                                     // "arguments.path"
  std::string text() const { return subject() + " " + expected; }  // unique within a set

  Truth on(const Facts& facts) const;

 private:
  Truth on_text(std::string_view value) const;
  Truth on_groups(const std::vector<std::string>* groups) const;
  Truth on_value(const json::Value& value) const;
};

// The text of a name fact; empty: absent. Not for kGroup and kArgument.
std::string_view fact(const Facts& facts, Field field);
// The argument at a path; nullptr: absent.
const json::Value* argument_at(const Facts& facts, const std::vector<std::string>& path);

}  // namespace pawl::rules
