// The control listener: health, metrics and state, for people and their tools.
//
// Threading:  the I/O thread. Credentials: the control token (DATA/run/control.token) for /api;
// /healthz, /readyz and /metrics carry nothing of anyone and need none.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/json.h"
#include "infrastructure/http/server.h"

namespace pawl {

// Answers what has one beginning of a path, of who has the token.
using ApiDesk =
    std::function<void(const http::Request&, const std::shared_ptr<http::ResponseWriter>&)>;

struct ControlApiHooks {
  std::function<std::string()> why_not_ready;  // empty: ready
  std::function<std::string()> metrics;
  std::function<Result<json::Object>()> reload_rules;  // what is in force then
  std::function<std::uint64_t()> scrub;                // begins a pass; its number
  std::function<Result<std::uint64_t>()> renew_log;    // begins a switch; the next log's number
  std::map<std::string, ApiDesk> desks;                // by that beginning: "/api/v1/keys"
  std::map<std::string, ApiDesk> own_desks;            // that guard themselves (session_guard.h)
  // Likewise, what is only looked at. False: it is none of these.
  std::function<bool(const http::Request&, const std::shared_ptr<http::ResponseWriter>&)> reads;
};

class ControlApi {
 public:
  ControlApi(std::string token, ControlApiHooks hooks)
      : token_(std::move(token)), hooks_(std::move(hooks)) {}
  void handle(const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer);

 private:
  http::Response answer(const http::Request& request);
  http::Response api(const http::Request& request);

  std::string token_;
  ControlApiHooks hooks_;
};

}  // namespace pawl
