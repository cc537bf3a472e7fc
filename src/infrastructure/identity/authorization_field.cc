#include "infrastructure/identity/authorization_field.h"

#include <algorithm>
#include <array>
#include <utility>

#include "infrastructure/http/message.h"

namespace pawl::identity {
namespace {

constexpr std::array kSchemes = {std::pair{std::string_view("Bearer"), Scheme::kBearer},
                                 std::pair{std::string_view("DPoP"), Scheme::kDpop},
                                 std::pair{std::string_view("WPT"), Scheme::kWpt}};

}  // namespace

bool is_token68(std::string_view text) {
  const std::size_t padding = text.find('=');
  const std::string_view body = text.substr(0, padding);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~' || c == '+' || c == '/';
  };
  return !body.empty() && std::all_of(body.begin(), body.end(), allowed) &&
         text.find_first_not_of('=', body.size()) == std::string_view::npos;
}

Judged<AuthorizationField> parse_authorization(std::string_view field) {
  const std::string_view name = field.substr(0, field.find(' '));
  for (const auto& [scheme_name, scheme] : kSchemes) {
    if (field.size() > kMaxAuthorizationBytes || name.size() == field.size() ||
        !http::equal_ignoring_case(name, scheme_name)) {
      continue;
    }
    std::string_view token = field.substr(name.size());
    token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
    if (is_token68(token)) {
      return AuthorizationField{scheme, token};
    }
  }
  return refuse(Refusal::kBadAuthorization,
                "expected Bearer, DPoP or WPT and one token of at most 16 KiB");
}

}  // namespace pawl::identity
