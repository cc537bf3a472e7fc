#include "foundation/rules/redacted_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json.h"

namespace pawl::rules {
namespace {

constexpr int kMostRounds = 8;  // a text that still matches then goes whole
constexpr int kMostWithin = 3;  // JSON in a text of JSON; deeper goes whole

constexpr std::string_view kTypedMark = R"({"type":"text","text":"[redacted]"})";
constexpr std::string_view kPlainMark = R"({"[redacted]":"[redacted]"})";

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// Of a number, true, false or null.
std::size_t end_of_word(std::string_view text, std::size_t at) {
  return std::min(text.find_first_of(",]} \t\n\r", at), text.size());
}

std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    at += text[at] == '\\' ? 1 : 0;
  }
  return std::min(at + 1, text.size());
}

std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      --depth;
      ++at;
    } else if (c == ',' || c == ':' || is_space(c)) {
      ++at;
      continue;
    } else {
      at = c == '"' ? end_of_string(text, at) : end_of_word(text, at);
    }
    if (depth == 0) {
      break;
    }
  }
  return at;
}

std::string decoded(std::string_view token) {
  if (token.find('\\') == token.npos) {
    return std::string(token.substr(1, token.size() - 2));
  }
  const Result<json::Parsed> parsed = json::parse(token);
  return parsed && parsed->value.is_string() ? std::string(parsed->value.get_string())
                                             : std::string();
}

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n\r");
  return first != text.npos && (text[first] == '{' || text[first] == '[');
}

bool is_matched(std::string_view text, const Search& search) {
  return std::any_of(search.patterns.begin(), search.patterns.end(),
                     [&](const RE2* pattern) { return RE2::PartialMatch(text, *pattern); });
}

void replace_values(std::string& text, const Search& search) {
  for (const std::string& value : search.values) {
    for (std::size_t at = text.find(value); at != text.npos;
         at = text.find(value, at + kRedacted.size())) {
      text.replace(at, value.size(), kRedacted);
    }
  }
}

class Walk {
 public:
  Walk(std::string_view text, const Search& search, int within)
      : text_(text), search_(search), within_(within) {}

  Result<std::string> run(const Wants& wants) {
    out_.reserve(text_.size());
    space();
    value(wants);
    space();
    if (!why_.empty()) {
      return fail(Code::kUnsupported, why_);
    }
    if (top_has_name_) {
      return fail(Code::kUnsupported, "the name of a member at its top matches a pattern");
    }
    return std::move(out_);
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void copy(std::size_t until) {
    out_.append(text_, at_, until - at_);
    at_ = until;
  }
  void space() {
    while (is_space(here())) {
      out_ += text_[at_++];
    }
  }
  std::string_view value_text() const { return text_.substr(at_, end_of_value(text_, at_) - at_); }

  void value(const Wants& wants) {
    if (here() == '{') {
      object(wants);
    } else if (here() == '[') {
      array(wants);
    } else if (here() == '"') {
      string();
    } else {
      number();
    }
  }

  void object(const Wants& wants) {
    const std::size_t begin = at_;
    const std::size_t written = out_.size();
    bool is_gone = false;
    bool has_data = false;
    bool has_media = false;
    ++depth_;
    copy(at_ + 1);
    for (space(); here() == '"'; space()) {
      const std::size_t name_end = end_of_string(text_, at_);
      const std::string name = decoded(text_.substr(at_, name_end - at_));
      is_gone = is_gone || is_matched(name, search_);
      copy(name_end);
      space();
      copy(at_ + 1);  // the colon
      space();
      const Wants next = advanced(wants, name);
      has_media = has_media || name == "mimeType";
      has_data = has_data || (name == "data" && is_bytes(next));
      if (name == "blob" && is_bytes(next)) {
        cannot_search("blob");
      }
      element(next);
    }
    copy(at_ + 1);
    --depth_;
    if (has_data && has_media) {
      cannot_search("data");
    }
    if (is_gone && depth_ == 0) {
      top_has_name_ = true;
    } else if (is_gone) {
      out_.resize(written);
      out_ += mark_of(text_.substr(begin, at_ - begin));
    }
  }

  void array(const Wants& wants) {
    ++depth_;
    copy(at_ + 1);
    std::size_t index = 0;
    for (space(); at_ < text_.size() && here() != ']'; space()) {
      element(wants.empty() ? wants : advanced(wants, std::to_string(index)));
      ++index;
    }
    copy(at_ + 1);
    --depth_;
  }

  // The value of a member or an element, and the comma behind it.
  void element(const Wants& wants) {
    if (is_mark()) {  // of an earlier time: its parts are nobody's
      copy(end_of_value(text_, at_));
    } else if (names_this(wants)) {
      const std::string_view whole = value_text();
      out_ += mark_of(whole);
      at_ += whole.size();
    } else {
      value(wants);
    }
    space();
    if (here() == ',') {
      copy(at_ + 1);
    }
  }

  void string() {
    const std::size_t end = end_of_string(text_, at_);
    const std::string text = decoded(text_.substr(at_, end - at_));
    const std::string clean = redacted_string(text);
    if (clean == text) {
      copy(end);
    } else {
      json::append_quoted(out_, clean);
      at_ = end;
    }
  }

  void number() {
    const std::size_t end = end_of_word(text_, at_);
    const std::string_view word = text_.substr(at_, end - at_);
    const bool is_number = word.find_first_of("0123456789") != word.npos;
    const bool is_value =
        std::find(search_.values.begin(), search_.values.end(), word) != search_.values.end();
    if (is_number && (is_value || is_matched(word, search_))) {
      json::append_quoted(out_, kRedacted);
      at_ = end;
    } else {
      copy(end);
    }
  }

  // Until nothing is found any more: what stands beside a mark may match only now.
  std::string redacted_string(const std::string& text) const {
    std::string now = text;
    for (int round = 0; round < kMostRounds; ++round) {
      std::string next = now;
      if (looks_like_json(next) && json::parse(next)) {
        Result<std::string> inner = within_ < kMostWithin
                                        ? Walk(next, search_, within_ + 1).run(search_.within)
                                        : fail(Code::kUnsupported, "it nests too deep");
        if (!inner) {
          return std::string(kRedacted);
        }
        next = *std::move(inner);
      }
      replace_values(next, search_);
      for (const RE2* pattern : search_.patterns) {
        RE2::GlobalReplace(&next, *pattern, kRedacted);
      }
      if (next == now) {
        return now;
      }
      now = std::move(next);
    }
    return std::string(kRedacted);
  }

  // A text in base64, for all that is known, in which patterns are to be looked for.
  bool is_bytes(const Wants& wants) const {
    return !search_.patterns.empty() && !names_this(wants) && here() == '"' &&
           decoded(value_text()) != kRedacted;
  }
  void cannot_search(std::string_view name) {
    why_ = "it holds bytes (`" + std::string(name) + "`), which no pattern can search";
  }

  bool is_mark() const {
    const std::string_view rest = text_.substr(at_);
    return rest.starts_with(kTypedMark) || rest.starts_with(kPlainMark);
  }

  // Of the kind of what it stands for, so that whoever reads the answer finds its shape.
  static std::string mark_of(std::string_view whole) {
    if (whole.front() == '[') {
      const std::vector<json::Span> elements = json::elements(whole, json::whole(whole));
      return elements.empty() ? "[]" : "[" + mark_of(elements.front().of(whole)) + "]";
    }
    if (whole.front() != '{') {
      return json::quote(kRedacted);
    }
    const auto type = json::member(whole, json::whole(whole), kMarkType);
    return std::string(type && whole[type->begin] == '"' ? kTypedMark : kPlainMark);
  }

  const std::string_view text_;
  const Search& search_;
  const int within_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::string out_;
  std::string why_;
  bool top_has_name_ = false;
};

}  // namespace

Wants advanced(const Wants& wants, std::string_view name) {
  Wants out;
  for (const Wanted& one : wants) {
    if (one.taken < one.pointer->size()) {
      const std::string& step = (*one.pointer)[one.taken];
      if (step == "*" || step == name) {
        out.push_back({one.pointer, one.taken + 1});
      }
    }
  }
  return out;
}

bool names_this(const Wants& wants) {
  return std::any_of(wants.begin(), wants.end(),
                     [](const Wanted& one) { return one.taken == one.pointer->size(); });
}

Result<std::string> redacted_json(std::string_view text, const Wants& wants, const Search& search) {
  return Walk(text, search, 0).run(wants);
}

}  // namespace pawl::rules
