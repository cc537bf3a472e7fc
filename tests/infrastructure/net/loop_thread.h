// Test double of a process: an EventLoop on its own thread, and blocking sockets to talk to it.
// Waiting is always for an event; a receive gives up (and the test fails) after 20 s.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/write_gate.h"
#include "infrastructure/net/event_loop.h"

namespace pawl::testing {

class LoopThread {
 public:
  LoopThread() : thread_([this] { loop.run(); }) {}
  ~LoopThread() {
    loop.stop();
    thread_.join();
  }
  // Runs `task` on the loop and waits for it.
  template <class F>
  auto on_loop(F task) {
    std::packaged_task<decltype(task())()> packaged(std::move(task));
    auto result = packaged.get_future();
    loop.post([&packaged] { packaged(); });
    return result.get();
  }
  EventLoop loop;

 private:
  std::thread thread_;
};

// A blocking stream socket.
class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {
    const timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  }
  // `receive_buffer`: 0 is the system's default.
  static RawSocket tcp(std::uint16_t port, int receive_buffer = 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      ::close(fd);
      return RawSocket(-1);
    }
    return RawSocket(fd);
  }
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~RawSocket() { close(); }

  bool connected() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) {
      ::close(std::exchange(fd_, -1));
    }
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // What one receive gives; empty at the end or on an error.
  std::string receive_some() {
    char buffer[65536];
    const ssize_t got = ::recv(fd_, buffer, sizeof(buffer), 0);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
  }
  // Until `mark` was received (returned up to and with it; the rest is kept), or the end.
  std::string until(std::string_view mark) {
    for (std::size_t from = 0;;) {
      const std::size_t at = kept_.find(mark, from);
      if (at != std::string::npos) {
        std::string found = kept_.substr(0, at + mark.size());
        kept_.erase(0, found.size());
        return found;
      }
      const std::string more = receive_some();
      if (more.empty()) {
        return std::exchange(kept_, {});
      }
      from = kept_.size() - std::min(kept_.size(), mark.size());
      kept_ += more;
    }
  }
  std::string until_end() {
    std::string all = std::exchange(kept_, {});
    for (std::string more = receive_some(); !more.empty(); more = receive_some()) {
      all += more;
    }
    return all;
  }
  std::string exactly(std::size_t count) {
    while (kept_.size() < count) {
      const std::string more = receive_some();
      if (more.empty()) {
        break;
      }
      kept_ += more;
    }
    std::string bytes = kept_.substr(0, count);
    kept_.erase(0, bytes.size());
    return bytes;
  }

 private:
  int fd_;
  std::string kept_;
};

// A blocking listening socket on a free loopback port: an upstream that the test plays by hand.
class RawListener {
 public:
  RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(fd_, 16);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    const timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~RawListener() { ::close(fd_); }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  std::uint16_t port() const { return port_; }
  RawSocket accept() { return RawSocket(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

// Passes `budget` times, then refuses for good.
class CountingGate final : public WriteGate {
 public:
  explicit CountingGate(int budget) : budget_(budget) {}
  bool pass(FunctionRef<void()> write) override {
    if (budget_ <= 0) {
      ++refused;
      return false;
    }
    --budget_;
    ++passed;
    write();
    return true;
  }
  int passed = 0;
  int refused = 0;

 private:
  int budget_;
};

}  // namespace pawl::testing
