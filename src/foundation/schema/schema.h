// JSON Schema 2020-12, the subset that can be decided within bounds (docs/formats/rules.md).
//
// Purpose:    check arguments of calls against a rule's schema, and results against a server's own.
// Threading:  a Schema is immutable; validate() from any thread.
// Ownership:  a Schema keeps its own copy of all it needs.
// Errors:     compile: kMalformed (not a schema), kUnsupported (a keyword or pattern outside the
//             subset, a misspelt keyword), kTooLarge; each with the JSON Pointer into the schema.
// Not errors: compile_foreign takes anything: what it cannot decide is kIndeterminate there.
//
// Supported: boolean schemas; $ref to "#" and "#/pointer", $defs, definitions; type, enum, const;
// minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf (exact decimals); minLength,
// maxLength (code points), pattern; items, prefixItems, contains, minContains, maxContains,
// minItems, maxItems, uniqueItems; properties, patternProperties, additionalProperties,
// propertyNames, required, minProperties, maxProperties, dependentRequired, dependentSchemas;
// allOf, anyOf, oneOf, not, if, then, else. Annotations ($comment, title, description, default,
// examples, deprecated, readOnly, writeOnly) say nothing. `format` and `content*` are annotations
// of a server's schema and refused in a rule's, where they would look like a check.
//
// Example:
//   Result<std::shared_ptr<const Schema>> limit = Schema::compile(body);   // a rule's schema
//   if ((*limit)->validate(arguments).verdict != schema::Verdict::kValid) { /* does not hold */ }
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace pawl::schema {

enum class Verdict {
  kValid,
  kInvalid,
  kIndeterminate,  // outside the subset, or over a bound: never to be read as valid
};

struct Report {
  Verdict verdict = Verdict::kIndeterminate;
  std::string pointer;  // JSON Pointer to the first value that failed or could not be decided
  std::string keyword;  // the keyword it failed; empty when valid
};

struct Node;

class Schema {
 public:
  // A rule's schema: all of it must be understood.
  static Result<std::shared_ptr<const Schema>> compile(const json::Value& schema);
  // A server's own schema. Never fails; problems() lists what makes parts of it indeterminate.
  static std::shared_ptr<const Schema> compile_foreign(const json::Value& schema);

  ~Schema();

  // At most 200,000 steps and 400 nested subschemas; beyond: kIndeterminate.
  Report validate(const json::Value& value) const;
  // "#/properties/a: keyword unevaluatedItems is not supported"; at most 16 are kept.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  friend class Compiler;
  Schema();

  std::vector<Node> nodes_;  // nodes_[0] is the root; refs are indices
  std::vector<std::string> problems_;
};

// "valid", "invalid", "indeterminate".
std::string_view verdict_name(Verdict verdict);

}  // namespace pawl::schema
