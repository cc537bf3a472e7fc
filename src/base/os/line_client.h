// Asks one line and waits for one line, over a Unix socket that stays connected.
//
// Purpose:    for what must be answered before anything goes on, such as a signature.
// Threading:  one thread at a time; it blocks, for `patience` at most.
// Ownership:  owns its connection.
// Errors:     kUpstreamUnavailable (nobody listens there), kDeadlineExceeded, kTooLarge (an answer
//             over `max_line`), kIo. After one the next question connects anew.
// Not errors: an end that went away since the last question: it is connected again, once.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

class LineClient {
 public:
  LineClient(std::string path, std::chrono::milliseconds patience, std::size_t max_line)
      : path_(std::move(path)), patience_(patience), max_line_(max_line) {}
  ~LineClient();
  LineClient(const LineClient&) = delete;
  LineClient& operator=(const LineClient&) = delete;

  // `line` and the answer are without their line ends.
  Result<std::string> ask(std::string_view line);
  // Whether somebody listens, without a question and without waiting: a connection that ended is
  // made anew.
  Status look();

 private:
  using Clock = std::chrono::steady_clock;
  Status connect();
  Status wait_for(short events, Clock::time_point end) const;
  Status write_all(std::string_view bytes, Clock::time_point end) const;
  Result<std::string> read_line(Clock::time_point end) const;
  Result<std::string> ask_once(const std::string& line);
  void close();

  const std::string path_;
  const std::chrono::milliseconds patience_;
  const std::size_t max_line_;
  int fd_ = -1;
};

}  // namespace pawl
