#include "app/api/control_api.h"

#include <algorithm>

#include "app/api/http_answer.h"

namespace pawl {

namespace {

// The console is what stands at the root, too.
bool begins(const http::Request& request, std::string_view prefix) {
  return request.path.starts_with(prefix) || (request.path == "/" && prefix == "/console");
}

auto desk_of(const std::map<std::string, ApiDesk>& desks, const http::Request& request) {
  return std::find_if(desks.begin(), desks.end(),
                      [&](const auto& one) { return begins(request, one.first); });
}

}  // namespace

void ControlApi::handle(const http::Request& request,
                        const std::shared_ptr<http::ResponseWriter>& writer) {
  const auto own = desk_of(hooks_.own_desks, request);
  if (own != hooks_.own_desks.end()) {
    own->second(request, writer);
    return;
  }
  if (hooks_.reads(request, writer)) {
    return;
  }
  const auto desk = desk_of(hooks_.desks, request);
  if (desk != hooks_.desks.end() && !from_browser_page(request) && has_token(request, token_)) {
    desk->second(request, writer);
    return;
  }
  writer->send(answer(request));
}

http::Response ControlApi::answer(const http::Request& request) {
  if (from_browser_page(request)) {
    return problem_answer(
        {Code::kForbidden,
         "web pages may not use this listener, nor may another Host than this machine"});
  }
  if (request.method == "GET" && request.path == "/healthz") {
    return text_answer(200, "text/plain", "ok\n");
  }
  if (request.method == "GET" && request.path == "/readyz") {
    const std::string why = hooks_.why_not_ready();
    return why.empty() ? text_answer(200, "text/plain", "ready\n")
                       : text_answer(503, "text/plain", why + "\n");
  }
  if (request.method == "GET" && request.path == "/metrics") {
    return text_answer(200, "text/plain; version=0.0.4; charset=utf-8", hooks_.metrics());
  }
  if (request.path.starts_with("/api/v1/")) {
    return api(request);
  }
  return problem_answer({Code::kNotFound, "no such resource on the control listener"});
}

http::Response ControlApi::api(const http::Request& request) {
  if (!has_token(request, token_)) {
    return problem_answer({Code::kUnauthenticated, "the control token is missing or wrong"});
  }
  if (request.method == "POST" && request.path == "/api/v1/rules/reload") {
    Result<json::Object> done = hooks_.reload_rules();
    return done ? json_answer(200, *std::move(done)) : problem_answer(done.error());
  }
  if (request.method == "POST" && request.path == "/api/v1/scrub") {
    return json_answer(202, json::Object{{"pass", hooks_.scrub()}});
  }
  if (request.method == "POST" && request.path == "/api/v1/ledger/renew") {
    const Result<std::uint64_t> number = hooks_.renew_log();
    return number ? json_answer(202, json::Object{{"number", *number}})
                  : problem_answer(number.error());
  }
  return problem_answer({Code::kNotFound, "no such resource of the API"});
}

}  // namespace pawl
