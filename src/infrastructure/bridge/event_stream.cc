#include "infrastructure/bridge/event_stream.h"

#include <charconv>

#include "base/limit_stat.h"
#include "infrastructure/http/sse.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

constexpr std::uint64_t kRetryMs = 1000;

std::string event_id(const std::string& stream, std::uint64_t number) {
  return stream + "." + std::to_string(number);
}

LimitStat stream_queue("stream_queue");

}  // namespace

std::optional<std::pair<std::string, std::uint64_t>> parse_event_id(std::string_view id) {
  const std::size_t dot = id.rfind('.');
  if (dot == std::string_view::npos || dot == 0) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const char* const end = id.data() + id.size();
  const auto [stop, error] = std::from_chars(id.data() + dot + 1, end, number);
  if (error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return std::make_pair(std::string(id.substr(0, dot)), number);
}

http::Headers sse_headers() {
  return {{"Content-Type", "text/event-stream"},
          {"Cache-Control", "no-cache, no-transform"},
          {"X-Accel-Buffering", "no"}};
}

void EventStream::send(std::string text, std::shared_ptr<WriteGate> gate,
                       std::function<void(bool)> left) {
  bytes_ += text.size();
  entries_.push_back(Entry{next_++, std::move(text), std::move(gate),
                           std::make_shared<Note>(scheduler_, std::move(left))});
  if (writer_ && writer_->queued_bytes() > limits_.max_queued_bytes) {
    stream_queue.reached();
    std::exchange(writer_, nullptr)->abort();
    drained();
  }
  if (writer_) {
    write(entries_.back());
  }
  trim();
}

void EventStream::complete() {
  complete_ = true;
  if (writer_) {
    std::exchange(writer_, nullptr)->finish();
  }
}

void EventStream::attach(std::shared_ptr<http::ResponseWriter> writer,
                         std::optional<std::uint64_t> after, bool prime) {
  if (writer_) {
    std::exchange(writer_, nullptr)->finish();
  }
  writer_ = std::move(writer);
  writer_->start_stream(200, sse_headers());
  if (prime) {
    // The number before the first event that will be written: a reconnection loses nothing.
    const std::uint64_t number =
        after.value_or(entries_.empty() ? next_ - 1 : entries_.front().number - 1);
    writer_->write(
        http::sse::encode({.data = "", .id = event_id(id_, number), .retry_ms = kRetryMs}));
  }
  const std::weak_ptr<EventStream> weak = weak_from_this();
  writer_->on_disconnect([weak, raw = writer_.get()] {
    const std::shared_ptr<EventStream> self = weak.lock();
    if (self && self->writer_.get() == raw) {
      self->writer_.reset();
      self->drained();
    }
  });
  for (const Entry& entry : entries_) {
    if (after ? entry.number > *after : !entry.note->passed()) {
      write(entry);
    }
  }
  if (complete_) {
    complete();
  }
}

void EventStream::keep_alive() {
  if (writer_ && writer_->queued_bytes() == 0) {
    writer_->write(http::sse::encode_comment("keep-alive"));
  }
}

void EventStream::close() {
  if (writer_) {
    std::exchange(writer_, nullptr)->finish();
  }
}

void EventStream::on_drained(std::function<void()> handler) {
  drained_ = std::move(handler);
  if (!writer_) {
    drained();
    return;
  }
  writer_->on_drained([weak = weak_from_this()] {
    if (const std::shared_ptr<EventStream> self = weak.lock()) {
      self->drained();
    }
  });
}

void EventStream::drained() {
  if (drained_) {
    scheduler_.post(std::exchange(drained_, nullptr));
  }
}

void EventStream::write(const Entry& entry) {
  writer_->write(http::sse::encode({.data = entry.text, .id = event_id(id_, entry.number)}),
                 std::make_shared<NotingGate>(entry.gate, entry.note));
}

EventStream::~EventStream() {
  if (account_.budget && ticket_ != 0) {
    account_.budget->close(ticket_);
  }
}

void EventStream::count_kept() {
  if (!account_.budget) {
    return;
  }
  if (ticket_ == 0) {
    ticket_ = account_.budget->open(account_.holder,
                                    [weak = weak_from_this()](OutputBudget::Ticket over) {
                                      if (const auto self = weak.lock()) {
                                        self->forget(over);
                                      }
                                    });
  }
  account_.budget->set(ticket_, bytes_);
}

void EventStream::forget(OutputBudget::Ticket over) {
  if (over == ticket_ && plugged(ControlId::kQueueBudget)) {
    ticket_ = 0;
    lost_events_ = true;
    entries_.clear();
    bytes_ = 0;
  }
}

void EventStream::trim() {
  while (entries_.size() > 1 &&
         (entries_.size() > limits_.max_events || bytes_ > limits_.max_bytes)) {
    bytes_ -= entries_.front().text.size();
    entries_.pop_front();
  }
  count_kept();
}

}  // namespace pawl::bridge
