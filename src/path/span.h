// Spans of governed calls, as the path hands them to whoever exports traces.
//
// Purpose:    the path builds spans and knows no wire format; infrastructure/telemetry sends them.
// Threading:  the I/O thread. A Span is a plain value.
// Privacy:    names, ids and outcomes only: never arguments, results or credentials.
// Not errors: nobody listens (a null SpanSink): then nothing is computed at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace pawl {

struct Span {
  enum class Kind { kInternal = 1, kServer = 2, kClient = 3 };  // numbers of the OTLP enum

  std::string trace_id;   // 32 hex digits
  std::uint64_t id = 0;   // not 0
  std::string parent_id;  // 16 hex digits; empty: a root
  std::string name;
  Kind kind = Kind::kInternal;
  WallTime began, ended;
  std::vector<std::pair<std::string_view, std::string>> attributes;
  bool failed = false;
};

// Where the spans of one call hang: drawn once, before the call is decided.
struct TraceStart {
  std::string trace_id;        // the caller's, else a new one
  std::string parent_id;       // the caller's span; empty: none
  std::uint64_t first_id = 0;  // of the call's own span; its children count on from here
};

class SpanSink {
 public:
  virtual ~SpanSink() = default;
  // nullopt: this call is not traced (sampling). `traceparent`: the caller's, or empty.
  virtual std::optional<TraceStart> begin(std::string_view traceparent) = 0;
  // The spans of a call that ended. Never blocks and never fails: what does not fit is dropped and
  // counted.
  virtual void ended(const std::vector<Span>& spans) = 0;
};

// 16 hex digits, as a span's id stands in traceparent and OTLP.
std::string span_id_text(std::uint64_t id);

}  // namespace pawl
