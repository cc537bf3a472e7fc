#include "infrastructure/bridge/token_fields.h"

#include <algorithm>
#include <utility>

#include "foundation/records/names.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

constexpr std::size_t kMaxTokens = 256;

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::size_t bytes_of(const http::Headers& headers, std::string_view field) {
  std::size_t out = 0;
  for (const std::string_view value : headers.get_all(field)) {
    out += value.size();
  }
  return out;
}

}  // namespace

std::vector<std::string> token_fields(const http::Headers& headers) {
  const std::vector<std::string_view> found = headers.get_all(names::kFieldEct);
  return {found.begin(), found.end()};
}

std::vector<std::string> policy_fields(const http::Headers& headers) {
  std::vector<std::string> out;
  for (std::string_view field : headers.get_all(names::kFieldAcp)) {
    for (bool more = true; more;) {
      const std::size_t comma = field.find(',');
      out.emplace_back(without_blanks(field.substr(0, comma)));
      more = comma != std::string_view::npos;
      field.remove_prefix(more ? comma + 1 : field.size());
    }
  }
  return out;
}

std::optional<TokenFieldsRefused> check_token_fields(const http::Headers& headers,
                                                     std::size_t most_bytes) {
  if (headers.get_all(names::kFieldEct).size() > kMaxTokens) {
    return TokenFieldsRefused{400, "too many Execution-Context fields"};
  }
  for (const auto& [field, in_meta] :
       {std::pair{names::kFieldEct, names::kMetaParents}, {names::kFieldAcp, names::kMetaPolicy}}) {
    const std::size_t bytes = bytes_of(headers, field);
    if (bytes > most_bytes && plugged(ControlId::kTokenHeader)) {
      return TokenFieldsRefused{431, "the " + std::string(field) + " fields have " +
                                         std::to_string(bytes) + " bytes; at most " +
                                         std::to_string(most_bytes) +
                                         " are taken there (tokens.header_bytes). Send the tokens "
                                         "in the body, in _meta as " +
                                         std::string(in_meta)};
    }
  }
  return std::nullopt;
}

}  // namespace pawl::bridge
