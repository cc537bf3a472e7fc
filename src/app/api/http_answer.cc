#include "app/api/http_answer.h"

#include "foundation/crypto/sha256.h"
#include "infrastructure/identity/origin.h"
#include "infrastructure/jsonrpc/error_table.h"
#include "path/plugged.h"

namespace pawl {

http::Response text_answer(int status, std::string_view content_type, std::string body) {
  http::Response out;
  out.status = status;
  out.headers.set("Content-Type", content_type);
  out.headers.set("Cache-Control", "no-store");
  out.body = std::move(body);
  return out;
}

http::Response json_answer(int status, const json::Value& value) {
  return text_answer(status, "application/json", json::print(value) + "\n");
}

http::Response problem_answer(const Error& error) {
  const int status = jsonrpc::error_row(error.code).api_status;
  return text_answer(status, "application/problem+json", jsonrpc::problem_json(error) + "\n");
}

bool shows_token(const http::Request& request, std::string_view token) {
  if (request.headers.count("Authorization") != 1 || token.empty()) {
    return false;
  }
  const std::string_view value = *request.headers.get("Authorization");
  constexpr std::string_view kScheme = "Bearer ";
  return value.starts_with(kScheme) && equal_constant_time(value.substr(kScheme.size()), token);
}

bool has_token(const http::Request& request, std::string_view token) {
  return shows_token(request, token) || !plugged(ControlId::kLocalToken);
}

bool from_browser_page(const http::Request& request) {
  const bool is_local =
      request.headers.count("Host") == 1 && identity::is_of_loopback(*request.headers.get("Host"));
  return (request.headers.has("Origin") || !is_local) && plugged(ControlId::kBrowserPage);
}

}  // namespace pawl
