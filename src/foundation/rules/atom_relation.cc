#include "foundation/rules/atom_relation.h"

#include <algorithm>
#include <utility>

#include "foundation/rules/glob_relation.h"

namespace pawl::rules {
namespace {

constexpr Truths kOfPresent = kIsFalse | kIsTrue | kIsUndecidable;

Truths as_set(Truth truth) {
  switch (truth) {
    case Truth::kFalse:
      return kIsFalse;
    case Truth::kTrue:
      return kIsTrue;
    case Truth::kAbsent:
      return kIsAbsent;
    case Truth::kUndecidable:
      break;
  }
  return kIsUndecidable;
}

bool contains(Truths set, Truths part) {
  return (part & ~set) == 0;
}

bool takes_all_text(const Atom& atom) {
  return std::any_of(atom.globs.begin(), atom.globs.end(),
                     [](const Glob& glob) { return glob.matches_everything(); });
}

Truths of_absent(const Atom& atom) {
  return atom.op != Operator::kExists ? kIsAbsent : atom.exists ? kIsFalse : kIsTrue;
}

// What it may answer of something that is there.
Truths of_present(const Atom& atom) {
  const bool is_name = atom.field != Field::kArgument;
  switch (atom.op) {
    case Operator::kExists:
      return atom.exists ? kIsTrue : kIsFalse;
    case Operator::kOneOf:
      if (atom.globs.empty()) {
        return kIsFalse | kIsTrue;
      }
      return takes_all_text(atom) && is_name ? kIsTrue : kOfPresent;
    case Operator::kMatches:
      return is_name ? kIsFalse | kIsTrue : kOfPresent;
    case Operator::kRange:
    case Operator::kSize:
    case Operator::kSchema:
      break;
  }
  return kOfPresent;
}

// The answer of `atom` of one value of its subject.
Truths of_value(const Atom& atom, const json::Value& value) {
  Facts facts;
  if (atom.field == Field::kArgument) {
    json::Value arguments = value;
    for (auto token = atom.path.rbegin(); token != atom.path.rend(); ++token) {
      json::Object around;
      around[*token] = std::move(arguments);
      arguments = std::move(around);
    }
    facts.arguments = &arguments;
    return as_set(atom.on(facts));
  }
  const std::string text(value.get_string().data(), value.get_string().size());
  const std::vector<std::string> groups{text};
  facts.groups = &groups;
  facts.agent = facts.on_behalf_of = facts.server = facts.verb = facts.tool = facts.resource = text;
  return as_set(atom.on(facts));
}

bool all_named_answer(const Atom& from, const Atom& to, Truths then) {
  const auto answers = [&](const json::Value& value) {
    return contains(then, of_value(to, value));
  };
  return std::all_of(from.values.begin(), from.values.end(), answers) &&
         std::all_of(from.texts.begin(), from.texts.end(),
                     [&](const std::string& text) { return answers(json::Value(text)); });
}

// Texts that `glob` matches and that are not devious (all texts, for "**").
bool all_matched_answer(const std::string& glob, const Atom& to,
                        const std::vector<std::string>& globs, Truths then) {
  const bool is_everything = glob == "**";
  const auto within = [&](const std::string& wide) {
    return is_everything ? wide == "**" : surely_within(glob, wide);
  };
  if ((then & kIsTrue) && std::any_of(globs.begin(), globs.end(), within)) {
    return true;
  }
  if (contains(then, kIsTrue | kIsFalse) && (!is_everything || globs.empty())) {
    return true;
  }
  const Result<Glob> matcher = Glob::make(glob);
  return matcher && (then & kIsFalse) &&
         std::none_of(to.texts.begin(), to.texts.end(),
                      [&](const std::string& text) { return matcher->matches(text); }) &&
         std::all_of(globs.begin(), globs.end(),
                     [&](const std::string& other) { return surely_apart(glob, other); });
}

// `given` is without kIsFalse.
bool names_imply(const Atom& from, Truths given, const Atom& to, Truths then) {
  if ((given & kIsTrue) && !all_named_answer(from, to, then)) {
    return false;
  }
  if (from.globs.empty()) {
    return true;
  }
  if (to.op != Operator::kOneOf) {
    return false;
  }
  // In doubt are devious texts, and arguments that are no texts.
  if ((given & kIsUndecidable) && (to.globs.empty() || !contains(then, kIsTrue | kIsUndecidable))) {
    return false;
  }
  const std::vector<std::string> globs = glob_texts(to);
  const std::vector<std::string> narrow = glob_texts(from);
  return !(given & kIsTrue) ||
         (narrow.size() == from.globs.size() && globs.size() == to.globs.size() &&
          std::all_of(narrow.begin(), narrow.end(),
                      [&](const auto& glob) { return all_matched_answer(glob, to, globs, then); }));
}

// One end of an interval; nothing: it has none.
template <class Number>
struct End {
  std::optional<Number> at;
  bool is_open = false;
};

template <class Number>
struct Interval {
  End<Number> low, high;
};

int order(const schema::Decimal& a, const schema::Decimal& b) {
  return schema::compare(a, b);
}
int order(std::uint64_t a, std::uint64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

Interval<schema::Decimal> interval_of_range(const Atom& atom) {
  const auto& r = atom.range;
  Interval<schema::Decimal> out;
  out.low = r.gt && (!r.gte || order(*r.gt, *r.gte) >= 0) ? End<schema::Decimal>{r.gt, true}
                                                          : End<schema::Decimal>{r.gte, false};
  out.high = r.lt && (!r.lte || order(*r.lt, *r.lte) <= 0) ? End<schema::Decimal>{r.lt, true}
                                                           : End<schema::Decimal>{r.lte, false};
  return out;
}

Interval<std::uint64_t> interval_of_size(const Atom& atom) {
  return {{atom.size.min, false}, {atom.size.max, false}};
}

// `sign`: 1 for the high ends, -1 for the low ones.
template <class Number>
bool end_within(const End<Number>& narrow, const End<Number>& wide, int sign) {
  if (!wide.at) {
    return true;
  }
  if (!narrow.at) {
    return false;
  }
  const int by = sign * order(*narrow.at, *wide.at);
  return by < 0 || (by == 0 && (narrow.is_open || !wide.is_open));
}

template <class Number>
bool lies_below(const End<Number>& high, const End<Number>& low) {
  if (!high.at || !low.at) {
    return false;
  }
  const int by = order(*high.at, *low.at);
  return by < 0 || (by == 0 && (high.is_open || low.is_open));
}

// Of numbers or sizes: what else is there is in doubt for both. `given` is without kIsFalse.
template <class Number>
bool intervals_imply(const Interval<Number>& from, Truths given, const Interval<Number>& to,
                     Truths then) {
  if ((given & kIsUndecidable) && !(then & kIsUndecidable)) {
    return false;
  }
  const bool is_within = end_within(from.low, to.low, -1) && end_within(from.high, to.high, 1);
  const bool is_apart = lies_below(from.high, to.low) || lies_below(to.high, from.low);
  return !(given & kIsTrue) || contains(then, kIsTrue | kIsFalse) ||
         ((then & kIsTrue) && is_within) || ((then & kIsFalse) && is_apart);
}

bool implies_forward(const Atom& from, Truths given, const Atom& to, Truths then) {
  if (given & kIsFalse) {
    return false;
  }
  if (from.op == Operator::kOneOf) {
    return names_imply(from, given, to, then);
  }
  if (from.op == Operator::kRange && to.op == Operator::kRange) {
    return intervals_imply(interval_of_range(from), given, interval_of_range(to), then);
  }
  if (from.op == Operator::kSize && to.op == Operator::kSize) {
    return intervals_imply(interval_of_size(from), given, interval_of_size(to), then);
  }
  return false;
}

// Of one value that is there; also by what follows from the opposite.
bool implies_of_value(const Atom& from, Truths given, const Atom& to, Truths then) {
  const Truths not_given = kOfPresent & static_cast<Truths>(~given);
  const Truths not_then = kOfPresent & static_cast<Truths>(~then);
  const Truths possible = of_present(to);
  return implies_forward(from, given, to, then) ||
         implies_forward(to, not_then & possible, from, not_given);
}

// A caller has several groups, and one that fits is enough.
bool implies_of_groups(const Atom& from, Truths given, const Atom& to, Truths then) {
  then &= kOfPresent;
  const bool some = !(given & kIsFalse) && (then == kIsTrue || then == (kIsTrue | kIsUndecidable));
  const bool all = !(given & kIsTrue) && (given & kIsFalse) &&
                   (then == kIsFalse || then == (kIsFalse | kIsUndecidable));
  return (some || all) && implies_of_value(from, given, to, then);
}

}  // namespace

std::vector<std::string> glob_texts(const Atom& atom) {
  std::vector<std::string> out;
  constexpr std::string_view kIntro = "glob ";
  constexpr std::string_view kBetween = " or ";
  std::string_view rest = atom.expected;
  if (atom.globs.empty() || !rest.starts_with(kIntro)) {
    return out;
  }
  rest.remove_prefix(kIntro.size());
  while (rest.starts_with('"')) {
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != '"') {
      end += rest[end] == '\\' ? 2 : 1;
    }
    const Result<json::Parsed> text = json::parse(rest.substr(0, end + 1));
    if (!text || !text->value.is_string()) {
      return {};
    }
    out.emplace_back(text->value.get_string().data(), text->value.get_string().size());
    rest.remove_prefix(std::min(end + 1, rest.size()));
    rest.remove_prefix(rest.starts_with(kBetween) ? kBetween.size() : 0);
  }
  return out;
}

bool surely(const Atom& from, Truths given, const Atom& to, Truths then) {
  if (then == kIsAnything) {
    return true;
  }
  if (from.field != to.field || from.path != to.path) {
    return false;
  }
  const Truths possible = given & (of_present(from) | of_absent(from));
  if (from.expected == to.expected) {
    return contains(then, possible);
  }
  if ((of_absent(from) & given) && !(of_absent(to) & then)) {
    return false;
  }
  given &= of_present(from);
  if (given == 0 || contains(then, of_present(to))) {
    return true;
  }
  return from.field == Field::kGroup ? implies_of_groups(from, given, to, then)
                                     : implies_of_value(from, given, to, then);
}

}  // namespace pawl::rules
