#include "infrastructure/bridge/sessions.h"

#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/limit_stat.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

LimitStat sessions_limit("sessions");
LimitStat sessions_per_agent("sessions_per_agent");

}  // namespace

Result<std::shared_ptr<Session>> Sessions::create(const Caller& caller, const std::string& server,
                                                  BootTime now) {
  if (per_agent_[caller.agent] >= limits_.max_per_agent && !make_room(caller.agent)) {
    sessions_per_agent.reached();
    return fail(Code::kOverloaded, "this agent has too many open sessions; end one with DELETE");
  }
  if (sessions_.size() >= limits_.max_total && !make_room(caller.agent)) {
    sessions_limit.reached();
    return fail(Code::kOverloaded, "too many sessions are open");
  }
  auto session = std::make_shared<Session>(hex_encode(random_.bytes(16)), caller, server,
                                           limits_.session, scheduler_);
  session->last_used = now;
  sessions_.emplace(session->id(), session);
  ++per_agent_[caller.agent];
  return session;
}

Result<std::shared_ptr<Session>> Sessions::find(const std::string& id, const Caller& caller,
                                                const std::string& server, BootTime now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->server() != server ||
      (found->second->caller().agent != caller.agent && plugged(ControlId::kSessionCaller))) {
    return fail(Code::kNotFound, "no such session of this agent; initialize a new one");
  }
  found->second->last_used = now;
  return found->second;
}

void Sessions::end(const std::string& id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) {
    return;
  }
  const std::shared_ptr<Session> session = found->second;
  sessions_.erase(found);
  const auto count = per_agent_.find(session->caller().agent);
  if (count != per_agent_.end() && --count->second == 0) {
    per_agent_.erase(count);
  }
  session->end();
  if (ended_) {
    ended_(session->id());
  }
}

void Sessions::keep_alive() {
  for (const auto& [id, session] : sessions_) {
    session->keep_alive();
  }
}

void Sessions::end_idle(BootTime now) {
  const std::int64_t idle_us = std::chrono::microseconds(limits_.idle).count();
  end_those([&](const Session& session) {
    return is_idle(session) && now.us - session.last_used.us > idle_us;
  });
}

void Sessions::end_revoked(const std::function<bool(const Caller&)>& is_revoked) {
  end_those([&](const Session& session) {
    return session.calls().empty() && is_revoked(session.caller());
  });
}

void Sessions::end_those(const std::function<bool(const Session&)>& which) {
  std::vector<std::string> over;
  for (const auto& [id, session] : sessions_) {
    if (which(*session)) {
      over.push_back(id);
    }
  }
  for (const std::string& id : over) {
    end(id);
  }
}

void Sessions::end_all() {
  while (!sessions_.empty()) {
    end(std::string(sessions_.begin()->first));
  }
}

bool Sessions::is_idle(const Session& session) const {
  return !session.has_connection() && session.calls().empty();
}

bool Sessions::make_room(const std::string& agent) {
  const Session* oldest = nullptr;
  for (const auto& [id, session] : sessions_) {
    if (session->caller().agent == agent && is_idle(*session) &&
        (oldest == nullptr || session->last_used < oldest->last_used)) {
      oldest = session.get();
    }
  }
  if (oldest == nullptr) {
    return false;
  }
  end(std::string(oldest->id()));
  return true;
}

}  // namespace pawl::bridge
