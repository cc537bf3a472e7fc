#include "infrastructure/net/send_round.h"

#include <liburing.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace pawl {
namespace {

constexpr std::size_t kTogether = 16;  // gates passed one within another, and bytes on the way

Io result_of(int result) {
  if (result > 0) {
    return {IoState::kDone, static_cast<std::size_t>(result)};
  }
  const bool later = result == -EAGAIN || result == -EINTR;
  return {later ? IoState::kBlocked : IoState::kFailed, 0};
}

}  // namespace

// `parts` is written before it is read, as far as it is read.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct SendRound::Send {
  Sender* sender = nullptr;
  Sender::Socket socket;
  std::uint64_t before = 0;  // written of the queue
  iovec parts[GatedQueue::kMaxParts];
  msghdr message{};
  Io io{IoState::kBlocked, 0};
  bool refused = false;
  std::optional<GatedQueue::Flushed> flushed;  // nullopt: there is more to write
};

class SendRound::Ring {
 public:
  // Null: the kernel has none for us.
  static std::unique_ptr<Ring> make() {
    auto made = std::unique_ptr<Ring>(new Ring);
    made->usable_ = io_uring_queue_init(kTogether, &made->ring_, 0) == 0;
    return made->usable_ ? std::move(made) : nullptr;
  }
  ~Ring() {
    if (usable_) {
      io_uring_queue_exit(&ring_);
    }
  }

  void stage(Send& send) {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);  // there are as many as sends
    io_uring_prep_sendmsg(entry, send.socket.fd, &send.message, MSG_DONTWAIT | MSG_NOSIGNAL);
    io_uring_sqe_set_data(entry, &send);
    ++staged_;
  }

  // A send that does not wait is done, or refused, when it was handed over. False: the kernel did
  // not take all, and this ring is of no use any more.
  bool hand_over() {
    while (staged_ > 0) {
      const int taken = io_uring_submit_and_wait(&ring_, staged_);
      if (taken < 0 && taken != -EINTR) {
        return false;
      }
      io_uring_cqe* done = nullptr;
      while (staged_ > 0 && io_uring_peek_cqe(&ring_, &done) == 0) {
        static_cast<Send*>(io_uring_cqe_get_data(done))->io = result_of(done->res);
        io_uring_cqe_seen(&ring_, done);
        --staged_;
      }
    }
    return true;
  }

 private:
  Ring() = default;
  io_uring ring_{};
  bool usable_ = false;
  unsigned staged_ = 0;  // handed over or about to be, without a result
};

SendRound::SendRound() = default;
SendRound::~SendRound() = default;

void SendRound::add(std::shared_ptr<Sender> sender) {
  if (!std::exchange(sender->waits_, true)) {
    waiting_.push_back(std::move(sender));
  }
}

void SendRound::send_each_alone() {
  tried_ = true;
  ring_.reset();
}

bool SendRound::has_ring() {
  if (!std::exchange(tried_, true)) {
    ring_ = Ring::make();
  }
  return ring_ != nullptr;
}

void SendRound::run() {
  std::vector<std::shared_ptr<Sender>> turn;
  while (!waiting_.empty()) {
    turn.swap(waiting_);
    std::vector<Send> sends;
    sends.reserve(std::min(turn.size(), kTogether));
    for (const std::shared_ptr<Sender>& sender : turn) {
      sender->waits_ = false;
      const Sender::Socket socket = sender->to_send();
      if (socket.fd < 0 || turn.size() == 1 || !has_ring()) {
        send_together(sends);  // nobody is called while queues wait here: it might end one
        sender->flush();
      } else if (!socket.queue->empty()) {
        Send& send = sends.emplace_back();
        send.sender = sender.get();
        send.socket = socket;
      }
      if (sends.size() == kTogether) {
        send_together(sends);
      }
    }
    send_together(sends);
    turn.clear();
  }
}

void SendRound::send_together(std::vector<Send>& sends) {
  stage(sends, 0);
  // All queues first: what a sender does with its result may end another one.
  for (Send& send : sends) {
    send.flushed = send.refused ? GatedQueue::Flushed::kRefused : send.socket.queue->wrote(send.io);
  }
  for (const Send& send : sends) {
    if (send.flushed) {
      send.sender->sent(*send.flushed, send.before);
    } else {
      send.sender->flush();
    }
  }
  sends.clear();
}

// Each level stands inside the gates of the levels before it; the innermost one sends.
void SendRound::stage(std::vector<Send>& sends, std::size_t from) {
  if (from == sends.size()) {
    if (ring_ != nullptr && !ring_->hand_over()) {
      ring_.reset();  // what has no result is blocked, and sends by itself when it can
    }
    return;
  }
  Send& send = sends[from];
  send.before = send.socket.queue->written();
  const auto passed = [&] {
    send.message.msg_iov = send.parts;
    send.message.msg_iovlen = static_cast<std::size_t>(send.socket.queue->next(send.parts));
    ring_->stage(send);
    stage(sends, from + 1);
  };
  WriteGate* gate = send.socket.queue->gate();
  if (gate == nullptr) {
    passed();
  } else if (!gate->pass(passed)) {
    send.refused = true;
    stage(sends, from + 1);
  }
}

}  // namespace pawl
