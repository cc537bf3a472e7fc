#include "foundation/rules/warnings.h"

#include <algorithm>

#include "foundation/records/kinds.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxPairs = 2'000'000;  // of deny rules and others compared; bounds the time

// The atoms that must all hold.
std::vector<std::uint32_t> conjuncts(const Condition& condition) {
  if (condition.kind == Condition::Kind::kAtom) {
    return {condition.atom};
  }
  std::vector<std::uint32_t> out;
  if (condition.kind == Condition::Kind::kAll) {
    for (const Condition& child : condition.children) {
      const std::vector<std::uint32_t> more = conjuncts(child);
      out.insert(out.end(), more.begin(), more.end());
    }
  }
  return out;
}

bool is_flat(const Condition& condition) {
  return condition.kind == Condition::Kind::kAtom ||
         (condition.kind == Condition::Kind::kAll &&
          std::all_of(condition.children.begin(), condition.children.end(), is_flat));
}

// Whenever `narrow` holds, `wide` does.
bool implies(const Atom& narrow, const Atom& wide) {
  const bool names = narrow.field == wide.field && wide.field != Field::kArgument &&
                     narrow.op == Operator::kOneOf && wide.op == Operator::kOneOf;
  if (!names) {
    return false;
  }
  const auto everything = [](const Glob& glob) { return glob.matches_everything(); };
  if (std::any_of(wide.globs.begin(), wide.globs.end(), everything)) {
    return true;
  }
  const auto holds = [&](const std::string& text) {
    return std::binary_search(wide.texts.begin(), wide.texts.end(), text) ||
           std::any_of(wide.globs.begin(), wide.globs.end(),
                       [&](const Glob& glob) { return glob.matches(text); });
  };
  return narrow.globs.empty() && !narrow.texts.empty() &&
         std::all_of(narrow.texts.begin(), narrow.texts.end(), holds);
}

bool covers(const std::vector<std::uint32_t>& deny, const std::vector<std::uint32_t>& allow,
            const AtomTable& atoms) {
  return std::all_of(deny.begin(), deny.end(), [&](std::uint32_t wide) {
    return std::any_of(allow.begin(), allow.end(), [&](std::uint32_t narrow) {
      return narrow == wide || implies(atoms[narrow], atoms[wide]);
    });
  });
}

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
  struct Deny {
    std::size_t rule;
    std::vector<std::uint32_t> atoms;
  };
  std::vector<Deny> denies;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const RuleInfo& info = infos[i];
    if (now && info.expires_at && *now >= *info.expires_at) {
      out.push_back(where(info) + "has expired and matches nothing");
    }
    if (info.hold != nullptr && info.hold->roles.empty()) {
      out.push_back(where(info) + "nobody may approve (roles: []): whatever it holds is denied");
    }
    verb_warnings(conditions[i], atoms, where(info), out);
    if (info.effect == Effect::kDeny && info.mode == Mode::kEnforce && !info.expires_at &&
        is_flat(conditions[i])) {
      denies.push_back({i, conjuncts(conditions[i])});
    }
  }
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < infos.size() && pairs < kMaxPairs; ++i) {
    if (infos[i].effect == Effect::kDeny) {
      continue;
    }
    const std::vector<std::uint32_t> allow = conjuncts(conditions[i]);
    pairs += denies.size();
    const auto cover = std::find_if(denies.begin(), denies.end(), [&](const Deny& deny) {
      return covers(deny.atoms, allow, atoms);
    });
    if (cover != denies.end()) {
      out.push_back(where(infos[i]) + "is never reached: rule " + infos[cover->rule].id +
                    " denies all of it");
    }
  }
  return out;
}

}  // namespace pawl::rules
