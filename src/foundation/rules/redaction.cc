#include "foundation/rules/redaction.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "foundation/rules/redacted_text.h"
#include "foundation/schema/ecma_pattern.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kShortestValue = 4;  // bytes; a shorter one stands everywhere by chance
constexpr std::size_t kMostValues = 256;

// The texts and numbers that stand at named places, to be looked for elsewhere.
class Values {
 public:
  // False: there are more than can be looked for.
  bool collect(const json::Value& value, const Wants& wants) {
    if (value.is_object()) {
      for (const auto& [key, member] : value.get_object()) {
        step(member, wants, std::string_view(key));
      }
    } else if (value.is_array()) {
      std::size_t index = 0;
      for (const json::Value& element : value.get_array()) {
        step(element, wants, std::to_string(index++));
      }
    }
    return found_.size() <= kMostValues;
  }
  std::vector<std::string> take() {
    std::sort(found_.begin(), found_.end(),
              [](const auto& a, const auto& b) { return a.size() > b.size(); });
    found_.resize(std::min(found_.size(), kMostValues));
    return std::move(found_);
  }

 private:
  void step(const json::Value& value, const Wants& wants, std::string_view name) {
    const Wants here = advanced(wants, name);
    if (names_this(here)) {
      all_of(value);
    } else if (!here.empty()) {
      (void)collect(value, here);
    }
  }
  void all_of(const json::Value& value) {
    if (value.is_object()) {
      for (const auto& [key, member] : value.get_object()) {
        if (key != kMarkType && key != "mimeType") {  // of what kind it is, is no content
          all_of(member);
        }
      }
    } else if (value.is_array()) {
      for (const json::Value& element : value.get_array()) {
        all_of(element);
      }
    } else if (value.is_string()) {
      add(std::string(value.get_string()));
    } else if (value.is_number()) {
      add(json::print(value));
    }
  }
  void add(std::string text) {
    if (text.size() >= kShortestValue && kRedacted.find(text) == kRedacted.npos &&
        text != kMarkType && text != kMarkText && found_.size() <= kMostValues &&
        std::find(found_.begin(), found_.end(), text) == found_.end()) {
      found_.push_back(std::move(text));
    }
  }

  std::vector<std::string> found_;
};

using Pointers = std::vector<Redaction::Pointer>;

const Redaction::Pointer kErrorData = {"data"};
const Redaction::Pointer kTaskErrorData = {"error", "data"};
// Where people read what structuredContent says: all of it goes when there is too much to look for.
const Redaction::Pointer kTexts = {"content", "*", "text"};
constexpr std::string_view kStructured = "structuredContent";

// Where the pointers lead in what was answered.
Pointers places(Answered answered, const Pointers& pointers) {
  if (pointers.empty() || answered == Answered::kResult) {
    return pointers;
  }
  if (answered == Answered::kError) {
    return {kErrorData};
  }
  Pointers out = pointers;
  for (const Redaction::Pointer& pointer : pointers) {
    out.push_back(pointer);
    out.back().insert(out.back().begin(), "result");
  }
  out.push_back(kTaskErrorData);
  return out;
}

Wants from_start(const Pointers& pointers) {
  Wants out;
  for (const Redaction::Pointer& pointer : pointers) {
    out.push_back({&pointer, 0});
  }
  return out;
}

}  // namespace

Result<Redaction::Pointer> Redaction::pointer(std::string_view text) {
  const auto bad = [] {
    return fail(Code::kMalformed,
                "expected a JSON Pointer such as /structuredContent/name or "
                "/content/*/text (RFC 6901; * is every element)");
  };
  if (text.size() < 2 || text.front() != '/' || text.size() > 2048) {
    return bad();
  }
  Pointer out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      out.emplace_back();
    } else if (text[i] != '~') {
      out.back() += text[i];
    } else if (i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1')) {
      out.back() += text[++i] == '0' ? '~' : '/';
    } else {
      return bad();
    }
  }
  return out;
}

Result<std::unique_ptr<const RE2>> Redaction::pattern(const std::string& text) {
  Result<std::unique_ptr<RE2>> made = schema::compile_re2(text);
  if (!made) {
    return fail(made.error());
  }
  for (const std::string_view own : {std::string_view(), kRedacted, kMarkType, kMarkText}) {
    if (RE2::PartialMatch(own, **made)) {
      return fail(Code::kUnsupported, "the pattern matches " + json::quote(own) +
                                          ", which stands in every redacted answer; expected one "
                                          "that matches only what is to be taken out");
    }
  }
  return std::unique_ptr<const RE2>(std::move(*made));
}

Result<std::shared_ptr<const Redaction>> Redaction::make(const std::vector<std::string>& pointers,
                                                         const std::vector<std::string>& patterns) {
  auto out = std::make_shared<Redaction>();
  for (const std::string& text : pointers) {
    Result<Pointer> one = pointer(text);
    if (!one) {
      return fail(one.error());
    }
    out->pointers_.push_back(*std::move(one));
  }
  for (const std::string& text : patterns) {
    Result<std::unique_ptr<const RE2>> one = pattern(text);
    if (!one) {
      return fail(one.error());
    }
    out->patterns_.push_back(*std::move(one));
  }
  return out;
}

Result<std::string> redacted(std::string_view body, Answered answered,
                             const std::vector<const Redaction*>& all) {
  const Result<json::Parsed> parsed = json::parse(body);
  if (!parsed) {
    return fail(Code::kUnsupported, "it cannot be read: " + parsed.error().message);
  }
  Pointers pointers;
  Pointers within;  // of a text that says again what structuredContent says
  Search search;
  for (const Redaction* one : all) {
    for (const Redaction::Pointer& pointer : one->pointers()) {
      pointers.push_back(pointer);
      if (pointer.size() > 1 && pointer.front() == kStructured) {
        within.emplace_back(pointer.begin() + 1, pointer.end());
      }
    }
    for (const std::unique_ptr<const RE2>& pattern : one->patterns()) {
      search.patterns.push_back(pattern.get());
    }
  }
  Pointers named = places(answered, pointers);
  Values values;
  if (!values.collect(parsed->value, from_start(named))) {
    named.push_back(kTexts);
    named.push_back({"result", "content", "*", "text"});
  }
  search.values = values.take();
  search.within = from_start(within);
  return redacted_json(body, from_start(named), search);
}

bool may_be_shown(std::string_view message, const std::vector<const Redaction*>& all) {
  const bool has_pointers = std::any_of(
      all.begin(), all.end(), [](const Redaction* one) { return !one->pointers().empty(); });
  if (has_pointers) {
    return false;
  }
  const Result<std::string> shown = redacted(message, Answered::kResult, all);
  return shown && *shown == message;
}

}  // namespace pawl::rules
