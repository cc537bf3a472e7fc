// What must hold of every redacted answer, found by another walk than the one that redacts it.
//
// Purpose:    for the property test and the fuzz target of foundation/rules/redaction.h.
// Threading:  pure functions.
// Source:     docs/formats/rules.md, "Obligations".
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "foundation/rules/redaction.h"

namespace pawl::rules {

inline bool is_mark(const json::Value& value) {
  static const json::Value kMarks[] = {json::Value("[redacted]"),
                                       json::Object{{"[redacted]", "[redacted]"}},
                                       json::Object{{"type", "text"}, {"text", "[redacted]"}}};
  if (value.is_array()) {
    return value.get_array().empty() ||
           (value.get_array().size() == 1 && is_mark(value.get_array().front()));
  }
  return std::find(std::begin(kMarks), std::end(kMarks), value) != std::end(kMarks);
}

inline void named(const json::Value& value, const Redaction::Pointer& pointer, std::size_t at,
                  std::vector<const json::Value*>& out) {
  if (at == pointer.size() || (value.is_object() && is_mark(value))) {
    out.push_back(&value);
    return;
  }
  const auto fits = [&](std::string_view name) {
    return pointer[at] == "*" || pointer[at] == name;
  };
  if (value.is_object()) {
    for (const auto& [key, member] : value.get_object()) {
      if (fits(std::string_view(key))) {
        named(member, pointer, at + 1, out);
      }
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      if (fits(std::to_string(i))) {
        named(value.get_array()[i], pointer, at + 1, out);
      }
    }
  }
}

inline bool matches(std::string_view text, const Redaction& all) {
  return std::any_of(all.patterns().begin(), all.patterns().end(),
                     [&](const auto& one) { return RE2::PartialMatch(text, *one); });
}

// Something that a pattern matches, in what is left.
inline bool leaks(const json::Value& value, const Redaction& all, int depth = 0) {
  if (value.is_object()) {
    return std::any_of(value.get_object().begin(), value.get_object().end(), [&](const auto& one) {
      return matches(std::string_view(one.key()), all) || leaks(one.value(), all, depth);
    });
  }
  if (value.is_array()) {
    return std::any_of(value.get_array().begin(), value.get_array().end(),
                       [&](const auto& one) { return leaks(one, all, depth); });
  }
  if (value.is_number()) {
    return matches(json::print(value), all);
  }
  if (!value.is_string()) {
    return false;
  }
  const std::string_view text = value.get_string();
  const auto inner = json::parse(text);
  return matches(text, all) ||
         (inner && !inner->value.is_primitive() && leaks(inner->value, all, depth + 1));
}

// A pointer leads to something that is no mark.
inline bool names_more_than_marks(const json::Value& value, const Redaction& all) {
  return std::any_of(all.pointers().begin(), all.pointers().end(), [&](const auto& pointer) {
    std::vector<const json::Value*> left;
    named(value, pointer, 0, left);
    return !std::all_of(left.begin(), left.end(), [](const auto* one) { return is_mark(*one); });
  });
}

}  // namespace pawl::rules
