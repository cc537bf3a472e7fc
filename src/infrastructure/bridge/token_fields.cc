#include "infrastructure/bridge/token_fields.h"

#include "foundation/records/names.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

constexpr std::size_t kMaxTokens = 256;

}  // namespace

std::vector<std::string> token_fields(const http::Headers& headers) {
  const std::vector<std::string_view> found = headers.get_all(names::kFieldEct);
  return {found.begin(), found.end()};
}

std::optional<TokenFieldsRefused> check_token_fields(const http::Headers& headers,
                                                     std::size_t most_bytes) {
  const std::vector<std::string_view> found = headers.get_all(names::kFieldEct);
  if (found.size() > kMaxTokens) {
    return TokenFieldsRefused{400, "too many Execution-Context fields"};
  }
  std::size_t bytes = 0;
  for (const std::string_view token : found) {
    bytes += token.size();
  }
  if (bytes <= most_bytes || !plugged(ControlId::kTokenHeader)) {
    return std::nullopt;
  }
  return TokenFieldsRefused{431, "the Execution-Context fields have " + std::to_string(bytes) +
                                     " bytes; at most " + std::to_string(most_bytes) +
                                     " are taken there (tokens.header_bytes). Send the tokens in "
                                     "the body, in _meta as " +
                                     std::string(names::kMetaParents)};
}

}  // namespace pawl::bridge
