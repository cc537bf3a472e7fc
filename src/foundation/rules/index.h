// Which rules can match given facts: found by key, not by looking at each rule.
//
// Purpose:    every rule stands under the keys (an exact name, or the literal start or end of a
//             glob) without which it cannot match; the rest stand in a list that is always looked
//             at.
// Threading:  immutable after build; candidates() from any thread.
// Cost:       the look-ups of key_table.h for each name field, plus the candidates. A rule that
//             stands under a key and needs another name than the caller's falls by numbers that
//             stand side by side.
//
// A glob says nothing sure about a devious text (glob.h), so a deny rule or a hold that stands
// under the key of a glob is also a candidate for every devious value of that field.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "foundation/rules/condition.h"
#include "foundation/rules/key_table.h"

namespace pawl::rules {

// A text without which a rule cannot match.
using IndexKey = std::tuple<Field, KeyTable::Side, std::string>;

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
  // True when the atom asks for the one exact name of its field that every candidate of `rule`
  // has: it is known to hold.
  bool holds_for_candidates(const Atom& atom, RuleIndex rule) const;

 private:
  // By field. In needed_, 0 stands for any name; in a request, for a name that no rule asks for.
  using NameIds = std::array<NameId, kNameFields + 1>;
  struct Table {
    KeyTable exact;
    KeyTable starts{KeyTable::Side::kStart};
    KeyTable ends{KeyTable::Side::kEnd};
    std::vector<RuleIndex> glob_restricts;  // deny rules and holds
  };
  struct Found {
    std::vector<Postings> postings;
    std::vector<RuleIndex> in_doubt;  // for a devious text
  };
  NameId name(Field field, const std::string& text);
  // `other`: the field of a name that is needed beside the key; kNameFields: none.
  void add(const IndexKey& key, RuleIndex rule, std::size_t other, Effect effect);
  // Adds what stands under the keys of `text`; returns its number.
  NameId look_up(const Table& table, std::string_view text, Found& found) const;
  bool fits(RuleIndex rule, const NameIds& names) const;

  std::array<Table, kNameFields> tables_;
  std::vector<NameIds> needed_;  // by rule
  std::vector<RuleIndex> scanned_;
  NameId last_name_ = 0;
};

}  // namespace pawl::rules
