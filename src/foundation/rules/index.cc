#include "foundation/rules/index.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace pawl::rules {
namespace {

constexpr std::size_t kFewLengths = 4;

enum class Part : std::uint8_t { kExact, kStart, kEnd };
using Key = std::tuple<Field, Part, std::string>;
using Keys = std::vector<Key>;
using Counts = std::map<Key, std::size_t>;

// The keys of which one must fit for the atom to hold; nullopt: it may hold without any.
std::optional<Keys> keys_of(const Atom& atom) {
  if (atom.field == Field::kArgument || atom.op != Operator::kOneOf) {
    return std::nullopt;
  }
  Keys keys;
  for (const std::string& text : atom.texts) {
    keys.emplace_back(atom.field, Part::kExact, text);
  }
  for (const Glob& glob : atom.globs) {
    if (glob.prefix().empty() && glob.suffix().empty()) {
      return std::nullopt;
    }
    if (glob.prefix().size() >= glob.suffix().size()) {
      keys.emplace_back(atom.field, Part::kStart, glob.prefix());
    } else {
      keys.emplace_back(atom.field, Part::kEnd,
                        std::string(glob.suffix().rbegin(), glob.suffix().rend()));
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
    const std::size_t glob_cost = std::get<Part>(key) == Part::kExact ? 0 : 2;
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

}  // namespace

void PrefixTable::add(const std::string& prefix, RuleIndex rule) {
  entries_.push_back({prefix, -1, {rule}});
}

void PrefixTable::build() {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.prefix < b.prefix; });
  std::vector<Entry> merged;
  for (Entry& entry : entries_) {
    if (!merged.empty() && merged.back().prefix == entry.prefix) {
      merged.back().rules.push_back(entry.rules.front());
      continue;
    }
    std::int32_t parent = static_cast<std::int32_t>(merged.size()) - 1;
    while (parent >= 0 && !entry.prefix.starts_with(merged[parent].prefix)) {
      parent = merged[parent].parent;
    }
    entry.parent = parent;
    merged.push_back(std::move(entry));
  }
  entries_ = std::move(merged);
  std::set<std::size_t> lengths;
  for (const Entry& entry : entries_) {
    lengths.insert(entry.prefix.size());
  }
  if (lengths.size() > kFewLengths) {
    return;
  }
  lengths_.assign(lengths.begin(), lengths.end());
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    positions_.emplace(entries_[i].prefix, i);
  }
}

void PrefixTable::find(std::string_view text, std::vector<RuleIndex>& out) const {
  for (const std::size_t length : lengths_) {
    const auto at =
        length <= text.size() ? positions_.find(text.substr(0, length)) : positions_.end();
    if (at != positions_.end()) {
      const std::vector<RuleIndex>& rules = entries_[at->second].rules;
      out.insert(out.end(), rules.begin(), rules.end());
    }
  }
  if (!lengths_.empty()) {
    return;
  }
  // Every stored prefix of `text` sorts at or before it, and is a prefix of everything between: so
  // all of them are the last entry at or before `text`, or above that one.
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), text,
                       [](std::string_view t, const Entry& entry) { return t < entry.prefix; });
  for (auto at = static_cast<std::int32_t>(after - entries_.begin()) - 1; at >= 0;
       at = entries_[at].parent) {
    if (text.starts_with(entries_[at].prefix)) {
      out.insert(out.end(), entries_[at].rules.begin(), entries_[at].rules.end());
    }
  }
}

Index::Name& Index::name(Field field, const std::string& text) {
  auto& names = tables_[static_cast<std::size_t>(field)].exact;
  Name& entry = names[text];
  entry.id = entry.id == 0 ? static_cast<std::uint32_t>(names.size()) : entry.id;
  return entry;
}

// A caller has one name a field, so a rule that must have another cannot match. Groups are several.
void Index::require(const Condition& condition, const AtomTable& atoms, NameIds& needed) {
  if (condition.kind == Condition::Kind::kAll) {
    for (const Condition& child : condition.children) {
      require(child, atoms, needed);
    }
  }
  if (condition.kind != Condition::Kind::kAtom) {
    return;
  }
  const Atom& atom = atoms[condition.atom];
  const bool one_name = atom.op == Operator::kOneOf && atom.texts.size() == 1 &&
                        atom.globs.empty() && atom.field != Field::kArgument &&
                        atom.field != Field::kGroup;
  if (one_name) {
    needed[static_cast<std::size_t>(atom.field)] = name(atom.field, atom.texts.front()).id;
  }
}

Index::Index(const std::vector<Indexed>& rules, const AtomTable& atoms) : needed_(rules.size()) {
  Counts counts;
  for (const Indexed& rule : rules) {
    count_keys(*rule.when, atoms, counts);
  }
  for (RuleIndex i = 0; i < rules.size(); ++i) {
    const std::optional<Keys> keys = best_keys(*rules[i].when, atoms, counts);
    if (!keys) {
      scanned_.push_back(i);
      continue;
    }
    require(*rules[i].when, atoms, needed_[i]);
    for (const auto& [field, part, text] : *keys) {
      if (part == Part::kExact) {
        name(field, text).rules.push_back(i);
        continue;
      }
      Table& table = tables_[static_cast<std::size_t>(field)];
      (part == Part::kStart ? table.starts : table.ends).add(text, i);
      if (rules[i].effect == Effect::kDeny) {
        table.glob_denies.push_back(i);
      }
    }
  }
  for (Table& table : tables_) {
    table.starts.build();
    table.ends.build();
  }
}

std::uint32_t Index::look_up(const Table& table, std::string_view text,
                             std::vector<RuleIndex>& out) const {
  if (text.empty()) {
    return 0;
  }
  std::uint32_t id = 0;
  if (!table.exact.empty()) {
    if (const auto found = table.exact.find(text); found != table.exact.end()) {
      id = found->second.id;
      out.insert(out.end(), found->second.rules.begin(), found->second.rules.end());
    }
  }
  if (!table.starts.empty()) {
    table.starts.find(text, out);
  }
  if (!table.ends.empty()) {
    table.ends.find(std::string(text.rbegin(), text.rend()), out);
  }
  if (!table.glob_denies.empty() && is_devious(text)) {
    out.insert(out.end(), table.glob_denies.begin(), table.glob_denies.end());
  }
  return id;
}

std::size_t Index::candidates(const Facts& facts, std::vector<RuleIndex>& out) const {
  out.clear();
  NameIds ids{};
  for (std::size_t i = 0; i < kNameFields; ++i) {
    const Field field = static_cast<Field>(i);
    if (field != Field::kGroup) {
      ids[i] = look_up(tables_[i], fact(facts, field), out);
    } else if (facts.groups != nullptr) {
      for (const std::string& group : *facts.groups) {
        look_up(tables_[i], group, out);
      }
    }
  }
  const std::size_t found = out.size();
  std::erase_if(out, [&](RuleIndex rule) {
    const NameIds& needed = needed_[rule];
    bool other = false;
    for (std::size_t i = 0; i < kNameFields; ++i) {
      other |= needed[i] != 0 && needed[i] != ids[i];
    }
    return other;
  });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return found;
}

}  // namespace pawl::rules
