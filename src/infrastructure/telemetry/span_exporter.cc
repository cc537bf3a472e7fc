#include "infrastructure/telemetry/span_exporter.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/limit_stat.h"
#include "base/log.h"

namespace pawl::telemetry {
namespace {

constexpr std::size_t kTraceIdBytes = 16, kSpanIdBytes = 8;

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t out = 0;
  for (const char c : bytes) {
    out = out << 8 | static_cast<std::uint8_t>(c);
  }
  return out;
}

// The last 7 bytes of a trace id are its randomness (W3C Trace Context, level 2): every instance
// that samples the same share keeps the same traces.
bool sampled(std::string_view trace_id, double share) {
  const std::uint64_t draw = number_of(trace_id.substr(kTraceIdBytes - 7));
  return static_cast<double>(draw) < share * 0x1p56;
}

bool is_hex_id(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         text.find_first_not_of('0') != std::string_view::npos;
}

// W3C Trace Context, section 3.2: version-trace-parent-flags. The header is as the client sent it.
bool is_traceparent(std::string_view text) {
  const bool shaped = text.size() >= 55 && text[2] == '-' && text[35] == '-' && text[52] == '-' &&
                      (text.size() == 55 || (text.substr(0, 2) != "00" && text[55] == '-'));
  return shaped && text.substr(0, 2) != "ff" && is_hex_id(text.substr(3, 32)) &&
         is_hex_id(text.substr(36, 16));
}

bool try_again(const Result<PostAnswer>& answer) {
  return !answer || answer->status == 429 || answer->status == 502 || answer->status == 503 ||
         answer->status == 504;
}

LimitStat telemetry_queue("telemetry_queue");

}  // namespace

SpanExporter::SpanExporter(Scheduler& scheduler, Random& random, Post post, ExporterOptions options)
    : scheduler_(scheduler),
      random_(random),
      post_(std::move(post)),
      options_(std::move(options)) {}

SpanExporter::~SpanExporter() = default;

std::optional<TraceStart> SpanExporter::begin(std::string_view traceparent) {
  TraceStart start;
  if (is_traceparent(traceparent)) {  // an invalid one is ignored, as the standard says
    if (std::string_view("13579bdf").find(traceparent[54]) == std::string_view::npos) {
      return std::nullopt;  // the caller's sampled flag is off
    }
    start.trace_id = traceparent.substr(3, 32);
    start.parent_id = traceparent.substr(36, 16);
    start.first_id = number_of(random_.bytes(kSpanIdBytes));
  } else {
    const std::string bytes = random_.bytes(kTraceIdBytes + kSpanIdBytes);
    const std::string_view trace = std::string_view(bytes).substr(0, kTraceIdBytes);
    if (!sampled(trace, options_.sample)) {
      return std::nullopt;
    }
    start.trace_id = hex_encode(trace);
    start.first_id = number_of(std::string_view(bytes).substr(kTraceIdBytes));
  }
  start.first_id = std::clamp<std::uint64_t>(start.first_id, 1, UINT64_MAX - 64);
  return start;
}

void SpanExporter::ended(const std::vector<Span>& spans) {
  std::string text;
  for (const Span& span : spans) {
    text += text.empty() ? "" : ",";
    text += print_span(span);
  }
  if (queued_bytes_ + text.size() > options_.max_queued_bytes) {
    telemetry_queue.reached();
    dropped(spans.size(), "the queue is full");
    return;
  }
  queued_bytes_ += text.size() + 1;
  stats_.queued += spans.size();
  if (queue_.empty() || queue_.back().text.size() + text.size() > options_.max_batch_bytes) {
    queue_.push_back({"", 0});
  }
  Chunk& last = queue_.back();
  last.text += last.text.empty() ? "" : ",";
  last.text += text;
  last.bytes += text.size() + 1;
  last.spans += spans.size();
  if (!timer_ && !sending_) {
    schedule(options_.flush_every);
  }
}

void SpanExporter::schedule(std::chrono::milliseconds delay) {
  timer_ = scheduler_.after(delay, [this] {
    timer_.reset();
    send();
  });
}

void SpanExporter::send() {
  if (sending_) {
    return;
  }
  if (!in_flight_) {
    if (queue_.empty()) {
      finish_flush();
      return;
    }
    in_flight_ = std::move(queue_.front());
    queue_.pop_front();
  }
  sending_ = true;
  post_(print_request(options_.resource, options_.version, in_flight_->text),
        [this, alive = std::weak_ptr<int>(alive_)](const Result<PostAnswer>& answer) {
          if (!alive.expired()) {
            answered(answer);
          }
        });
}

void SpanExporter::answered(const Result<PostAnswer>& answer) {
  sending_ = false;
  const bool good = answer && answer->status >= 200 && answer->status < 300;
  if (!good) {
    ++stats_.failed_requests;
    std::string why =
        answer ? "HTTP " + std::to_string(answer->status) : std::string(answer.error().message);
    if (stats_.last_error != why) {
      log(LogLevel::kWarn, "telemetry_not_sent", {{"why", why}});
    }
    stats_.last_error = why;
  }
  if (!good && try_again(answer)) {
    back_off_ = std::clamp(back_off_ * 2, options_.flush_every, options_.max_back_off);
    schedule(back_off_);
    return;
  }
  back_off_ = {};
  queued_bytes_ -= in_flight_->bytes;
  stats_.queued -= in_flight_->spans;
  if (good) {
    const std::uint64_t rejected = std::min(rejected_spans(answer->body), in_flight_->spans);
    stats_.exported += in_flight_->spans - rejected;
    stats_.dropped += rejected;
    stats_.last_error = rejected == 0 ? "" : "the receiver rejected spans";
  } else {
    dropped(in_flight_->spans, stats_.last_error);
  }
  in_flight_.reset();
  if (flushed_) {
    send();
  } else if (!queue_.empty()) {
    schedule(queue_.size() > 1 ? std::chrono::milliseconds(0) : options_.flush_every);
  }
}

void SpanExporter::dropped(std::uint64_t spans, std::string why) {
  stats_.dropped += spans;
  stats_.last_error = std::move(why);
}

void SpanExporter::flush(std::chrono::milliseconds patience, std::function<void()> done) {
  flushed_ = std::move(done);
  patience_ = scheduler_.after(patience, [this] { finish_flush(); });
  timer_.reset();
  send();
}

void SpanExporter::finish_flush() {
  if (flushed_) {
    scheduler_.post(std::exchange(flushed_, nullptr));
  }
}

ExporterStats SpanExporter::stats() const {
  return stats_;
}

}  // namespace pawl::telemetry
