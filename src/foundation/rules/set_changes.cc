#include "foundation/rules/set_changes.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/json.h"
#include "foundation/rules/narrowing_proof.h"
#include "foundation/rules/obligation.h"

namespace pawl::rules {
namespace {

// A rule of one of the sets; position kNone: there is none.
struct At {
  const ComparableSet* set;
  std::size_t position;
};
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

const RuleInfo& info(const At& at) {
  return at.set->rules().rules()[at.position];
}

// The rule alone, or beside one that allows everything.
std::vector<ComparedRule> alone(const At& at, bool beside_all) {
  std::vector<ComparedRule> out;
  if (beside_all) {
    out.push_back({.effect = Effect::kAllow, .when = {}});
  }
  if (at.position != kNone) {
    out.push_back(at.set->parts().rules[at.position]);
  }
  return out;
}

bool surely_narrower(const At& child, const At& parent) {
  const auto is_so = [&](bool beside_all) {
    return prove_narrower({child.set->parts().atoms, alone(child, beside_all)},
                          {parent.set->parts().atoms, alone(parent, beside_all)}) == Narrower::kYes;
  };
  return is_so(false) && is_so(true);
}

Drift drift_of(bool narrower, bool wider) {
  return narrower && wider ? Drift::kSame
         : narrower        ? Drift::kNarrows
         : wider           ? Drift::kWidens
                           : Drift::kUnknown;
}

std::string then_text(const RuleInfo& rule) {
  std::string out(effect_name(rule.effect));
  if (rule.hold != nullptr) {
    out += " " + json::canonical(json::Value(print_hold_terms(*rule.hold)));
  }
  if (rule.obliges != nullptr) {
    out +=
        (rule.hold != nullptr ? ", allow " : " ") + json::print(print_obligations(*rule.obliges));
  }
  return out;
}

std::string expires_text(const RuleInfo& rule) {
  return rule.expires_at ? format_rfc3339(WallTime{*rule.expires_at * 1'000'000}) : "";
}

std::vector<MemberChange> members(const At& before, const At& after) {
  const RuleInfo& old_rule = info(before);
  const RuleInfo& new_rule = info(after);
  const auto when = [](const At& at) {
    return condition_text(at.set->parts().rules[at.position].when, at.set->parts().atoms);
  };
  const auto mode = [](const RuleInfo& rule) {
    return std::string(rule.mode == Mode::kEnforce ? "enforce" : "observe");
  };
  std::vector<MemberChange> out;
  for (MemberChange& one :
       std::vector<MemberChange>{{"when", when(before), when(after)},
                                 {"then", then_text(old_rule), then_text(new_rule)},
                                 {"mode", mode(old_rule), mode(new_rule)},
                                 {"expires", expires_text(old_rule), expires_text(new_rule)},
                                 {"reason", old_rule.reason, new_rule.reason},
                                 {"owner", old_rule.owner, new_rule.owner}}) {
    if (one.was != one.now) {
      out.push_back(std::move(one));
    }
  }
  return out;
}

std::vector<MemberChange> header_changes(const SetHeader* before, const SetHeader* after) {
  const auto text = [](const SetHeader* header, const std::string& value) {
    return header != nullptr ? value : std::string();
  };
  static const SetHeader kEmpty;
  const SetHeader& was = before != nullptr ? *before : kEmpty;
  const SetHeader& now = after != nullptr ? *after : kEmpty;
  std::vector<MemberChange> out;
  for (MemberChange& one :
       std::vector<MemberChange>{{"name", was.name, now.name},
                                 {"owner", was.owner, now.owner},
                                 {"version", text(before, std::to_string(was.version)),
                                  text(after, std::to_string(now.version))}}) {
    if (one.was != one.now) {
      out.push_back(std::move(one));
    }
  }
  return out;
}

using Positions = std::map<std::string_view, std::size_t>;

Positions positions(const ComparableSet& set) {
  Positions out;
  for (std::size_t i = 0; i < set.rules().rules().size(); ++i) {
    out.emplace(set.rules().rules()[i].id, i);
  }
  return out;
}

// Rules that both have, in the order of the new one: does the old one have them in another?
bool is_reordered(const ComparableSet& after, const Positions& old) {
  std::size_t last = 0;
  for (const RuleInfo& rule : after.rules().rules()) {
    if (const auto at = old.find(rule.id); at != old.end()) {
      if (at->second < last) {
        return true;
      }
      last = at->second;
    }
  }
  return false;
}

Drift drift_of_all(const ComparableSet& before, const ComparableSet& after) {
  const Narrower narrower = is_narrower(after, before);
  const bool is_wider = is_narrower(before, after) == Narrower::kYes;
  return narrower == Narrower::kNo ? Drift::kWidens
                                   : drift_of(narrower == Narrower::kYes, is_wider);
}

}  // namespace

SetChanges set_changes(const ComparableSet& before, const ComparableSet& after) {
  SetChanges out;
  out.header = header_changes(before.rules().header(), after.rules().header());
  const Positions old = positions(before);
  const Positions now = positions(after);
  const auto add = [&](RuleChange::Kind kind, const At& was, const At& is,
                       std::vector<MemberChange> changed) {
    const RuleInfo& shown = info(kind == RuleChange::Kind::kRemoved ? was : is);
    out.rules.push_back({kind, shown.id, shown.at, std::move(changed),
                         drift_of(surely_narrower(is, was), surely_narrower(was, is))});
  };
  for (std::size_t i = 0; i < after.rules().rules().size(); ++i) {
    const auto at = old.find(after.rules().rules()[i].id);
    const At is{&after, i};
    if (at == old.end()) {
      add(RuleChange::Kind::kAdded, {&before, kNone}, is, {});
    } else if (auto changed = members({&before, at->second}, is); !changed.empty()) {
      add(RuleChange::Kind::kChanged, {&before, at->second}, is, std::move(changed));
    }
  }
  for (std::size_t i = 0; i < before.rules().rules().size(); ++i) {
    if (!now.contains(before.rules().rules()[i].id)) {
      add(RuleChange::Kind::kRemoved, {&before, i}, {&after, kNone}, {});
    }
  }
  out.order = is_reordered(after, old);
  out.drift = drift_of_all(before, after);
  return out;
}

}  // namespace pawl::rules
