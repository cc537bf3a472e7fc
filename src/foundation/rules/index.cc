#include "foundation/rules/index.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

namespace pawl::rules {
namespace {

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
}

// Every stored prefix of `text` sorts at or before it, and is a prefix of everything between: so
// all of them are the last entry at or before `text`, or above that one.
void PrefixTable::find(std::string_view text, std::vector<RuleIndex>& out) const {
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

Index::Index(const std::vector<Indexed>& rules, const AtomTable& atoms) {
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
    for (const auto& [field, part, text] : *keys) {
      Table& table = tables_[static_cast<std::size_t>(field)];
      if (part == Part::kExact) {
        table.exact[text].push_back(i);
        continue;
      }
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

void Index::look_up(const Table& table, std::string_view text, std::vector<RuleIndex>& out) const {
  if (text.empty()) {
    return;
  }
  if (!table.exact.empty()) {
    if (const auto found = table.exact.find(text); found != table.exact.end()) {
      out.insert(out.end(), found->second.begin(), found->second.end());
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
}

void Index::candidates(const Facts& facts, std::vector<RuleIndex>& out) const {
  out.clear();
  for (std::size_t i = 0; i < kNameFields; ++i) {
    const Field field = static_cast<Field>(i);
    if (field != Field::kGroup) {
      look_up(tables_[i], fact(facts, field), out);
    } else if (facts.groups != nullptr) {
      for (const std::string& group : *facts.groups) {
        look_up(tables_[i], group, out);
      }
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

}  // namespace pawl::rules
