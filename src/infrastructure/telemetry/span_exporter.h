// Sends spans to an OTLP/HTTP receiver, off the path: batched, bounded, never in the way.
//
// Purpose:    a SpanSink that prints each call's spans as they end and posts them about once a
//             second, one request at a time.
// Threading:  the I/O thread.
// Ownership:  Scheduler, Random and what Send uses outlive it; completions after its end are safe.
// Errors:     none upward. A receiver that is down or says "later" (429, 502, 503, 504) is tried
//             again with back-off; anything else drops the batch. What does not fit the queue is
//             dropped, newest first. Every drop is counted.
// Sampling:   a caller's sampled flag decides; without a caller's trace, `sample` of new traces.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/scheduler.h"
#include "infrastructure/telemetry/otlp.h"
#include "path/span.h"

namespace pawl::telemetry {

struct ExporterOptions {
  double sample = 1.0;    // 0..1, of traces that begin here
  Attributes resource{};  // service.name, ...
  std::string version{};  // of the instrumentation scope
  std::size_t max_queued_bytes = 4u << 20;
  std::size_t max_batch_bytes = 512u << 10;
  std::chrono::milliseconds flush_every{1'000};
  std::chrono::milliseconds max_back_off{30'000};
};

struct ExporterStats {
  std::uint64_t exported = 0, dropped = 0, failed_requests = 0, queued = 0;  // spans but requests
  std::string last_error;  // empty: the last request went well
};

// Posts one body; the status and body of the answer, or an error.
struct PostAnswer {
  int status = 0;
  std::string body;
};
using Post = std::function<void(std::string body, std::function<void(Result<PostAnswer>)> done)>;

class SpanExporter final : public SpanSink {
 public:
  SpanExporter(Scheduler& scheduler, Random& random, Post post, ExporterOptions options);
  ~SpanExporter() override;

  std::optional<TraceStart> begin(std::string_view traceparent) override;
  void ended(const std::vector<Span>& spans) override;
  // Sends what is queued, then calls done; at the latest after `patience`. Once, at the end.
  void flush(std::chrono::milliseconds patience, std::function<void()> done);
  ExporterStats stats() const;

 private:
  struct Chunk {
    std::string text;       // spans joined by commas
    std::size_t bytes = 0;  // as counted in queued_bytes_
    std::uint64_t spans = 0;
  };
  void schedule(std::chrono::milliseconds delay);
  void send();
  void answered(const Result<PostAnswer>& answer);
  void dropped(std::uint64_t spans, std::string why);
  void finish_flush();

  Scheduler& scheduler_;
  Random& random_;
  Post post_;
  ExporterOptions options_;
  ExporterStats stats_;
  std::deque<Chunk> queue_;
  std::size_t queued_bytes_ = 0;
  std::optional<Chunk> in_flight_;  // sent, or waiting for its next try
  bool sending_ = false;
  std::chrono::milliseconds back_off_{0};
  std::unique_ptr<ScheduledTask> timer_, patience_;
  std::function<void()> flushed_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace pawl::telemetry
