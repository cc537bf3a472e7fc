// YAML text as a plain tree that remembers where everything stands.
//
// Purpose:    the one reader of rule files; every node has a line and a column for messages.
// Threading:  pure function; a Yaml is a plain value.
// Errors:     kMalformed (syntax, duplicate key, anchor, alias, tag, second document), kTooLarge
//             (8 MiB, 32 levels, 400,000 values); "file:line:column: what".
// Not errors: comments, block or flow style.
//
// Anchors, aliases and merge keys are refused: a rule stands where it is read, and a file of some
// bytes cannot unfold into gigabytes. Columns count bytes, from 1.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace pawl::rules {

struct Yaml {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  int line = 0;                                // from 1
  int column = 0;                              // from 1
  std::string text;                            // of a scalar
  bool quoted = false;                         // "5" is text, 5 is a number
  std::vector<Yaml> items;                     // of a list
  std::vector<std::pair<Yaml, Yaml>> members;  // of a map, keys are scalars, in file order

  // Out of line: clang looks into the pairs where they are defined, and here Yaml is not complete.
  Yaml();
  ~Yaml();
  Yaml(const Yaml& other);
  Yaml(Yaml&& other) noexcept;
  Yaml& operator=(const Yaml& other);
  Yaml& operator=(Yaml&& other) noexcept;

  const Yaml* find(std::string_view key) const;  // nullptr: no such key
};

Result<Yaml> parse_yaml(const std::string& file, const std::string& text);

// "file:line:column: what", as kMalformed.
tl::unexpected<Error> fail_in(const std::string& file, const Yaml& at, const std::string& what);

// The JSON value a node says. Plain scalars: null, true, false and JSON numbers are those; other
// plain scalars are text, except what a YAML 1.1 reader would take for something else (yes, off,
// 0x1F, 1_000, .5, ~): those must be quoted.
// Errors: kMalformed; also a number that a double cannot hold.
Result<json::Value> to_json(const std::string& file, const Yaml& node);

}  // namespace pawl::rules
