#include "infrastructure/net/unix_line.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>

#include "base/limit_stat.h"
#include "infrastructure/net/fd_watch.h"

namespace pawl {

namespace {

LimitStat line_bytes("line_bytes");
LimitStat line_queue("line_queue");

constexpr std::size_t kReadBytes = 64 * 1024;

struct Outgoing {
  std::string bytes;  // with its newline
  std::shared_ptr<WriteGate> gate;
  std::function<void(LineFate)> done;
};

// Makes a descriptor non-blocking for as long as it lives.
class NonBlocking {
 public:
  explicit NonBlocking(int fd) : fd_(fd), flags_(::fcntl(fd, F_GETFL)) {
    ::fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
  }
  ~NonBlocking() { ::fcntl(fd_, F_SETFL, flags_); }
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;

 private:
  const int fd_;
  const int flags_;
};

// One direction's descriptor; members are destroyed flags first, then closed.
struct Side {
  Side(EventLoop& loop, int fd, FdEvents& events) : watch(loop, fd, events), flags(fd) {}
  FdWatch watch;
  NonBlocking flags;
};

// The channel's state; callbacks may destroy the channel, so each entry point holds a reference.
class Lines final : public FdEvents, public std::enable_shared_from_this<Lines> {
 public:
  Lines(EventLoop& loop, int read_fd, int write_fd, const LineLimits& limits)
      : loop_(loop),
        limits_(limits),
        is_socket_(read_fd == write_fd),
        reader_(std::make_unique<Side>(loop, read_fd, *this)),
        writer_(std::make_unique<Side>(
            loop, is_socket_ ? ::fcntl(write_fd, F_DUPFD_CLOEXEC, 0) : write_fd, *this)) {}

  void send(std::string line, std::shared_ptr<WriteGate> gate, std::function<void(LineFate)> done);
  void on_line(std::function<void(std::string)> handler);
  void on_closed(std::function<void(Error)> handler) { closed_handler_ = std::move(handler); }
  void close();
  void close_sending();
  void abandon();  // the owner is gone: no callback any more
  void pause();
  void resume();
  bool is_open() const { return open_; }
  std::size_t queued_bytes() const { return queued_bytes_; }

 private:
  void on_readable() override;
  void on_writable() override { flush(); }
  void flush();
  bool write_front();  // false: wait, or sending ended
  void write_failed(int problem);
  void drop_queue();
  void pop_front(LineFate fate);
  void read_some();
  void deliver_lines();
  void end(Error why);
  void tell_later(std::function<void(LineFate)> done, LineFate fate);

  EventLoop& loop_;
  const LineLimits limits_;
  const bool is_socket_;
  std::unique_ptr<Side> reader_;
  std::unique_ptr<Side> writer_;  // null: sending is over
  bool open_ = true;
  bool abandoned_ = false;
  bool paused_ = false;
  bool sending_ends_ = false;
  bool delivering_ = false;
  std::function<void(std::string)> line_handler_;
  std::function<void(Error)> closed_handler_;
  std::string received_;
  std::size_t scanned_ = 0;  // bytes of received_ known to hold no newline
  std::deque<Outgoing> queue_;
  std::size_t sent_of_front_ = 0;
  std::size_t queued_bytes_ = 0;
  std::unique_ptr<Error> write_problem_;  // told when nothing is left to read
  std::unique_ptr<Error> ended_;          // the reader's end, told after the lines before it
};

void Lines::tell_later(std::function<void(LineFate)> done, LineFate fate) {
  if (done) {
    loop_.post([self = shared_from_this(), done = std::move(done), fate] {
      if (!self->abandoned_) {
        done(fate);
      }
    });
  }
}

void Lines::send(std::string line, std::shared_ptr<WriteGate> gate,
                 std::function<void(LineFate)> done) {
  if (!open_ || writer_ == nullptr || sending_ends_ || line.find('\n') != std::string::npos ||
      queued_bytes_ + line.size() + 1 > limits_.max_queued_bytes) {
    if (queued_bytes_ + line.size() + 1 > limits_.max_queued_bytes) {
      line_queue.reached();
    }
    tell_later(std::move(done), LineFate::kNotSent);
    return;
  }
  line += '\n';
  queued_bytes_ += line.size();
  queue_.push_back({std::move(line), std::move(gate), std::move(done)});
  if (queue_.size() == 1) {
    flush();
  }
}

void Lines::flush() {
  const std::shared_ptr<Lines> self = shared_from_this();
  while (open_ && writer_ != nullptr && !queue_.empty()) {
    if (!write_front()) {
      return;
    }
  }
  if (open_ && sending_ends_ && writer_ != nullptr) {
    if (is_socket_) {
      ::shutdown(writer_->watch.fd(), SHUT_WR);
    }
    writer_.reset();
  }
}

bool Lines::write_front() {
  const Outgoing& front = queue_.front();
  ssize_t written = 0;
  int problem = 0;
  const auto once = [&] {
    written = ::write(writer_->watch.fd(), front.bytes.data() + sent_of_front_,
                      front.bytes.size() - sent_of_front_);
    problem = written < 0 ? errno : 0;
  };
  if (front.gate == nullptr) {
    once();
  } else if (!front.gate->pass(once)) {
    if (sent_of_front_ == 0) {
      pop_front(LineFate::kNotSent);
      return true;
    }
    end({Code::kStopped, "the gate closed in the middle of a line"});
    return false;
  }
  if (problem == EAGAIN || problem == EWOULDBLOCK || problem == EINTR) {
    writer_->watch.want_write();
    return false;
  }
  if (problem != 0) {
    write_failed(problem);
    return false;
  }
  sent_of_front_ += static_cast<std::size_t>(written);
  if (sent_of_front_ == front.bytes.size()) {
    pop_front(LineFate::kWritten);
  }
  return true;
}

// What the peer sent before it went is still read; then the channel ends with this error.
void Lines::write_failed(int problem) {
  write_problem_ =
      std::make_unique<Error>(Error{Code::kIo, std::string("write: ") + std::strerror(problem)});
  writer_.reset();
  drop_queue();
  if (line_handler_ && !paused_) {
    reader_->watch.want_read_now();
  }
}

void Lines::drop_queue() {
  while (!queue_.empty()) {
    pop_front(sent_of_front_ > 0 ? LineFate::kMaybeSent : LineFate::kNotSent);
  }
}

void Lines::pop_front(LineFate fate) {
  Outgoing front = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= front.bytes.size();
  sent_of_front_ = 0;
  tell_later(std::move(front.done), fate);
}

void Lines::on_line(std::function<void(std::string)> handler) {
  line_handler_ = std::move(handler);
  if (open_ && !paused_ && reader_ != nullptr) {
    reader_->watch.want_read();
  }
}

void Lines::on_readable() {
  const std::shared_ptr<Lines> self = shared_from_this();
  if (paused_ || !open_) {
    return;
  }
  read_some();
  deliver_lines();
}

void Lines::read_some() {
  const std::size_t before = received_.size();
  received_.resize(before + kReadBytes);
  const ssize_t bytes = ::read(reader_->watch.fd(), received_.data() + before, kReadBytes);
  const int problem = bytes < 0 ? errno : 0;
  received_.resize(before + static_cast<std::size_t>(bytes > 0 ? bytes : 0));
  if (bytes == 0) {
    const bool cut = !received_.empty() && received_.back() != '\n';
    ended_ = std::make_unique<Error>(
        cut ? Error{Code::kMalformed, "the stream ended in the middle of a line"}
            : Error{Code::kCancelled, "the peer closed the channel"});
  } else if (bytes < 0 && write_problem_ != nullptr) {
    ended_ = std::move(write_problem_);
  } else if (bytes < 0 && problem != EAGAIN && problem != EWOULDBLOCK && problem != EINTR) {
    ended_ =
        std::make_unique<Error>(Error{Code::kIo, std::string("read: ") + std::strerror(problem)});
  }
}

void Lines::deliver_lines() {
  if (delivering_) {
    return;  // resume() from within a line handler: the outer loop goes on
  }
  delivering_ = true;
  std::size_t begin = 0;
  while (open_ && !paused_ && line_handler_) {
    const std::size_t end_of_line = received_.find('\n', std::max(begin, scanned_));
    if (end_of_line == std::string::npos) {
      scanned_ = received_.size();
      break;
    }
    std::size_t stop = end_of_line;
    if (stop > begin && received_[stop - 1] == '\r') {
      --stop;
    }
    std::string line = received_.substr(begin, stop - begin);
    begin = end_of_line + 1;
    scanned_ = begin;
    if (line.size() > limits_.max_line_bytes) {
      line_bytes.reached();
      received_.clear();
      end({Code::kTooLarge,
           "a line of more than " + std::to_string(limits_.max_line_bytes) + " bytes"});
      break;
    }
    if (!line.empty()) {
      const std::function<void(std::string)> handler = line_handler_;
      handler(std::move(line));
    }
  }
  delivering_ = false;
  if (!open_) {
    return;
  }
  received_.erase(0, begin);
  scanned_ -= std::min(scanned_, begin);
  if (paused_ || !line_handler_) {
    return;
  }
  if (received_.size() > limits_.max_line_bytes + 1) {
    line_bytes.reached();
    end({Code::kTooLarge,
         "a line of more than " + std::to_string(limits_.max_line_bytes) + " bytes"});
  } else if (ended_ != nullptr) {
    end(*ended_);
  } else if (write_problem_ != nullptr) {
    reader_->watch.want_read_now();
  } else {
    reader_->watch.want_read();
  }
}

void Lines::pause() {
  paused_ = true;
  if (reader_ != nullptr) {
    reader_->watch.unwant_read();
  }
}

void Lines::resume() {
  if (!std::exchange(paused_, false) || !open_) {
    return;
  }
  loop_.post([self = shared_from_this()] {
    if (self->open_ && !self->paused_) {
      self->deliver_lines();
    }
  });
}

void Lines::close() {
  closed_handler_ = nullptr;
  end({Code::kCancelled, "closed here"});
}

void Lines::close_sending() {
  sending_ends_ = true;
  flush();
}

void Lines::abandon() {
  abandoned_ = true;
  line_handler_ = nullptr;
  close();
}

void Lines::end(Error why) {
  if (!std::exchange(open_, false)) {
    return;
  }
  // The reader last: it was made first, so it knows the flags a shared description had.
  writer_.reset();
  reader_.reset();
  drop_queue();
  if (closed_handler_) {
    loop_.post([self = shared_from_this(), why = std::move(why)] {
      if (std::function<void(Error)> handler = std::exchange(self->closed_handler_, nullptr)) {
        handler(why);
      }
    });
  }
}

class FdLineChannel final : public LineChannel {
 public:
  explicit FdLineChannel(std::shared_ptr<Lines> lines) : lines_(std::move(lines)) {}
  ~FdLineChannel() override { lines_->abandon(); }
  void send(std::string line, std::shared_ptr<WriteGate> gate,
            std::function<void(LineFate)> done) override {
    lines_->send(std::move(line), std::move(gate), std::move(done));
  }
  void on_line(std::function<void(std::string)> handler) override {
    lines_->on_line(std::move(handler));
  }
  void on_closed(std::function<void(Error)> handler) override {
    lines_->on_closed(std::move(handler));
  }
  void close() override { lines_->close(); }
  void close_sending() override { lines_->close_sending(); }
  bool is_open() const override { return lines_->is_open(); }
  std::size_t queued_bytes() const override { return lines_->queued_bytes(); }
  void pause() override { lines_->pause(); }
  void resume() override { lines_->resume(); }

 private:
  std::shared_ptr<Lines> lines_;
};

}  // namespace

std::unique_ptr<LineChannel> make_line_channel(EventLoop& loop, int read_fd, int write_fd,
                                               const LineLimits& limits) {
  return std::make_unique<FdLineChannel>(std::make_shared<Lines>(loop, read_fd, write_fd, limits));
}

}  // namespace pawl
