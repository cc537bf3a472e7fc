#include "foundation/sd_jwt/json_pointer.h"

#include <algorithm>

namespace pawl::sd_jwt {
namespace {

Result<std::string> unescaped(std::string_view step) {
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] != '~') {
      out += step[i];
      continue;
    }
    const char next = i + 1 < step.size() ? step[++i] : '\0';
    if (next != '0' && next != '1') {
      return fail(Code::kInvalidParams, "'~' in a JSON Pointer is written ~0, and '/' ~1");
    }
    out += next == '0' ? '~' : '/';
  }
  return out;
}

}  // namespace

std::string below(const std::string& pointer, std::string_view step) {
  std::string out = pointer + "/";
  for (const char c : step) {
    if (c == '~' || c == '/') {
      out += c == '~' ? "~0" : "~1";
    } else {
      out += c;
    }
  }
  return out;
}

Result<std::vector<std::string>> steps_of(std::string_view pointer) {
  if (!pointer.starts_with('/')) {
    return fail(Code::kInvalidParams, "expected a JSON Pointer, for example /address/locality");
  }
  std::vector<std::string> out;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    Result<std::string> step = unescaped(pointer.substr(0, end));
    if (!step) {
      return fail(step.error());
    }
    out.push_back(*std::move(step));
    pointer.remove_prefix(end);
  }
  return out;
}

}  // namespace pawl::sd_jwt
