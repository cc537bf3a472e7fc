#include "operators/sign_in/form_fields.h"

#include <algorithm>

#include "base/encoding.h"

namespace pawl::sign_in {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

char upper(char c) {
  return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
}

char lower(char c) {
  return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
}

Result<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    std::string digits(text.substr(i + 1, 2));
    std::transform(digits.begin(), digits.end(), digits.begin(), lower);
    const Result<std::string> byte = hex_decode(digits);
    if (!byte || byte->size() != 1) {
      return fail(Code::kInvalidRequest, "a field has a bad escape");
    }
    out += *byte;
    i += 2;
  }
  return out;
}

}  // namespace

Result<Fields> parse_fields(std::string_view text) {
  Fields out;
  if (text.size() > kMostFieldBytes) {
    return fail(Code::kInvalidRequest, "the fields are longer than 8192 bytes");
  }
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const std::size_t equal = std::min(one.find('='), one.size());
    const Result<std::string> name = decoded(one.substr(0, equal));
    const Result<std::string> value =
        decoded(equal < one.size() ? one.substr(equal + 1) : std::string_view());
    if (!name || !value) {
      return fail((!name ? name : value).error());
    }
    if (!out.emplace(*name, *value).second) {
      return fail(Code::kInvalidRequest, "a field stands twice");
    }
    if (out.size() > kMostFields) {
      return fail(Code::kInvalidRequest, "more than 32 fields");
    }
  }
  return out;
}

std::string form_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    std::string digits = hex_encode({&c, 1});
    std::transform(digits.begin(), digits.end(), digits.begin(), upper);
    out += "%" + digits;
  }
  return out;
}

std::string print_fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += (out.empty() ? "" : "&") + form_encoded(name) + "=" + form_encoded(value);
  }
  return out;
}

}  // namespace pawl::sign_in
