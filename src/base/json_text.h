// Writes a JSON object member by member, without a tree in between.
//
// Threading:  plain value.
// Rules:      the caller gives each key once, and keys need no escaping; a raw value is JSON text.
// Choose it over json::print of an Object where a text is built for each call.
//
// Example: json::ObjectText out; out.text("id", id); out.raw("at", "1"); file << out.take();
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace pawl::json {

class ObjectText {
 public:
  explicit ObjectText(std::size_t usual_bytes = 512) { out_.reserve(usual_bytes); }
  void raw(std::string_view key, std::string_view value) {
    out_ += out_.empty() ? '{' : ',';
    out_.append("\"").append(key).append("\":").append(value);
  }
  void text(std::string_view key, std::string_view value) {
    raw(key, "");
    append_quoted(out_, value);
  }
  std::string take() { return std::move(out_.append(out_.empty() ? "{}" : "}")); }

 private:
  std::string out_;
};

}  // namespace pawl::json
