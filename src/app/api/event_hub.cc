#include "app/api/event_hub.h"

#include <algorithm>
#include <charconv>

#include "base/limit_stat.h"
#include "infrastructure/http/sse.h"

namespace pawl {
namespace {

LimitStat event_readers("event_readers");
LimitStat event_queue("event_queue");

bool is_over(BootTime since, BootTime now, std::chrono::microseconds period) {
  return now.us - since.us >= period.count();
}

http::Headers stream_headers() {
  return {{"Content-Type", "text/event-stream"},
          {"Cache-Control", "no-store"},
          {"X-Content-Type-Options", "nosniff"}};
}

std::string reload() {
  http::sse::Event out;
  out.event = "reload";
  out.data = "{}";
  return http::sse::encode(out);
}

}  // namespace

EventHub::EventHub(Clock& clock)
    : clock_(clock),
      next_(static_cast<std::uint64_t>(std::max<std::int64_t>(clock.wall().us, 1))),
      first_kept_(next_) {}

void EventHub::publish(std::string_view event, const EventSubject& subject,
                       const json::Object& data) {
  if (!is_heard_) {
    first_kept_ = ++next_;
    return;
  }
  http::sse::Event out;
  out.event = event;
  out.data = json::print(data);
  out.id = std::to_string(next_);
  Kept kept{next_++, subject, http::sse::encode(out)};
  drop_if([&](const Reader& reader) {
    return !tell(reader, reader.sees(subject) ? kept.text : std::string());
  });
  keep(std::move(kept));
}

void EventHub::keep(Kept event) {
  kept_bytes_ += event.text.size();
  kept_.push_back(std::move(event));
  while (kept_.size() > kMostKept || kept_bytes_ > kMostKeptBytes) {
    kept_bytes_ -= kept_.front().text.size();
    first_kept_ = kept_.front().id + 1;
    kept_.pop_front();
  }
}

// False: it does not read, or is gone.
bool EventHub::tell(const Reader& reader, const std::string& text) {
  if (!reader.writer->is_open()) {
    return false;
  }
  if (reader.writer->queued_bytes() + text.size() > kMostQueued) {
    event_queue.reached();
    return false;
  }
  reader.writer->write(text);
  return true;
}

template <class Drop>
void EventHub::drop_if(Drop drop) {
  const auto gone = std::stable_partition(readers_.begin(), readers_.end(),
                                          [&](const Reader& reader) { return !drop(reader); });
  std::vector<Reader> dropped(std::make_move_iterator(gone),
                              std::make_move_iterator(readers_.end()));
  readers_.erase(gone, readers_.end());
  for (const Reader& reader : dropped) {
    reader.writer->abort();
  }
}

Status EventHub::add(Reader reader, std::string_view last) {
  if (readers_.size() >= kMostReaders) {
    event_readers.reached();
    return fail(Code::kOverloaded, "too many readers of events");
  }
  reader.writer->start_stream(200, stream_headers());
  reader.writer->on_disconnect([left = std::weak_ptr<http::ResponseWriter>(reader.writer)] {
    if (const auto writer = left.lock()) {
      writer->abort();
    }
  });
  if (last.empty() || !resume(reader, last)) {
    // Where it stands, without an event.
    reader.writer->write("id: " + std::to_string(next_ - 1) + "\n\n" +
                         (last.empty() ? "" : reload()));
  }
  is_heard_ = true;
  heard_ = clock_.boot();
  readers_.push_back(std::move(reader));
  return {};
}

bool EventHub::resume(const Reader& reader, std::string_view last) const {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), id);
  if (error != std::errc{} || end != last.data() + last.size() || id + 1 < first_kept_ ||
      id >= next_) {
    return false;
  }
  const auto begin = std::upper_bound(kept_.begin(), kept_.end(), id,
                                      [](std::uint64_t a, const Kept& b) { return a < b.id; });
  std::string text;
  for (auto at = begin; at != kept_.end(); ++at) {
    text += reader.sees(at->subject) ? at->text : "";
  }
  if (text.size() > kMostQueued) {
    return false;  // it would be dropped at once
  }
  reader.writer->write(std::move(text));
  return true;
}

void EventHub::tick() {
  const BootTime now = clock_.boot();
  drop_if([](const Reader& reader) { return !reader.writer->is_open() || !reader.may_stay(); });
  if (!readers_.empty()) {
    heard_ = now;
  } else if (is_heard_ && is_over(heard_, now, kKeepWithoutReader)) {
    is_heard_ = false;
    kept_.clear();
    kept_bytes_ = 0;
    first_kept_ = next_;
  }
  if (is_over(commented_, now, kComment)) {
    commented_ = now;
    const std::string text = http::sse::encode_comment("");
    drop_if([&](const Reader& reader) { return !tell(reader, text); });
  }
}

}  // namespace pawl
