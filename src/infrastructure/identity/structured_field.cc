#include "infrastructure/identity/structured_field.h"

#include <algorithm>

#include "base/encoding.h"

namespace pawl::identity {
namespace {

constexpr std::size_t kMaxMembers = 16;
constexpr std::size_t kMaxItems = 64;
constexpr std::size_t kMaxParameters = 16;
constexpr std::size_t kMaxDigits = 15;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}
bool is_key_character(char c) {
  return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
}
bool is_token_character(char c) {
  return is_alpha(c) || is_digit(c) ||
         std::string_view("!#$%&'*+-.^_`|~:/").find(c) != std::string_view::npos;
}

// Recursive descent over one text; the first mistake is kept and ends everything.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Result<std::vector<SfMember>> dictionary() {
    std::vector<SfMember> members;
    skip(" ");
    while (good_ && !rest_.empty()) {
      SfMember member = one_member();
      require(find_member(members, member.key) == nullptr && members.size() < kMaxMembers);
      members.push_back(std::move(member));
      skip(" \t");
      if (!good_ || rest_.empty()) {
        break;
      }
      require(take(','));
      skip(" \t");
      require(!rest_.empty());
    }
    return good_ ? Result<std::vector<SfMember>>(std::move(members))
                 : fail(Code::kMalformed, "expected a dictionary of structured fields");
  }

 private:
  void require(bool condition) { good_ = good_ && condition; }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    if (next() != c || rest_.empty()) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  template <class Is>
  std::string_view run(Is is) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is);
    const std::string_view out = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(out.size());
    return out;
  }

  std::string key() {
    require(is_lower(next()) || next() == '*');
    return std::string(run(is_key_character));
  }

  SfMember one_member() {
    SfMember member;
    member.key = key();
    if (!take('=')) {
      member.items.push_back({true, {}});
    } else if (take('(')) {
      member.is_list = true;
      inner_list(member.items);
    } else {
      member.items.push_back({bare(), {}});
    }
    member.parameters = parameters();
    return member;
  }

  void inner_list(std::vector<SfItem>& items) {
    while (good_) {
      skip(" ");
      if (take(')')) {
        return;
      }
      require(items.size() < kMaxItems);
      SfBare value = bare();
      items.push_back({std::move(value), parameters()});
      require(next() == ' ' || next() == ')');
    }
  }

  SfParameters parameters() {
    SfParameters out;
    while (good_ && take(';')) {
      skip(" ");
      std::string name = key();
      require(out.find(name) == nullptr && out.list.size() < kMaxParameters);
      SfBare value = true;
      if (take('=')) {
        value = bare();
      }
      out.list.emplace_back(std::move(name), std::move(value));
    }
    return out;
  }

  SfBare bare() {
    const char c = next();
    if (c == '"') {
      return text();
    }
    if (c == ':') {
      return bytes();
    }
    if (c == '?') {
      return boolean();
    }
    if (is_digit(c) || c == '-') {
      return integer();
    }
    require(is_alpha(c) || c == '*');
    return SfToken{std::string(run(is_token_character))};
  }

  std::string text() {
    std::string out;
    require(take('"'));
    while (good_) {
      if (take('"')) {
        return out;
      }
      const bool escaped = take('\\');
      const char c = next();
      require(!rest_.empty() && c >= ' ' && c <= '~' && (!escaped || c == '"' || c == '\\'));
      out += c;
      rest_.remove_prefix(rest_.empty() ? 0 : 1);
    }
    return out;
  }

  SfBytes bytes() {
    require(take(':'));
    const std::string_view encoded =
        run([](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '/' || c == '='; });
    require(take(':'));
    Result<std::string> out = base64_decode(encoded);
    require(out.has_value());
    return {std::move(out).value_or("")};
  }

  bool boolean() {
    require(take('?') && (next() == '0' || next() == '1'));
    const bool out = next() == '1';
    rest_.remove_prefix(rest_.empty() ? 0 : 1);
    return out;
  }

  std::int64_t integer() {
    const bool negative = take('-');
    const std::string_view digits = run(is_digit);
    require(!digits.empty() && digits.size() <= kMaxDigits && next() != '.');  // no decimals
    std::int64_t out = 0;
    for (const char c : digits.substr(0, kMaxDigits)) {
      out = out * 10 + (c - '0');
    }
    return negative ? -out : out;
  }

  std::string_view rest_;
  bool good_ = true;
};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return out + "\"";
}

std::string print_bare(const SfBare& value) {
  if (const auto* flag = std::get_if<bool>(&value)) {
    return *flag ? "?1" : "?0";
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return quoted(*text);
  }
  if (const auto* token = std::get_if<SfToken>(&value)) {
    return token->text;
  }
  return ":" + base64_encode(std::get<SfBytes>(value).bytes) + ":";
}

}  // namespace

const SfBare* SfParameters::find(std::string_view name) const {
  const auto at =
      std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.first == name; });
  return at == list.end() ? nullptr : &at->second;
}

std::string SfParameters::print() const {
  std::string out;
  for (const auto& [name, value] : list) {
    out += ";" + name;
    if (value != SfBare(true)) {
      out += "=" + print_bare(value);
    }
  }
  return out;
}

std::string SfMember::print() const {
  std::string out;
  for (const SfItem& item : items) {
    out += (out.empty() ? "" : " ") + print_bare(item.value) + item.parameters.print();
  }
  return (is_list ? "(" + out + ")" : out) + parameters.print();
}

Result<std::vector<SfMember>> parse_sf_dictionary(std::string_view text) {
  return Reader(text).dictionary();
}

const SfMember* find_member(const std::vector<SfMember>& members, std::string_view key) {
  const auto at = std::find_if(members.begin(), members.end(),
                               [&](const SfMember& one) { return one.key == key; });
  return at == members.end() ? nullptr : &*at;
}

}  // namespace pawl::identity
