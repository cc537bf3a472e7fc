#include "app/daemon/wrap_refusal.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "base/clock.h"
#include "infrastructure/jsonrpc/error_table.h"
#include "infrastructure/jsonrpc/message.h"

namespace pawl {
namespace {

constexpr std::int64_t kPatience_us = 1'000'000;
constexpr std::size_t kMaxAsked = 1u << 20;

// The answer to the first request among the whole lines; empty: there is none yet.
std::string answer_to(std::string& asked, const Error& error) {
  for (std::size_t end = asked.find('\n'); end != std::string::npos; end = asked.find('\n')) {
    const Result<jsonrpc::Message> message = jsonrpc::decode(asked.substr(0, end));
    asked.erase(0, end + 1);
    if (message && message->kind == jsonrpc::Kind::kRequest) {
      return jsonrpc::error_response(message->id_text,
                                     jsonrpc::error_object(jsonrpc::error_row(error.code).rpc_code,
                                                           "pawl wrap: " + error.message)) +
             "\n";
    }
  }
  return "";
}

void write_all(int out, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(out, bytes.data(), bytes.size());
    if (put <= 0) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace

void refuse_client(int in, int out, const Error& error) {
  const std::int64_t until = system_clock().boot().us + kPatience_us;
  std::string asked;
  while (::isatty(in) == 0 && asked.size() < kMaxAsked) {
    const std::int64_t left_ms = (until - system_clock().boot().us) / 1000;
    pollfd ready{in, POLLIN, 0};
    if (left_ms <= 0 || ::poll(&ready, 1, static_cast<int>(left_ms)) <= 0) {
      return;
    }
    char bytes[4096];
    const ssize_t got = ::read(in, bytes, sizeof bytes);
    if (got <= 0) {
      return;
    }
    asked.append(bytes, static_cast<std::size_t>(got));
    if (const std::string answer = answer_to(asked, error); !answer.empty()) {
      write_all(out, answer);
      return;
    }
  }
}

}  // namespace pawl
