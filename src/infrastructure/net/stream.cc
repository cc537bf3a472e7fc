#include "infrastructure/net/stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace pawl {

namespace {

constexpr std::size_t kTlsRecord = 16 * 1024;

Io failed_call() {
  const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return {later ? IoState::kBlocked : IoState::kFailed, 0};
}

// Small parts (a head and its body) share one record.
Io write_record(TlsSession& tls, const iovec* parts, int count) {
  if (count == 1 || parts[0].iov_len >= kTlsRecord) {
    return tls.write(static_cast<const char*>(parts[0].iov_base),
                     std::min(parts[0].iov_len, kTlsRecord));
  }
  thread_local std::array<char, kTlsRecord> record;
  std::size_t used = 0;
  for (int i = 0; i < count && used < record.size(); ++i) {
    const std::size_t bytes = std::min(parts[i].iov_len, record.size() - used);
    std::memcpy(record.data() + used, parts[i].iov_base, bytes);
    used += bytes;
  }
  return tls.write(record.data(), used);
}

}  // namespace

void Stream::close() {
  tls_.reset();
  watch_.reset();
}

Io Stream::read(char* buffer, std::size_t size) {
  if (watch_ == nullptr) {
    return {IoState::kFailed, 0};
  }
  if (tls_ != nullptr) {
    return tls_->read(buffer, size);
  }
  const ssize_t bytes = ::recv(watch_->fd(), buffer, size, MSG_DONTWAIT);
  if (bytes < 0) {
    const Io io = failed_call();
    if (io.state == IoState::kBlocked && errno != EINTR) {
      watch_->drained();
    }
    return io;
  }
  if (static_cast<std::size_t>(bytes) < size) {
    // Of a stream, less than asked for is all there was. Not so with urgent data or a passed
    // descriptor in between: the rest then waits for the sender's next byte, or its end.
    watch_->drained();
  }
  return {bytes == 0 ? IoState::kEnd : IoState::kDone, static_cast<std::size_t>(bytes)};
}

Io Stream::write(const iovec* parts, int count) {
  if (watch_ == nullptr) {
    return {IoState::kFailed, 0};
  }
  if (tls_ != nullptr) {
    return write_record(*tls_, parts, count);
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<std::size_t>(count);
  const ssize_t bytes = ::sendmsg(watch_->fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (bytes < 0) {
    return failed_call();
  }
  return {IoState::kDone, static_cast<std::size_t>(bytes)};
}

void Stream::want_read() {
  if (watch_ == nullptr) {
    return;
  }
  if (tls_ != nullptr && tls_->has_buffered()) {
    watch_->want_read_now();
  } else {
    watch_->want_read();
  }
}

void Stream::want_write() {
  if (watch_ != nullptr) {
    watch_->want_write();
  }
}

void Stream::unwant_read() {
  if (watch_ != nullptr) {
    watch_->unwant_read();
  }
}

void Stream::shut_down_sending() {
  if (tls_ != nullptr) {
    tls_->close_notify();
  }
  ::shutdown(watch_->fd(), SHUT_WR);
}

void Stream::reset_on_close() {
  const linger discard{1, 0};
  ::setsockopt(watch_->fd(), SOL_SOCKET, SO_LINGER, &discard, sizeof(discard));
}

}  // namespace pawl
