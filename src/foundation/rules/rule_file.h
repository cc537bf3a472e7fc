// From YAML to rules and conditions; internal to foundation/rules.
//
// Purpose:    rule_file.cc reads rules, when_reader.cc what stands under `when`.
// Threading:  one thread.
// Errors:     kMalformed / kUnsupported, each "file:line:column: what, expected what".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "foundation/rules/condition.h"
#include "foundation/rules/rules.h"
#include "foundation/rules/yaml_tree.h"

namespace pawl::rules {

struct LoadedRule {
  RuleInfo info;
  Condition when;
};

// Appends the rules of one source, in file order. `header`: taken from the source that has one;
// a second one is an error.
Status read_rules(const Source& source, AtomTable& atoms, std::vector<LoadedRule>& rules,
                  std::optional<SetHeader>& header);

// 1 to 64 of a-z 0-9 . _ -, first a letter or digit: of a rule, and of a role.
bool is_rule_id(const std::string& text);
Atom atom_of(Field field);
// A single child stands for itself, except under kNot.
Condition group(Condition::Kind kind, std::vector<Condition> children);
// 'is "x"' or 'one of ["x", 5]', from the exact texts and values of an atom.
std::string one_of_text(const Atom& atom);

// The condition under `when:`. Names, arguments and combinators are read in when_reader.cc,
// matchers in matcher_reader.cc.
class WhenReader {
 public:
  WhenReader(const std::string& file, AtomTable& atoms) : file_(file), atoms_(atoms) {}
  Result<Condition> read(const Yaml& when);

 private:
  Result<Condition> member(const Yaml& key, const Yaml& value);
  Result<Condition> list_of(Condition::Kind kind, const Yaml& list);
  Result<Condition> name(Field field, const Yaml& value);
  Result<Condition> arguments(const Yaml& map);
  Result<Condition> argument(const Yaml& key, const Yaml& value);
  Result<Condition> matchers(const Atom& subject, const Yaml& map);
  Result<Atom> matcher(const Atom& subject, const Yaml& key, const Yaml& value);
  Status equals(Atom& atom, const Yaml& value);
  Status in(Atom& atom, const Yaml& list);
  Status globs(Atom& atom, const Yaml& value);
  Status regex(Atom& atom, const Yaml& value);
  Status range(Atom& atom, const Yaml& map);
  Status size(Atom& atom, const Yaml& map);
  Status schema(Atom& atom, const Yaml& value);
  Status exists(Atom& atom, const Yaml& value);
  Status add_glob(Atom& atom, const Yaml& value);
  Status add_value(Atom& atom, const Yaml& value);
  Result<std::string> text(const Yaml& value, const std::string& expected);
  Condition leaf(Atom atom);

  const std::string& file_;
  AtomTable& atoms_;
};

}  // namespace pawl::rules
