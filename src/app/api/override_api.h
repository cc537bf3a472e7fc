// The override listener: its own socket, port, thread and reserve (design, section 8).
//
// Purpose:    POST /override/v1/stop, resume, resolve, compromised, revoke and restore, GET
//             /override/v1/stops and revocations. Nothing that agents do can delay or refuse it: it
//             shares no queue, no lock and no thread with them.
// Threading:  constructed on any thread; serves on a thread of its own until destroyed.
// Credentials: the local token (file DATA/run/override.token, mode 0600) may stop a narrow scope;
// an
//             operator's signature may stop any scope and is the only way to resume or to revoke.
// Errors:     RFC 9457 problems.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "gateway/stop_desk.h"
#include "infrastructure/http/server.h"

namespace pawl {

using ScopeDoubt = std::function<std::string(const override_::Scope&)>;
// How a request was answered; on the listener's thread.
using OverrideAnswered = std::function<void(const std::string& method, const std::string& path,
                                            const http::Response& answer)>;

class OverrideListener {
 public:
  // The desk is used only on the listener's thread from here on. `doubt` is asked on it too: why a
  // scope may be a slip of the pen; empty: it is not. It never hinders a stop.
  static Result<std::unique_ptr<OverrideListener>> start(const std::string& address,
                                                         std::string token,
                                                         std::unique_ptr<StopDesk> desk,
                                                         ScopeDoubt doubt,
                                                         OverrideAnswered answered);
  ~OverrideListener();
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit OverrideListener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl
