// The answering half of Connection: what the writer asks for, and the writes that follow.
#include <utility>

#include "infrastructure/http/connection.h"

namespace pawl::http {

namespace {

Framing framing_of(int status) {
  return status == 204 || status == 304 ? Framing::kNoBody : Framing::kLength;
}

}  // namespace

void Connection::answer_and_close(int status, std::string_view text) {
  answer_and_close({status, {{"Content-Type", "text/plain"}}, std::string(text) + "\n"});
}

void Connection::answer_and_close(Response response) {
  enter(State::kAnswering);
  ++answer_;
  keep_alive_ = false;
  head_request_ = false;
  told_disconnect_ = true;  // there is no handler to tell
  push_head(response.status, Framing::kLength, response.body.size(), response.headers, nullptr);
  queue_.push(std::move(response.body), nullptr);
  answer_state_ = Answer::kComplete;
  flush();
}

void Connection::push_head(int status, Framing framing, std::size_t length, const Headers& headers,
                           const std::shared_ptr<WriteGate>& gate) {
  keep_alive_ = keep_alive_ && !server_->stopping && framing != Framing::kUntilClose;
  std::string head = queue_.take_spare();
  append_response_head(head, {status, framing, length, keep_alive_}, headers);
  queue_.push(std::move(head), gate);
}

void Connection::send(std::uint64_t answer, Response response, std::shared_ptr<WriteGate> gate) {
  if (!current(answer) || answer_state_ != Answer::kNone) {
    return;
  }
  const Framing framing = framing_of(response.status);
  push_head(response.status, framing, response.body.size(), response.headers, gate);
  if (framing == Framing::kLength && !head_request_) {
    queue_.push(std::move(response.body), std::move(gate));
  }
  answer_state_ = Answer::kComplete;
  server_->loop.sends().add(shared_from_this());
}

void Connection::start_stream(std::uint64_t answer, int status, const Headers& headers) {
  if (!current(answer) || answer_state_ != Answer::kNone) {
    return;
  }
  push_head(status, chunked_ ? Framing::kChunked : Framing::kUntilClose, 0, headers, nullptr);
  answer_state_ = Answer::kStreaming;
  flush();
}

void Connection::write(std::uint64_t answer, std::string bytes, std::shared_ptr<WriteGate> gate) {
  if (!current(answer) || answer_state_ != Answer::kStreaming || head_request_ || bytes.empty()) {
    return;
  }
  const bool waiting = !queue_.empty();
  queue_.push(chunked_ ? encode_chunk(bytes) : std::move(bytes), std::move(gate));
  if (waiting) {
    count_output();
  } else {
    flush();
  }
}

void Connection::finish(std::uint64_t answer) {
  if (!current(answer) || answer_state_ != Answer::kStreaming) {
    return;
  }
  if (chunked_ && !head_request_) {
    queue_.push(std::string(kLastChunk), nullptr);
  }
  answer_state_ = Answer::kComplete;
  flush();
}

void Connection::abort(std::uint64_t answer) {
  if (!current(answer)) {
    return;
  }
  if (!chunked_) {
    stream_.reset_on_close();  // an orderly end would look like the whole answer
  }
  close();
}

void Connection::dropped(std::uint64_t answer) {
  if (!current(answer) || answer_state_ == Answer::kComplete) {
    return;
  }
  if (answer_state_ == Answer::kNone) {
    send(answer, {500, {{"Content-Type", "text/plain"}}, "the request was not answered\n"},
         nullptr);
  } else {
    abort(answer);
  }
}

bool Connection::is_open(std::uint64_t answer) const {
  return current(answer) && answer_state_ != Answer::kComplete && !peer_ended_;
}

void Connection::on_drained(std::uint64_t answer, std::function<void()> handler) {
  if (current(answer)) {
    drained_ = std::move(handler);
    check_drained();
  }
}

void Connection::on_disconnect(std::uint64_t answer, std::function<void()> handler) {
  if (!current(answer)) {
    return;
  }
  disconnected_ = std::move(handler);
  if (told_disconnect_) {
    server_->loop.post(std::exchange(disconnected_, nullptr));
  }
}

void Connection::check_drained() {
  if (drained_ && queue_.size() <= server_->options.max_queued_bytes / 2) {
    server_->loop.post(
        [weak = weak_from_this(), answer = answer_, handler = std::exchange(drained_, nullptr)] {
          const auto self = weak.lock();
          if (self != nullptr && self->current(answer)) {
            handler();
          }
        });
  }
}

Sender::Socket Connection::to_send() {
  return {stream_.tls() == nullptr && !stream_.closed() ? stream_.fd() : -1, &queue_};
}

void Connection::flush() {
  const auto self = shared_from_this();
  const std::uint64_t before = queue_.written();
  sent(queue_.flush([this](const iovec* parts, int count) { return stream_.write(parts, count); }),
       before);
}

void Connection::sent(GatedQueue::Flushed flushed, std::uint64_t before) {
  count_output();
  switch (flushed) {
    case GatedQueue::Flushed::kAll:
      if (state_ == State::kAnswering) {
        deadline_.clear();
        check_drained();
        if (answer_state_ == Answer::kComplete) {
          answer_written();
        }
      }
      return;
    case GatedQueue::Flushed::kBlocked:
    case GatedQueue::Flushed::kBlockedOnRead:
      if (state_ == State::kAnswering && (queue_.written() != before || !deadline_.is_set())) {
        deadline_.set_in(server_->options.write_timeout);
      }
      check_drained();
      if (flushed == GatedQueue::Flushed::kBlocked) {
        stream_.want_write();
      } else {
        stream_.want_read();
      }
      return;
    case GatedQueue::Flushed::kRefused:
      ++server_->counters.gate_refusals;
      broken();
      return;
    case GatedQueue::Flushed::kFailed:
      broken();
      return;
  }
}

void Connection::answer_written() {
  drained_ = nullptr;
  disconnected_ = nullptr;
  if (!keep_alive_ || peer_ended_) {
    linger();
    return;
  }
  enter(State::kIdle);
  answer_state_ = Answer::kNone;
  process();
}

// Closing with unread input would make the kernel reset the connection, and the peer might lose the
// answer: say the end, then wait for the peer's.
void Connection::linger() {
  if (peer_ended_) {
    close();
    return;
  }
  stream_.shut_down_sending();
  enter(State::kLingering);
  stream_.want_read();
}

void Connection::broken() {
  if (state_ == State::kAnswering) {
    tell_disconnect();
  }
  close();
}

void Connection::tell_disconnect() {
  if (std::exchange(told_disconnect_, true)) {
    return;
  }
  ++server_->counters.disconnects;
  if (disconnected_) {
    server_->loop.post(std::exchange(disconnected_, nullptr));
  }
}

}  // namespace pawl::http
