// Reads the resources of a log over HTTP, one at a time, for commands.
//
// Purpose:    what a remote server can do to a command is bounded here: each answer in size, each
//             request and a whole look at the log in time. Redirects are not followed.
// Threading:  the thread of `loop`; get() runs the loop until the answer is there.
// Ownership:  loop and clock outlive it.
// Errors:     kNotFound (404, 410), kUpstreamFailed (another status, or no HTTP), kTooLarge,
//             kUpstreamUnavailable, kDeadlineExceeded, kCancelled: somebody else stopped the loop.
//
// Example:
//   LogReader reader(loop, clock, "https://log.example/log", std::chrono::seconds(10));
//   reader.begin_look();
//   Result<std::string> note = reader.get("checkpoint");
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "infrastructure/http/client.h"

namespace pawl {

class LogReader {
 public:
  // `url`: what stands before "/checkpoint". `timeout`: of one request; a look has six of them.
  LogReader(EventLoop& loop, Clock& clock, std::string url, std::chrono::seconds timeout);
  void begin_look();
  // `path`: "checkpoint", "tile/0/000.p/5".
  Result<std::string> get(const std::string& path);

 private:
  EventLoop& loop_;
  Clock& clock_;
  http::ClientPool pool_;
  std::string url_;
  const std::chrono::milliseconds timeout_;
  BootTime end_;  // of the look
};

}  // namespace pawl
