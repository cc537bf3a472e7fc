#include "app/api/session_guard.h"

#include <algorithm>
#include <optional>

#include "foundation/crypto/sha256.h"
#include "path/plugged.h"

namespace pawl {
namespace {

using sign_in::Session;

constexpr std::size_t kSchemeEnd = 3;  // "://"

bool changes_nothing(const http::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// nullopt: there is none; empty: there are several.
std::optional<std::string_view> one_of(const http::Request& request, std::string_view name) {
  const std::size_t count = request.headers.count(name);
  return count > 1 ? std::optional<std::string_view>("") : request.headers.get(name);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == text.npos ? std::string_view() : text.substr(begin);
}

const Session& nobody() {
  static const Session kNobody;
  return kNobody;
}

}  // namespace

std::string SessionGuard::host() const {
  const std::string address = address_();
  return address.substr(address.find("://") + kSchemeEnd);
}

std::string SessionGuard::full_name(std::string_view name) const {
  return (is_secure() ? "__Host-" : "") + std::string(name);
}

sign_in::RelyingParty SessionGuard::party() const {
  const std::string name = host();
  return {name.substr(0, name.find(':')), address_()};
}

Status SessionGuard::check_host(const http::Request& request) const {
  const auto named = one_of(request, "Host");
  return named && http::equal_ignoring_case(*named, host())
             ? Status()
             : Status(fail(Code::kForbidden, "Host: expected " + host()));
}

Status SessionGuard::check_site(const http::Request& request) const {
  if (Status good = check_host(request); !good) {
    return good;
  }
  const auto origin = one_of(request, "Origin");
  const auto site = one_of(request, "Sec-Fetch-Site");
  const bool is_own_page = origin ? *origin == address_() : changes_nothing(request);
  const bool is_own_fetch =
      !site || *site == "same-origin" || (*site == "none" && changes_nothing(request));
  if ((!is_own_page || !is_own_fetch) && plugged(ControlId::kCsrf)) {
    return fail(Code::kForbidden, "Origin: expected " + address_() + ", a page of this site");
  }
  return {};
}

Result<const Session*> SessionGuard::who(const http::Request& request) const {
  if (Status good = check_site(request); !good) {
    return fail(good.error());
  }
  const std::string token = cookie(request, kSessionCookie);
  const Status looked = token.empty() ? Status() : look_();
  const Session* session = sessions_.find(token, clock_.boot());
  if (session != nullptr && session->person.account && !looked && plugged(ControlId::kSession)) {
    return fail(Code::kUnauthenticated, "the accounts cannot be read, so nobody is signed in");
  }
  if (session == nullptr && plugged(ControlId::kSession)) {
    return fail(Code::kUnauthenticated, "sign in first");
  }
  session = session == nullptr ? &nobody() : session;
  const auto shown = one_of(request, kFieldCsrf);
  const bool is_meant =
      changes_nothing(request) || (shown && equal_constant_time(*shown, session->csrf));
  if (!is_meant && plugged(ControlId::kCsrf)) {
    return fail(Code::kForbidden, std::string(kFieldCsrf) + ": expected the session's token");
  }
  return session;
}

Result<const Session*> SessionGuard::may(const http::Request& request, sign_in::Role role,
                                         const override_::Scope& scope) const {
  const Result<const Session*> session = who(request);
  if (session && !sign_in::may((*session)->person.grants, role, scope) &&
      plugged(ControlId::kRole)) {
    return fail(Code::kForbidden,
                "needs the role " + std::string(sign_in::role_name(role)) + " for " + scope.text());
  }
  return session;
}

std::string SessionGuard::cookie(const http::Request& request, std::string_view name) const {
  const std::string wanted = full_name(name) + "=";
  std::string out;
  std::size_t found = 0;
  for (std::string_view rest : request.headers.get_all("Cookie")) {
    while (!rest.empty()) {
      const std::string_view one = trimmed(rest.substr(0, rest.find(';')));
      rest.remove_prefix(std::min(rest.size(), std::min(rest.find(';'), rest.size()) + 1));
      if (one.starts_with(wanted)) {
        out = one.substr(wanted.size());
        ++found;
      }
    }
  }
  return found == 1 ? out : "";  // of two, one was put there by somebody else
}

std::string SessionGuard::set_cookie(std::string_view name, const std::string& value,
                                     std::string_view same_site) const {
  return full_name(name) + "=" + value + "; Path=/; HttpOnly; SameSite=" + std::string(same_site) +
         (is_secure() ? "; Secure" : "") + (value.empty() ? "; Max-Age=0" : "");
}

}  // namespace pawl
