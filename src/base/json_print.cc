#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/json.h"
#include "base/json_number.h"
#include "base/utf8.h"

namespace pawl::json {
namespace {

constexpr std::size_t kUsualBytes = 1024;
constexpr std::int64_t kExactIntegers = std::int64_t{1} << 53;

// How many bytes at the start stand for themselves within quotes: ASCII but for controls, the
// quote and the backslash. Eight at a time: a byte that is too small for its difference sets a high
// bit.
std::size_t plain_size(std::string_view text) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  std::size_t i = 0;
  for (; text.size() - i >= 8; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + i, 8);
    const std::uint64_t control = eight - kEach * 0x20;
    const std::uint64_t quote = (eight ^ kEach * '"') - kEach;
    const std::uint64_t backslash = (eight ^ kEach * '\\') - kEach;
    if (((eight | control | quote | backslash) & kEach * 0x80) != 0) {
      break;
    }
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x20 &&
         static_cast<unsigned char>(text[i]) < 0x80 && text[i] != '"' && text[i] != '\\') {
    ++i;
  }
  return i;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view kNamed = "\b\t\n\f\r\"\\";
  constexpr std::string_view kNames = "btnfr\"\\";
  if (const std::size_t at = kNamed.find(c); at != std::string_view::npos) {
    out += '\\';
    out += kNames[at];
    return;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u00";
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[c & 15];
}

template <class Integer>
void append_integer(std::string& out, Integer number) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), number).ptr);
}

// UTF-16 order of UTF-8 text: code points above U+FFFF are surrogates there and sort before
// U+E000..U+FFFF; all else is the order of the bytes.
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [at, bt] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at == a.end() || bt == b.end()) {
    return at == a.end() && bt != b.end();
  }
  const auto x = static_cast<unsigned char>(*at);
  const auto y = static_cast<unsigned char>(*bt);
  if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0)) {
    return x >= 0xf0;
  }
  return x < y;
}

class Printer {
 public:
  explicit Printer(bool canonical) : canonical_(canonical) { out_.reserve(kUsualBytes); }

  std::string take() { return std::move(out_); }

  void members_of(const Object& members) { object(members); }
  void value(const Value& v) {
    switch (v.kind()) {
      case boost::json::kind::null:
        out_ += "null";
        return;
      case boost::json::kind::bool_:
        out_ += v.get_bool() ? "true" : "false";
        return;
      case boost::json::kind::int64:
        return integer(v.get_int64());
      case boost::json::kind::uint64:
        return integer(v.get_uint64());
      case boost::json::kind::double_:
        return append_number(out_, v.get_double());
      case boost::json::kind::string:
        return append_quoted(out_, v.get_string());
      case boost::json::kind::array:
        return array(v.get_array());
      case boost::json::kind::object:
        return object(v.get_object());
    }
  }

 private:
  template <class Integer>
  void integer(Integer number) {
    const auto as_double = static_cast<double>(number);
    if (canonical_ && (as_double >= kExactIntegers || as_double <= -kExactIntegers)) {
      append_number(out_, as_double);
    } else {
      append_integer(out_, number);
    }
  }
  void array(const Array& elements) {
    char before = '[';
    for (const Value& element : elements) {
      out_ += std::exchange(before, ',');
      value(element);
    }
    out_ += elements.empty() ? "[]" : "]";
  }
  void object(const Object& members) {
    std::vector<const boost::json::key_value_pair*> order;
    if (canonical_) {
      order.reserve(members.size());
      for (const auto& member : members) {
        order.push_back(&member);
      }
      std::sort(order.begin(), order.end(),
                [](const auto* a, const auto* b) { return utf16_less(a->key(), b->key()); });
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto& member = canonical_ ? *order[i] : members.begin()[i];
      out_ += i == 0 ? '{' : ',';
      append_quoted(out_, member.key());
      out_ += ':';
      value(member.value());
    }
    out_ += members.empty() ? "{}" : "}";
  }

  bool canonical_;
  std::string out_;
};

// Few members are compared here: the library's search costs two calls before it begins.
const Value* member_of(const Object& object, std::string_view key) {
  constexpr std::size_t kFew = 16;
  if (object.size() > kFew) {
    return object.if_contains(key);
  }
  for (const auto& member : object) {
    if (std::string_view(member.key()) == key) {
      return &member.value();
    }
  }
  return nullptr;
}

std::string printed(const Value& value, bool canonical) {
  Printer printer(canonical);
  printer.value(value);
  return printer.take();
}

}  // namespace

const Value* find(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* at = &value;
  for (const std::string_view key : path) {
    const Object* object = at->if_object();
    at = object == nullptr ? nullptr : member_of(*object, key);
    if (at == nullptr) {
      return nullptr;
    }
  }
  return at;
}

std::optional<std::string_view> find_string(const Value& value,
                                            std::initializer_list<std::string_view> path) {
  const Value* at = find(value, path);
  if (at == nullptr || !at->is_string()) {
    return std::nullopt;
  }
  return std::string_view(at->get_string());
}

std::string print(const Value& value) {
  return printed(value, false);
}

std::string print(const Object& object) {
  Printer printer(false);
  printer.members_of(object);
  return printer.take();
}

std::string canonical(const Value& value) {
  return printed(value, true);
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t clean = 0;  // first byte not copied yet
  std::size_t i = plain_size(text);
  while (i < text.size()) {
    const bool ascii = static_cast<unsigned char>(text[i]) < 0x80;
    if (const std::size_t size = ascii ? 0 : utf8_sequence_size(text.substr(i)); size > 0) {
      i += size;
    } else {
      out.append(text.substr(clean, i - clean));
      if (ascii) {
        append_escape(out, text[i]);
      } else {
        out += "\xef\xbf\xbd";
      }
      clean = ++i;
    }
    i += plain_size(text.substr(i));
  }
  out.append(text.substr(clean));
  out += '"';
}

std::string quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

}  // namespace pawl::json
