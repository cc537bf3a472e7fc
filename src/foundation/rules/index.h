// Which rules can match given facts: found by key, not by looking at each rule.
//
// Purpose:    every rule stands under the keys (an exact name, or the literal start or end of a
//             glob) without which it cannot match; the rest stand in a list that is always looked
//             at.
// Threading:  immutable after build; candidates() from any thread.
// Cost:       a hash look-up and two prefix searches a name field at most, plus the candidates.
//
// A glob says nothing sure about a devious text (glob.h), so a deny rule that stands under the key
// of a glob is also a candidate for every devious value of that field.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "foundation/rules/condition.h"

namespace pawl::rules {

using RuleIndex = std::uint32_t;

struct TransparentHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

// All stored texts that are a prefix of a given one.
class PrefixTable {
 public:
  void add(const std::string& prefix, RuleIndex rule);
  void build();
  void find(std::string_view text, std::vector<RuleIndex>& out) const;
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::string prefix;
    std::int32_t parent = -1;  // the longest other entry that is a prefix of this one
    std::vector<RuleIndex> rules;
  };
  std::vector<Entry> entries_;  // by prefix, ascending
  // Where the prefixes have few different lengths, one hash look-up each beats a binary search.
  std::vector<std::size_t> lengths_;  // ascending; empty: too many
  std::unordered_map<std::string, std::uint32_t, TransparentHash, std::equal_to<>> positions_;
};

struct Indexed {
  const Condition* when;
  Effect effect;
};

class Index {
 public:
  Index(const std::vector<Indexed>& rules, const AtomTable& atoms);
  // Rules that may match, ascending, each once, without those of scanned(). Returns how many stood
  // under the keys of the facts, before those that ask for another exact name were left out.
  std::size_t candidates(const Facts& facts, std::vector<RuleIndex>& out) const;
  // Rules under no key, ascending.
  const std::vector<RuleIndex>& scanned() const { return scanned_; }

 private:
  // Every exact name a rule cannot do without has a number, so that a candidate is compared by
  // numbers first. 0: no such name.
  using NameIds = std::array<std::uint32_t, kNameFields>;
  struct Name {
    std::uint32_t id = 0;
    std::vector<RuleIndex> rules;
  };
  struct Table {
    std::unordered_map<std::string, Name, TransparentHash, std::equal_to<>> exact;
    PrefixTable starts;
    PrefixTable ends;  // of reversed texts
    std::vector<RuleIndex> glob_denies;
  };
  Name& name(Field field, const std::string& text);
  void require(const Condition& condition, const AtomTable& atoms, NameIds& needed);
  // Adds the rules under the keys of `text`; returns its number.
  std::uint32_t look_up(const Table& table, std::string_view text,
                        std::vector<RuleIndex>& out) const;

  std::array<Table, kNameFields> tables_;
  std::vector<NameIds> needed_;  // by rule; 0: any
  std::vector<RuleIndex> scanned_;
};

}  // namespace pawl::rules
