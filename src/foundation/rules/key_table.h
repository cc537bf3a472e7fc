// Which rules stand under a text: a hash table that is built once and then only read.
//
// Purpose:    find the rules under an exact name, or under each literal start or end of a text.
// Threading:  immutable after build(); find functions from any thread.
// Cost:       exact: one look-up. Starts, ends: one look-up for each length that a stored key has,
//             up to the length of the text. A key stands beside its rules in memory, so a look-up
//             that finds nothing reads one cache line and one that finds something reads two.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::rules {

using RuleIndex = std::uint32_t;
// An exact name that a rule cannot do without has a number. It is unique over all fields.
using NameId = std::uint32_t;

struct Posting {
  RuleIndex rule;
  NameId other;  // a name that the rule needs beside the key it stands under
};

// The rules under one key. Views into the table.
struct Postings {
  const Posting* first = nullptr;
  std::uint32_t count = 0;
  NameId name = 0;  // of the key itself; 0: it has none
};

class KeyTable {
 public:
  // How the keys are compared with a text.
  enum class Side : std::uint8_t { kWhole, kStart, kEnd };

  explicit KeyTable(Side side = Side::kWhole) : side_(side) {}
  void add(std::string_view key, Posting posting) {
    building_[std::string(key)].postings.push_back(posting);
  }
  // Numbers the key with `next` unless it has a number.
  NameId name(std::string_view key, NameId next);
  void build();

  bool empty() const { return slots_.empty(); }
  // Adds what stands under each key that `text` has at the table's side.
  void find(std::string_view text, std::vector<Postings>& out) const;
  // Side::kWhole: what stands under `text`.
  Postings at(std::string_view text) const;

 private:
  struct Building {
    NameId name = 0;
    std::vector<Posting> postings;
  };
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t node = 0;  // 0: free
  };
  // Ahead of its postings and its text in memory_, in units of Posting.
  struct Node {
    std::uint32_t text_size;
    std::uint32_t count;
    NameId name;
    std::uint32_t unused;
  };
  void put(const std::string& key, const Building& value);
  Postings look_up(std::uint64_t hash, std::string_view key) const;

  Side side_;
  std::map<std::string, Building> building_;  // empty after build()
  std::vector<Slot> slots_;                   // a power of two, at most half full
  std::vector<Posting> memory_;
  std::vector<std::uint32_t> lengths_;  // of the keys, ascending
};

}  // namespace pawl::rules
