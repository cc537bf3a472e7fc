// The table of legacy HTTP sessions: who may use which, how many, for how long.
//
// Purpose:    ids are random (128 bits) and good only for the agent that created them.
// Threading:  the I/O thread.
// Errors:     create: kOverloaded. find: kNotFound, the same for an unknown id, another agent's and
//             another server's.
// Not errors: making room by ending the agent's longest unused session without a connection.
//
// Example:
//   Result<std::shared_ptr<Session>> session = sessions.find(id, caller, server, now);
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/random.h"
#include "infrastructure/bridge/session.h"

namespace pawl::bridge {

struct SessionTableLimits {
  std::size_t max_total = 10'000;
  std::size_t max_per_agent = 256;
  std::chrono::seconds idle{30 * 60};
  SessionLimits session{};
};

class Sessions {
 public:
  Sessions(SessionTableLimits limits, Random& random, Scheduler& scheduler)
      : limits_(limits), random_(random), scheduler_(scheduler) {}

  Result<std::shared_ptr<Session>> create(const Caller& caller, const std::string& server,
                                          BootTime now);
  Result<std::shared_ptr<Session>> find(const std::string& id, const Caller& caller,
                                        const std::string& server, BootTime now);
  void end(const std::string& id);
  void end_idle(BootTime now);
  // Those whose caller was revoked; one with open calls later, when these were refused.
  void end_revoked(const std::function<bool(const Caller&)>& is_revoked);
  void keep_alive();
  void end_all();
  // Told the id of each session that ended.
  void on_ended(std::function<void(const std::string&)> handler) { ended_ = std::move(handler); }
  std::size_t size() const { return sessions_.size(); }

 private:
  void end_those(const std::function<bool(const Session&)>& which);
  bool is_idle(const Session& session) const;
  bool make_room(const std::string& agent);

  const SessionTableLimits limits_;
  Random& random_;
  Scheduler& scheduler_;
  std::map<std::string, std::shared_ptr<Session>, std::less<>> sessions_;
  std::map<std::string, std::size_t> per_agent_;
  std::function<void(const std::string&)> ended_;
};

}  // namespace pawl::bridge
