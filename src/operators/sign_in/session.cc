#include "operators/sign_in/session.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/encoding.h"
#include "base/limit_stat.h"
#include "path/plugged.h"

namespace pawl::sign_in {
namespace {

constexpr std::size_t kTokenBytes = 32;

LimitStat most_sessions("people_sessions");
LimitStat most_of_one("sessions_per_person");

std::int64_t us(std::chrono::microseconds span) {
  return span.count();
}

bool is_over(const Session& session, BootTime now) {
  return (now.us - session.used.us >= us(Sessions::kIdle) ||
          now.us - session.began.us >= us(Sessions::kLongest)) &&
         plugged(ControlId::kSession);
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

bool is_subject(std::string_view text) {
  return !text.empty() && text.size() <= ProviderIdentity::kMaxSubject && is_printable(text);
}

bool is_identity(const ProviderIdentity& identity) {
  return is_subject(identity.subject) && !identity.issuer.empty() &&
         identity.issuer.size() <= ProviderIdentity::kMaxIssuer && is_printable(identity.issuer);
}

bool is_same(const std::optional<ProviderIdentity>& a, std::string_view a_name,
             const std::optional<ProviderIdentity>& b, std::string_view b_name) {
  return a == b && (a.has_value() || a_name == b_name);
}

Result<Sessions::Opened> Sessions::open(Person person, const Uuid& id, BootTime now) {
  drop_ended(now);
  drop_idlest_of(person);
  if (sessions_.size() >= kMost) {
    most_sessions.reached();
    return fail(Code::kOverloaded, "too many people are signed in");
  }
  std::string token = base64url_encode(random_.bytes(kTokenBytes));
  Session session{id, std::move(person), base64url_encode(random_.bytes(kTokenBytes)), now, now};
  sessions_.insert_or_assign(sha256(token), session);
  return Opened{std::move(token), std::move(session)};
}

const Session* Sessions::find(std::string_view token, BootTime now) {
  const auto at = sessions_.find(sha256(token));
  if (at == sessions_.end()) {
    return nullptr;
  }
  if (is_over(at->second, now)) {
    sessions_.erase(at);
    return nullptr;
  }
  at->second.used = now;
  return &at->second;
}

bool Sessions::close(const Uuid& id) {
  return std::erase_if(sessions_, [&](const auto& one) { return one.second.id == id; }) > 0;
}

void Sessions::close_of(std::string_view account) {
  std::erase_if(sessions_, [&](const auto& one) {
    return !one.second.person.provider && one.second.person.name == account;
  });
}

std::size_t Sessions::close_if(const std::function<bool(Session&)>& ends) {
  const std::size_t before = sessions_.size();
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    at = ends(at->second) ? sessions_.erase(at) : std::next(at);
  }
  return before - sessions_.size();
}

std::vector<Session> Sessions::list(BootTime now) {
  drop_ended(now);
  std::vector<Session> out;
  for (const auto& [token, session] : sessions_) {
    out.push_back(session);
  }
  std::sort(out.begin(), out.end(), [](const Session& a, const Session& b) {
    return std::pair(a.began, a.id) < std::pair(b.began, b.id);
  });
  return out;
}

void Sessions::drop_ended(BootTime now) {
  std::erase_if(sessions_, [now](const auto& one) { return is_over(one.second, now); });
}

void Sessions::drop_idlest_of(const Person& person) {
  std::vector<Open::iterator> own;
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    if (is_same(at->second.person, person)) {
      own.push_back(at);
    }
  }
  if (own.size() >= kMostOfOne) {
    most_of_one.reached();
    sessions_.erase(*std::min_element(
        own.begin(), own.end(), [](auto a, auto b) { return a->second.used < b->second.used; }));
  }
}

}  // namespace pawl::sign_in
