// What is taken out of an answer before its caller sees it: places that JSON Pointers name, and
// whatever patterns match.
//
// Purpose:    the pure core of the obligation `redact`. JSON in, JSON out; what is taken out is
//             marked, every other byte stays as it was.
// Threading:  a Redaction is immutable; redacted() is a pure function.
// Errors:     kMalformed: no pointer; kUnsupported: no pattern that can be used. redacted():
//             kUnsupported: the answer cannot be redacted, so it may not be given.
// Not errors: a pointer that names nothing, a pattern that matches nothing.
// Source:     docs/formats/rules.md, "Obligations".
//
// What holds of every text that comes back: no pattern matches any of its strings, numbers or
// member names, nor what stands in a string that is JSON itself; no pointer names anything but a
// mark; a text or number of four bytes or more that stood at a named place stands in no other text.
// Redacting it again changes nothing. It parses where the answer did.
//
// Example:
//   auto cards = Redaction::make({}, {"[0-9]{16}"});
//   redacted(R"({"text":"4111111111111111"})", Answered::kResult, {cards->get()});
//   // {"text":"[redacted]"}
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl::rules {

inline constexpr std::string_view kRedacted = "[redacted]";

class Redaction {
 public:
  using Pointer = std::vector<std::string>;  // its steps, unescaped; "*": every member or element

  static Result<std::shared_ptr<const Redaction>> make(const std::vector<std::string>& pointers,
                                                       const std::vector<std::string>& patterns);
  // RFC 6901 but the empty one, which is everything.
  static Result<Pointer> pointer(std::string_view text);
  // Found anywhere in a text. One that matches nothing at all, the mark, or `type` or `text`, which
  // the mark's own object has, is refused.
  static Result<std::unique_ptr<const RE2>> pattern(const std::string& text);

  const std::vector<Pointer>& pointers() const { return pointers_; }
  const std::vector<std::unique_ptr<const RE2>>& patterns() const { return patterns_; }

 private:
  std::vector<Pointer> pointers_;
  std::vector<std::unique_ptr<const RE2>> patterns_;
};

// What the bytes are, for pointers name places of a result.
enum class Answered {
  kResult,
  kError,  // an error object: with a pointer all of its `data` goes
  kTask,   // tells of a task: a result or error of its own stands in it
};

Result<std::string> redacted(std::string_view body, Answered answered,
                             const std::vector<const Redaction*>& all);

// Whether JSON that is no answer may be shown: a message beside it. Never where something has
// pointers, for none can name a place in it.
bool may_be_shown(std::string_view message, const std::vector<const Redaction*>& all);

}  // namespace pawl::rules
