// Writes a JSON object member by member, without a tree in between.
//
// Threading:  plain value.
// Rules:      the caller gives each key once, and keys need no escaping; a raw value is JSON text.
// Choose it over json::print of an Object where a text is built for each call.
//
// Example: json::ObjectText out; out.text("id", id); out.raw("at", "1"); file << out.take();
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/uuid.h"

namespace pawl::json {

inline void append_id(std::string& out, const Uuid& id) {
  append_quoted(out, id.text());
}

class ObjectText {
 public:
  explicit ObjectText(std::size_t usual_bytes = 512) { out_.reserve(usual_bytes); }

  void raw(std::string_view key, std::string_view value) { begin(key).append(value); }
  void text(std::string_view key, std::string_view value) { append_quoted(begin(key), value); }
  void id(std::string_view key, const Uuid& id) { append_id(begin(key), id); }
  void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  void number(std::string_view key, std::int64_t value) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    raw(key, {digits, end});
  }
  // An array; append(text, element) writes one element.
  template <class List, class Append>
  void list(std::string_view key, const List& elements, const Append& append) {
    std::string& out = begin(key);
    char before = '[';
    for (const auto& element : elements) {
      out += std::exchange(before, ',');
      append(out, element);
    }
    out += before == '[' ? "[]" : "]";
  }
  void members(const Object& object) {
    for (const auto& member : object) {
      raw(member.key(), print(member.value()));
    }
  }

  std::string take() { return std::move(out_.append(out_.empty() ? "{}" : "}")); }

 private:
  std::string& begin(std::string_view key) {
    out_ += out_.empty() ? '{' : ',';
    out_ += '"';
    return out_.append(key).append("\":", 2);
  }

  std::string out_;
};

}  // namespace pawl::json
