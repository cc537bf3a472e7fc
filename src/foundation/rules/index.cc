#include "foundation/rules/index.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

namespace pawl::rules {
namespace {

// A name's field stands in the upper bits of its number, so that a posting says where to compare.
constexpr unsigned kFieldShift = 29;
// What a rule that needs no other name needs: every request has it.
constexpr NameId kAnyName = static_cast<NameId>(kNameFields) << kFieldShift;

using Key = IndexKey;
using Keys = std::vector<Key>;
using Counts = std::map<Key, std::size_t>;

// The keys of which one must fit for the atom to hold; nullopt: it may hold without any.
std::optional<Keys> keys_of(const Atom& atom) {
  if (atom.field == Field::kArgument || atom.op != Operator::kOneOf) {
    return std::nullopt;
  }
  Keys keys;
  for (const std::string& text : atom.texts) {
    keys.emplace_back(atom.field, KeyTable::Side::kWhole, text);
  }
  for (const Glob& glob : atom.globs) {
    if (glob.prefix().empty() && glob.suffix().empty()) {
      return std::nullopt;
    }
    if (glob.prefix().size() >= glob.suffix().size()) {
      keys.emplace_back(atom.field, KeyTable::Side::kStart, glob.prefix());
    } else {
      keys.emplace_back(atom.field, KeyTable::Side::kEnd, glob.suffix());
    }
  }
  return keys;
}

void count_keys(const Condition& condition, const AtomTable& atoms, Counts& counts) {
  if (condition.kind == Condition::Kind::kAtom) {
    for (const Key& key : keys_of(atoms[condition.atom]).value_or(Keys())) {
      ++counts[key];
    }
  }
  for (const Condition& child : condition.children) {
    count_keys(child, atoms, counts);
  }
}

// How many rules a request that fits one of the keys would have to look at.
std::size_t cost(const std::optional<Keys>& keys, const Counts& counts) {
  std::size_t worst = 0;
  for (const Key& key : keys.value_or(Keys())) {
    const std::size_t glob_cost = std::get<KeyTable::Side>(key) == KeyTable::Side::kWhole ? 0 : 2;
    worst = std::max(worst, counts.at(key) + glob_cost);
  }
  return keys ? worst : std::numeric_limits<std::size_t>::max();
}

std::optional<Keys> best_keys(const Condition& condition, const AtomTable& atoms,
                              const Counts& counts) {
  switch (condition.kind) {
    case Condition::Kind::kAtom:
      return keys_of(atoms[condition.atom]);
    case Condition::Kind::kNot:
      return std::nullopt;
    case Condition::Kind::kAll: {
      std::optional<Keys> best;
      for (const Condition& child : condition.children) {
        std::optional<Keys> one = best_keys(child, atoms, counts);
        if (cost(one, counts) < cost(best, counts)) {
          best = std::move(one);
        }
      }
      return best;
    }
    case Condition::Kind::kAny: {
      Keys all;
      for (const Condition& child : condition.children) {
        const std::optional<Keys> one = best_keys(child, atoms, counts);
        if (!one) {
          return std::nullopt;
        }
        all.insert(all.end(), one->begin(), one->end());
      }
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
      return all;
    }
  }
  return std::nullopt;
}

// The exact name that an atom cannot do without. A caller has one name a field, so a rule that must
// have another cannot match. Groups are several.
const std::string* one_name(const Atom& atom) {
  const bool one = atom.op == Operator::kOneOf && atom.texts.size() == 1 && atom.globs.empty() &&
                   atom.field != Field::kArgument && atom.field != Field::kGroup;
  return one ? &atom.texts.front() : nullptr;
}

// By field; nullptr: any.
using NeededNames = std::array<const std::string*, kNameFields>;

void require(const Condition& condition, const AtomTable& atoms, NeededNames& needed) {
  if (condition.kind == Condition::Kind::kAll) {
    for (const Condition& child : condition.children) {
      require(child, atoms, needed);
    }
  }
  if (condition.kind == Condition::Kind::kAtom) {
    const Atom& atom = atoms[condition.atom];
    if (const std::string* name = one_name(atom)) {
      needed[static_cast<std::size_t>(atom.field)] = name;
    }
  }
}

// The field of the rarest name needed beside the key; kNameFields: none.
std::size_t rarest(const NeededNames& needed, const Key& key, const Counts& counts) {
  std::size_t best = kNameFields;
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (std::size_t i = 0; i < kNameFields; ++i) {
    if (needed[i] == nullptr) {
      continue;
    }
    const Key name(static_cast<Field>(i), KeyTable::Side::kWhole, *needed[i]);
    if (name != key && counts.at(name) < fewest) {
      best = i;
      fewest = counts.at(name);
    }
  }
  return best;
}

}  // namespace

NameId Index::name(Field field, const std::string& text) {
  const NameId next = static_cast<NameId>(field) << kFieldShift | (last_name_ + 1);
  const NameId id = tables_[static_cast<std::size_t>(field)].exact.name(text, next);
  last_name_ += id == next ? 1 : 0;
  return id;
}

Index::Index(const std::vector<Indexed>& rules, const AtomTable& atoms) : needed_(rules.size()) {
  Counts counts;
  for (const Indexed& rule : rules) {
    count_keys(*rule.when, atoms, counts);
  }
  for (RuleIndex i = 0; i < rules.size(); ++i) {
    std::optional<Keys> keys = best_keys(*rules[i].when, atoms, counts);
    if (!keys) {
      scanned_.push_back(i);
      continue;
    }
    std::sort(keys->begin(), keys->end());  // two globs may have one start
    keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
    NeededNames needed{};
    require(*rules[i].when, atoms, needed);
    for (std::size_t f = 0; f < kNameFields; ++f) {
      needed_[i][f] = needed[f] == nullptr ? 0 : name(static_cast<Field>(f), *needed[f]);
    }
    for (const Key& key : *keys) {
      add(key, i, rarest(needed, key, counts), rules[i].effect);
    }
  }
  for (Table& table : tables_) {
    table.exact.build();
    table.starts.build();
    table.ends.build();
  }
}

void Index::add(const IndexKey& key, RuleIndex rule, std::size_t other, Effect effect) {
  const auto& [field, part, text] = key;
  const Posting posting{rule, other == kNameFields ? kAnyName : needed_[rule][other]};
  Table& table = tables_[static_cast<std::size_t>(field)];
  if (part == KeyTable::Side::kWhole) {
    table.exact.add(text, posting);
    return;
  }
  (part == KeyTable::Side::kStart ? table.starts : table.ends).add(text, posting);
  if (effect != Effect::kAllow) {
    table.glob_restricts.push_back(rule);
  }
}

bool Index::holds_for_candidates(const Atom& atom, RuleIndex rule) const {
  const std::string* const name = one_name(atom);
  if (name == nullptr) {
    return false;
  }
  const auto field = static_cast<std::size_t>(atom.field);
  const NameId needed = needed_[rule][field];
  return needed != 0 && tables_[field].exact.at(*name).name == needed;
}

NameId Index::look_up(const Table& table, std::string_view text, Found& found) const {
  if (text.empty()) {
    return 0;
  }
  const Postings whole = table.exact.at(text);
  if (whole.count != 0) {
    found.postings.push_back(whole);
  }
  table.starts.find(text, found.postings);
  table.ends.find(text, found.postings);
  if (!table.glob_restricts.empty() && is_devious(text)) {
    found.in_doubt.insert(found.in_doubt.end(), table.glob_restricts.begin(),
                          table.glob_restricts.end());
  }
  return whole.name;
}

bool Index::fits(RuleIndex rule, const NameIds& names) const {
  const NameIds& needed = needed_[rule];
  bool other = false;
  for (std::size_t i = 0; i < kNameFields; ++i) {
    other |= needed[i] != 0 && needed[i] != names[i];
  }
  return !other;
}

std::size_t Index::candidates(const Facts& facts, std::vector<RuleIndex>& out) const {
  thread_local Found found;
  found.postings.clear();
  found.in_doubt.clear();
  NameIds names{};
  names[kNameFields] = kAnyName;
  for (std::size_t i = 0; i < kNameFields; ++i) {
    const Field field = static_cast<Field>(i);
    if (field != Field::kGroup) {
      names[i] = look_up(tables_[i], fact(facts, field), found);
    } else if (facts.groups != nullptr) {
      for (const std::string& group : *facts.groups) {
        look_up(tables_[i], group, found);
      }
    }
  }
  out.clear();
  std::size_t touched = found.in_doubt.size();
  for (const Postings& list : found.postings) {
    touched += list.count;
    for (const Posting* at = list.first; at != list.first + list.count; ++at) {
      if (names[at->other >> kFieldShift] == at->other && fits(at->rule, names)) {
        out.push_back(at->rule);
      }
    }
  }
  std::copy_if(found.in_doubt.begin(), found.in_doubt.end(), std::back_inserter(out),
               [&](RuleIndex rule) { return fits(rule, names); });
  if (found.postings.size() + found.in_doubt.size() > 1) {  // one list is in order
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }
  return touched;
}

}  // namespace pawl::rules
