// What a rule asks, as a tree over atoms, and how it is evaluated.
//
// Purpose:    combine atoms by all, any and not, in three values.
// Threading:  Conditions is immutable once loaded; an Evaluation belongs to one thread.
// Ownership:  an Evaluation borrows conditions, facts and its thread's scratch memory.
//
// An atom answers true, false, absent or undecidable. For an allow rule, absent and undecidable are
// "unknown", and only a rule that is true matches: what is not there never allows, also not under
// `not`. For a deny rule absent is false, undecidable is "unknown", and a rule that is not false
// matches: doubt denies. A hold is read both ways: as a deny for what it restricts, as an allow for
// what it permits. What is true as an allow is also true as a deny.
//
// A Mask is the set of values a condition may take. In a decision it has one member; where
// arguments are left open (could_permit) it may have more.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "foundation/rules/atom.h"
#include "foundation/rules/rules.h"

namespace pawl::rules {

struct Condition {
  enum class Kind : std::uint8_t { kAtom, kAll, kAny, kNot };
  Kind kind = Kind::kAll;
  std::uint32_t atom = 0;           // kAtom
  std::vector<Condition> children;  // at least one for kAll and kAny, exactly one for kNot
};

// One member of a conjunction; 16 bytes.
struct Step {
  enum class Kind : std::uint8_t {
    kKnown,  // an atom that is known to be true
    kAtom,
    kGlob,  // an atom: one glob on a name, with wildcards at both ends
    kTree,
  };
  Kind kind = Kind::kAtom;
  Field field = Field::kArgument;  // kGlob
  std::uint32_t atom = 0;          // not kTree
  union {
    std::uint64_t pairs;    // kGlob: of the glob
    const Condition* tree;  // kTree
  };
};

// The atoms of a set; adding an equal one gives the id of the first.
class AtomTable {
 public:
  std::uint32_t add(Atom atom);
  const Atom& operator[](std::uint32_t id) const { return atoms_[id]; }
  std::size_t size() const { return atoms_.size(); }

 private:
  std::vector<Atom> atoms_;
  std::map<std::string, std::uint32_t> ids_;
};

// 'all(agent is "triage", not(tool is "x"))': equal text, equal meaning.
std::string condition_text(const Condition& condition, const AtomTable& atoms);

using Mask = std::uint8_t;
inline constexpr Mask kMayBeFalse = 1;
inline constexpr Mask kMayBeTrue = 2;
inline constexpr Mask kMayBeUnknown = 4;
inline constexpr Mask kMayBeAny = 7;

// Which subjects are left open instead of read from the facts.
enum class Open : std::uint8_t { kNothing, kArguments, kNamesAndArguments };

class Evaluation {
 public:
  Evaluation(const AtomTable& atoms, const Facts& facts, Open open);

  // `effect`: which reading; kHold reads as kDeny does.
  Mask of(const Condition& condition, Effect effect);
  Mask of(std::span<const Step> steps, Effect effect);
  bool matches(const Condition& condition, Effect effect);
  bool matches(std::span<const Step> steps, Effect effect);
  // Ids of the atoms looked at so far that held, ascending.
  std::vector<std::uint32_t> held() const;

 private:
  Mask of_atom(std::uint32_t id, Effect effect);
  Truth truth(std::uint32_t id);
  Mask of_step(const Step& step, Effect effect);
  // The pairs of a name; all of them where a glob may be anything but false for lack of a pair.
  std::uint64_t pairs(Field field);
  void hold(std::uint32_t id);  // it is known to be true

  struct Scratch;
  static Scratch& scratch();

  const AtomTable& atoms_;
  const Facts& facts_;
  Open open_;
  Scratch& scratch_;
  std::array<std::uint64_t, kNameFields> pairs_{};  // 0: not yet asked for
};

}  // namespace pawl::rules
