#include "app/daemon/refused_operators.h"

#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "foundation/records/kinds.h"

namespace pawl {
namespace {

constexpr std::string_view kTypePrefix = "urn:pawl:problem:";

bool only_looks(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

}  // namespace

std::string refusal_code(std::string_view method, const http::Response& response) {
  const bool is_about_who = response.status == 401 || response.status == 403;
  const bool is_about_what = response.status == 400 || response.status == 409;
  if (!is_about_who && (!is_about_what || only_looks(method))) {
    return "";
  }
  const Result<json::Parsed> problem = json::parse(response.body);
  const auto type = problem ? json::find_string(problem->value, {"type"}) : std::nullopt;
  return type && type->starts_with(kTypePrefix) ? std::string(type->substr(kTypePrefix.size()))
                                                : std::to_string(response.status);
}

bool only_asks_who(const http::Request& request) {
  return only_looks(request.method) && request.path == "/api/v1/session" &&
         !request.headers.has("Cookie") && !request.headers.has("Authorization");
}

std::string act_of(std::string_view method, std::string_view path) {
  const std::string_view cut = path.substr(0, RefusedOperators::kMostPath);
  return std::string(method).append(" ").append(is_utf8(cut) ? cut : "?");
}

void RefusedOperators::note(std::string_view listener, const std::string& act,
                            const std::string& code) {
  std::string key = std::string(listener) + "\n" + act + "\n" + code;
  Kind kind{std::string(listener), act, code, {}, 0};
  if (!kinds_.contains(key) && kinds_.size() >= kMostKinds) {
    key = "other";
    kind = {"", "other", "other", {}, 0};
  }
  const auto [at, is_new] = kinds_.try_emplace(std::move(key), std::move(kind));
  if (is_new) {
    at->second.told = clock_.boot();
    tell(at->second, 1);
  } else {
    ++at->second.count;
  }
}

void RefusedOperators::tick() {
  const BootTime now = clock_.boot();
  for (auto at = kinds_.begin(); at != kinds_.end();) {
    Kind& kind = at->second;
    if (now.us - kind.told.us < kEveryUs) {
      ++at;
    } else if (kind.count == 0) {
      at = kinds_.erase(at);
    } else {
      tell(kind, std::exchange(kind.count, 0));
      kind.told = now;
      ++at;
    }
  }
}

void RefusedOperators::flush() {
  for (auto& [key, kind] : kinds_) {
    if (const std::uint64_t count = std::exchange(kind.count, 0); count > 0) {
      tell(kind, count);
    }
  }
}

void RefusedOperators::tell(const Kind& kind, std::uint64_t count) {
  log(LogLevel::kWarn, "operator_refused",
      {{"listener", kind.listener},
       {"act", kind.act},
       {"code", kind.code},
       {"count", std::to_string(count)}});
  RecordDraft draft;
  draft.id = recorder_.new_id();
  draft.kind = kinds::kOperatorRefused;
  draft.body.text("listener", kind.listener);
  draft.body.text("act", kind.act);
  draft.body.text("code", kind.code);
  draft.body.number("count", static_cast<std::int64_t>(count));
  recorder_.record(std::move(draft), [](const Result<RecordRef>&) {});
}

}  // namespace pawl
