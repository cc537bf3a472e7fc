// Finds values in validated text without parsing it again. On other text every loop still ends at
// the end of the text and reads nothing beyond it.
#include <algorithm>

#include "base/json.h"

namespace pawl::json {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

std::size_t skip_space(std::string_view text, std::size_t i) {
  while (i < text.size() && is_space(text[i])) {
    ++i;
  }
  return i;
}

// From the opening quote to after the closing one: the first that an even number of backslashes
// stands before.
std::size_t skip_string(std::string_view text, std::size_t begin) {
  std::size_t i = begin + 1;
  while (true) {
    i = text.find('"', i);
    if (i == std::string_view::npos) {
      return text.size();
    }
    std::size_t first = i;
    while (first > begin + 1 && text[first - 1] == '\\') {
      --first;
    }
    ++i;
    if ((i - 1 - first) % 2 == 0) {
      return i;
    }
  }
}

std::size_t skip_container(std::string_view text, std::size_t i) {
  std::size_t depth = 0;
  while (i < text.size()) {
    switch (text[i]) {
      case '"':
        i = skip_string(text, i);
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) {
          return i + 1;
        }
        break;
      default:
        break;
    }
    ++i;
  }
  return i;
}

std::size_t skip_value(std::string_view text, std::size_t i) {
  if (i >= text.size()) {
    return text.size();
  }
  if (text[i] == '"') {
    return skip_string(text, i);
  }
  if (text[i] == '{' || text[i] == '[') {
    return skip_container(text, i);
  }
  return std::min(text.find_first_of(",]} \t\n\r", i), text.size());
}

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t unit = 0;
  for (const char c : digits) {
    const int digit = c >= 'a' ? c - 'a' + 10 : c >= 'A' ? c - 'A' + 10 : c - '0';
    unit = unit << 4 | static_cast<std::uint32_t>(digit & 15);
  }
  return unit;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::uint32_t kLead[] = {0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(kLead[more] | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) {
    out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3f));
  }
}

// `raw` is the inside of a string; escapes are well formed, surrogates paired.
std::string unescape(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 == raw.size()) {
      out += raw[i];
      continue;
    }
    const char c = raw[++i];
    if (c != 'u') {
      constexpr std::string_view kLetters = "bfnrt";
      constexpr std::string_view kMeanings = "\b\f\n\r\t";
      const std::size_t at = kLetters.find(c);
      out += at == std::string_view::npos ? c : kMeanings[at];
      continue;
    }
    std::uint32_t code = hex4(raw.substr(i + 1, 4));
    i += 4;
    if ((code & 0xfc00) == 0xd800 && i + 6 < raw.size()) {
      code = 0x10000 + ((code & 0x3ff) << 10) + (hex4(raw.substr(i + 3, 4)) & 0x3ff);
      i += 6;
    }
    append_utf8(out, code);
  }
  return out;
}

// Walks the members of an object, or the elements of an array.
class Walk {
 public:
  Walk(std::string_view text, Span container)
      : text_(text.substr(0, container.end)), at_(container.begin + 1) {}

  bool next_element() {
    at_ = skip_space(text_, at_);
    if (at_ >= text_.size() || text_[at_] == ']' || text_[at_] == '}') {
      return false;
    }
    value_.begin = at_;
    value_.end = skip_value(text_, at_);
    pass_comma();
    return true;
  }
  bool next_member() {
    at_ = skip_space(text_, at_);
    if (at_ >= text_.size() || text_[at_] != '"') {
      return false;
    }
    key_ = {at_, skip_string(text_, at_)};
    const std::size_t colon = skip_space(text_, key_.end);
    value_.begin = std::min(skip_space(text_, colon + 1), text_.size());
    value_.end = skip_value(text_, value_.begin);
    pass_comma();
    return true;
  }
  bool key_is(std::string_view key) const {
    if (key_.size() < 2) {
      return false;
    }
    const std::string_view raw = text_.substr(key_.begin + 1, key_.size() - 2);
    return raw.find('\\') == std::string_view::npos ? raw == key : unescape(raw) == key;
  }
  bool find(std::string_view key) {
    while (next_member()) {
      if (key_is(key)) {
        return true;
      }
    }
    return false;
  }

  Span key() const { return key_; }
  Span value() const { return value_; }
  // The comma after the value, or the end of the text of the last one; `last` tells which.
  std::size_t comma() const { return comma_; }
  bool last() const { return comma_ >= text_.size() || text_[comma_] != ','; }

 private:
  void pass_comma() {
    comma_ = skip_space(text_, value_.end);
    // Text that is not JSON must not stop the walk at one place.
    at_ = std::max(last() ? comma_ : comma_ + 1, value_.begin + 1);
  }

  std::string_view text_;
  std::size_t at_;
  Span key_;
  Span value_;
  std::size_t comma_ = 0;
};

}  // namespace

Span whole(std::string_view text) {
  const std::size_t begin = skip_space(text, 0);
  std::size_t end = text.size();
  while (end > begin && is_space(text[end - 1])) {
    --end;
  }
  return {begin, end};
}

std::optional<Span> member(std::string_view text, Span object, std::string_view key) {
  Walk walk(text, object);
  return walk.find(key) ? std::optional<Span>(walk.value()) : std::nullopt;
}

void members(std::string_view text, Span object, std::initializer_list<std::string_view> keys,
             std::initializer_list<std::optional<Span>*> spans) {
  Walk walk(text, object);
  while (walk.next_member()) {
    auto span = spans.begin();
    for (const std::string_view key : keys) {
      if (walk.key_is(key)) {
        **span = walk.value();
      }
      ++span;
    }
  }
}

std::vector<Span> elements(std::string_view text, Span array) {
  std::vector<Span> spans;
  Walk walk(text, array);
  while (walk.next_element()) {
    spans.push_back(walk.value());
  }
  return spans;
}

std::string without_member(std::string_view text, Span object, std::string_view key) {
  std::string out(object.of(text));
  Walk walk(text, object);
  std::size_t comma_before = std::string::npos;
  while (walk.next_member()) {
    if (!walk.key_is(key)) {
      comma_before = walk.comma();
      continue;
    }
    // From the back, so that the offsets in front stay right.
    if (!walk.last()) {
      out.erase(walk.comma() - object.begin, 1);
    }
    out.erase(walk.key().begin - object.begin, walk.value().end - walk.key().begin);
    if (walk.last() && comma_before != std::string::npos) {
      out.erase(comma_before - object.begin, 1);
    }
    break;
  }
  return out;
}

std::string with_member(std::string_view text, Span object, std::string_view key,
                        std::string_view raw) {
  Walk walk(text, object);
  if (walk.find(key)) {
    return replaced(text, walk.value(), raw);
  }
  const std::size_t first = std::min(object.begin + 1, text.size());
  const bool empty = !Walk(text, object).next_member();
  std::string member = quote(key);
  member.append(1, ':').append(raw).append(empty ? "" : ",");
  return replaced(text, {first, first}, member);
}

std::string replaced(std::string_view text, Span span, std::string_view raw) {
  std::string out;
  out.reserve(text.size() - span.size() + raw.size());
  out.append(text.substr(0, span.begin)).append(raw).append(text.substr(span.end));
  return out;
}

}  // namespace pawl::json
