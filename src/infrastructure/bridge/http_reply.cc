#include "infrastructure/bridge/http_reply.h"

#include <utility>

#include "foundation/records/names.h"
#include "infrastructure/bridge/session.h"
#include "infrastructure/http/sse.h"

namespace pawl::bridge {
namespace {

void answer_json(http::ResponseWriter& writer, std::string text, Reply::Head head,
                 std::shared_ptr<WriteGate> gate) {
  if (!head.token.empty()) {
    head.headers.add(names::kFieldEct, head.token);
  }
  http::Response response = json_response(head.status, std::move(text), std::move(head.headers));
  if (gate) {
    writer.send_gated(std::move(response), std::move(gate));
  } else {
    writer.send(std::move(response));
  }
}

}  // namespace

http::Response json_response(int status, std::string body, http::Headers headers) {
  if (!body.empty()) {
    headers.set("Content-Type", "application/json");
  }
  return http::Response{status, std::move(headers), std::move(body)};
}

void ModernReply::send(std::string text, std::shared_ptr<WriteGate> gate,
                       std::function<void(bool)> left) {
  if (!std::exchange(streaming_, true)) {
    writer_->start_stream(200, sse_headers());
  }
  writer_->write(http::sse::encode({.data = std::move(text)}),
                 std::make_shared<NotingGate>(std::move(gate),
                                              std::make_shared<Note>(scheduler_, std::move(left))));
}

void ModernReply::answer(std::string text, Head head, std::shared_ptr<WriteGate> gate) {
  if (!streaming_) {
    answer_json(*writer_, std::move(text), std::move(head), std::move(gate));
    return;
  }
  writer_->write(http::sse::encode({.data = std::move(text)}), std::move(gate));
  writer_->finish();
}

void ModernReply::on_gone(std::function<void()> handler) {
  writer_->on_disconnect(std::move(handler));
}

void ModernReply::on_drained(std::function<void()> handler) {
  writer_->on_drained(std::move(handler));
}

void ModernReply::keep_alive() {
  if (streaming_ && writer_->is_open() && writer_->queued_bytes() == 0) {
    writer_->write(http::sse::encode_comment("keep-alive"));
  }
}

void LegacyReply::start_stream_after(std::chrono::microseconds delay) {
  timer_ = scheduler_.after(delay, [weak = weak_from_this()] {
    const std::shared_ptr<LegacyReply> self = weak.lock();
    if (self && self->writer_->is_open()) {
      self->open_stream();
    }
  });
}

void LegacyReply::start_stream() {
  open_stream();
}

void LegacyReply::let_poll() {
  const std::shared_ptr<Session> session = session_.lock();
  if (stream_ && session && session->primes()) {
    stream_->close();
  }
}

bool LegacyReply::open_stream() {
  if (stream_) {
    return true;
  }
  const std::shared_ptr<Session> session = session_.lock();
  if (!session) {
    return false;
  }
  timer_.reset();
  stream_ = session->add_stream();
  if (writer_->is_open()) {
    stream_->attach(writer_, std::nullopt, session->primes());
  }
  return true;
}

void LegacyReply::send(std::string text, std::shared_ptr<WriteGate> gate,
                       std::function<void(bool)> left) {
  if (open_stream()) {
    stream_->send(std::move(text), std::move(gate), std::move(left));
  } else if (left) {
    scheduler_.post([left = std::move(left)] { left(false); });
  }
}

void LegacyReply::answer(std::string text, Head head, std::shared_ptr<WriteGate> gate) {
  timer_.reset();
  if (stream_) {
    stream_->send(std::move(text), std::move(gate), nullptr);
    stream_->complete();
  } else {
    answer_json(*writer_, std::move(text), std::move(head), std::move(gate));
  }
}

std::size_t LegacyReply::queued_bytes() const {
  return stream_ ? stream_->queued_bytes() : 0;
}

void LegacyReply::on_drained(std::function<void()> handler) {
  if (stream_) {
    stream_->on_drained(std::move(handler));
  } else {
    scheduler_.post(std::move(handler));
  }
}

}  // namespace pawl::bridge
