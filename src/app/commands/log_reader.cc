#include "app/commands/log_reader.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace pawl {
namespace {

constexpr std::size_t kMaxCheckpoint = 64 * 1024;
constexpr std::size_t kMaxTile = 8 * 1024;  // 256 hashes
constexpr int kRequestsInTime = 6;          // of a look whose every answer comes at the last moment
constexpr int kOk = 200, kNotFound = 404, kGone = 410;

}  // namespace

LogReader::LogReader(EventLoop& loop, Clock& clock, std::string url, std::chrono::seconds timeout)
    : loop_(loop), clock_(clock), pool_(loop, {}), url_(std::move(url)), timeout_(timeout) {
  while (url_.ends_with('/')) {
    url_.pop_back();
  }
}

void LogReader::begin_look() {
  end_ = BootTime{clock_.boot().us + kRequestsInTime * std::chrono::microseconds(timeout_).count()};
}

Result<std::string> LogReader::get(const std::string& path) {
  const std::int64_t left_ms = (end_.us - clock_.boot().us) / 1000;
  if (left_ms <= 0) {
    return fail(Code::kDeadlineExceeded, path + ": the log is too slow");
  }
  http::ClientRequest request;
  request.url = url_ + "/" + path;
  request.timeouts.total = std::min(timeout_, std::chrono::milliseconds(left_ms));
  // Shared: a loop that somebody else stopped may still hold the callback.
  auto answer = std::make_shared<std::optional<Result<http::Response>>>();
  pool_.fetch(
      std::move(request),
      [this, answer](Result<http::Response> response) {
        *answer = std::move(response);
        loop_.stop();
      },
      path == "checkpoint" ? kMaxCheckpoint : kMaxTile);
  loop_.run();
  if (!*answer) {
    return fail(Code::kCancelled, path + ": ended before the answer");
  }
  Result<http::Response>& response = **answer;
  if (!response) {
    return fail_at(path, response.error());
  }
  if (response->status != kOk) {
    const bool is_missing = response->status == kNotFound || response->status == kGone;
    return fail(is_missing ? Code::kNotFound : Code::kUpstreamFailed,
                path + ": HTTP " + std::to_string(response->status));
  }
  return std::move(response->body);
}

}  // namespace pawl
