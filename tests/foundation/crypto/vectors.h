// The published values under tests/vectors, for the tests of crypto and jose.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/files.h"
#include "base/json.h"
#include "tests/support/source_dir.h"

namespace pawl::testing {

// The array `member` of a vector file; a test failure and an empty array when unreadable.
inline json::Array vectors(const std::string& file, std::string_view member) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/" + file);
  if (!text) {
    ADD_FAILURE() << text.error().message;
    return {};
  }
  const Result<json::Parsed> parsed = json::parse(*text);
  const json::Value* array = parsed ? json::find(parsed->value, {member}) : nullptr;
  if (array == nullptr || !array->is_array() || array->get_array().empty()) {
    ADD_FAILURE() << file << " has no values '" << member << "'";
    return {};
  }
  return array->get_array();
}

inline std::string text_of(const json::Value& row, std::string_view member) {
  return std::string(json::find_string(row, {member}).value_or(""));
}
inline std::string hex_of(const json::Value& row, std::string_view member) {
  return hex_decode(text_of(row, member)).value_or("not hex");
}
inline std::string base64url_of(const json::Value& row, std::string_view member) {
  return base64url_decode(text_of(row, member)).value_or("not base64url");
}

}  // namespace pawl::testing
