#include "foundation/rules/warnings.h"

#include <algorithm>

#include "foundation/records/kinds.h"

namespace pawl::rules {
namespace {

bool holds_for_some_verb(const Atom& atom) {
  return std::any_of(kinds::kAll.begin(), kinds::kAll.end(), [&](std::string_view verb) {
    Facts facts;
    facts.verb = verb;
    return atom.on(facts) == Truth::kTrue;
  });
}

void verb_warnings(const Condition& condition, const AtomTable& atoms, const std::string& where,
                   std::vector<std::string>& out) {
  if (condition.kind == Condition::Kind::kAtom) {
    const Atom& atom = atoms[condition.atom];
    if (atom.field == Field::kVerb && atom.op != Operator::kExists && !holds_for_some_verb(atom)) {
      out.push_back(where + "no verb " + (atom.expected.starts_with("is ") ? "" : "fits ") +
                    atom.expected);
    }
  }
  for (const Condition& child : condition.children) {
    verb_warnings(child, atoms, where, out);
  }
}

std::string where(const RuleInfo& info) {
  return info.at.file + ":" + std::to_string(info.at.line) + ":" + std::to_string(info.at.column) +
         ": rule " + info.id + ": ";
}

}  // namespace

std::vector<std::string> warnings(const std::vector<RuleInfo>& infos,
                                  const std::vector<Condition>& conditions, const AtomTable& atoms,
                                  std::optional<std::int64_t> now) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const RuleInfo& info = infos[i];
    if (now && info.expires_at && *now >= *info.expires_at) {
      out.push_back(where(info) + "has expired and matches nothing");
    }
    if (info.hold != nullptr && info.hold->roles.empty()) {
      out.push_back(where(info) + "nobody may approve (roles: []): whatever it holds is denied");
    }
    verb_warnings(conditions[i], atoms, where(info), out);
  }
  return out;
}

}  // namespace pawl::rules
