#include "base/os/line_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace pawl {
namespace {

constexpr std::size_t kPart = 4096;

tl::unexpected<Error> os_failure(Code code, const std::string& what) {
  return fail(code, what + ": " + std::strerror(errno));
}

}  // namespace

LineClient::~LineClient() {
  close();
}

void LineClient::close() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

Status LineClient::connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) {
    return fail(Code::kInvalidParams, path_ + ": a socket's path has at most " +
                                          std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  path_.copy(address.sun_path, path_.size());
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0) {
    return os_failure(Code::kIo, "socket");
  }
  // A Unix socket connects at once, or its backlog is full.
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const Status failed = os_failure(Code::kUpstreamUnavailable, path_);
    close();
    return failed;
  }
  return {};
}

Status LineClient::wait_for(short events, Clock::time_point end) const {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) {
      return fail(Code::kDeadlineExceeded,
                  path_ + ": no answer within " + std::to_string(patience_.count()) + " ms");
    }
    pollfd one{fd_, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(left.count()));
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && errno != EINTR) {
      return os_failure(Code::kIo, path_);
    }
  }
}

Status LineClient::write_all(std::string_view bytes, Clock::time_point end) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (Status ready = wait_for(POLLOUT, end); !ready) {
        return ready;
      }
    } else if (errno != EINTR) {
      return os_failure(Code::kIo, path_);
    }
  }
  return {};
}

Result<std::string> LineClient::read_line(Clock::time_point end) const {
  std::string line;
  std::array<char, kPart> part{};
  while (true) {
    if (Status ready = wait_for(POLLIN, end); !ready) {
      return fail(ready.error());
    }
    const ssize_t got = ::recv(fd_, part.data(), part.size(), 0);
    if (got == 0) {
      return fail(Code::kIo, path_ + ": the other end closed the connection");
    }
    if (got < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        continue;
      }
      return os_failure(Code::kIo, path_);
    }
    line.append(part.data(), static_cast<std::size_t>(got));
    if (line.back() == '\n') {  // one answer a question, so nothing follows it
      line.pop_back();
      return line;
    }
    if (line.size() > max_line_) {
      return fail(Code::kTooLarge,
                  path_ + ": an answer of more than " + std::to_string(max_line_) + " bytes");
    }
  }
}

Result<std::string> LineClient::ask_once(const std::string& line) {
  const Clock::time_point end = Clock::now() + patience_;
  if (fd_ < 0) {
    if (Status connected = connect(); !connected) {
      return fail(connected.error());
    }
  }
  const Status written = write_all(line, end);
  Result<std::string> answer = written ? read_line(end) : fail(written.error());
  if (!answer) {
    close();  // what may still come is the answer to this question
  }
  return answer;
}

Result<std::string> LineClient::ask(std::string_view line) {
  const std::string whole = std::string(line) + "\n";
  const bool was_connected = fd_ >= 0;
  Result<std::string> answer = ask_once(whole);
  return !answer && was_connected && answer.error().code == Code::kIo ? ask_once(whole)
                                                                      : std::move(answer);
}

Status LineClient::look() {
  if (fd_ >= 0) {
    pollfd one{fd_, POLLIN, 0};  // between questions nothing comes but the end
    if (::poll(&one, 1, 0) == 0) {
      return {};
    }
    close();
  }
  return connect();
}

}  // namespace pawl
