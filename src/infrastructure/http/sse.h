// Server-sent events: encoder and incremental decoder.
//
// Purpose:    the text/event-stream format, pure: bytes in, events out.
// Threading:  plain values.
// Source:     WHATWG HTML, "Server-sent events", sections 9.2.5 and 9.2.6.
// Errors:     kTooLarge: one event (its lines together) is over the limit; the decoder then stays
//             failed. encode() needs none: line breaks in data become data lines, in other fields
//             they are removed.
// Not errors: unknown fields and comments (skipped), an event cut off by the end of the stream
//             (never delivered), a retry that is not a number (ignored).
//
// Example:
//   sse::Decoder decoder(4 * 1024 * 1024);
//   Status fed = decoder.feed(chunk, [&](sse::Event event) { ... });
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/write_gate.h"

namespace pawl::http::sse {

struct Event {
  std::string event{};              // type; empty means "message"
  std::string data{};               // lines joined by '\n'
  std::optional<std::string> id{};  // set when this event carried an id field (may be "")
  std::optional<std::uint64_t> retry_ms{};
};

// "event: x\nid: 1\ndata: ...\n\n". An event without data gets an empty data line, so that readers
// dispatch it.
std::string encode(const Event& event);
// ": text\n\n", the usual keep-alive.
std::string encode_comment(std::string_view text);

class Decoder {
 public:
  explicit Decoder(std::size_t max_event_bytes) : max_event_bytes_(max_event_bytes) {}

  // Consumes all of `bytes`; calls `deliver` for each event completed by them. An event with empty
  // data is delivered when it carried an id, a retry or data field (an MCP priming event has an id
  // and an empty data), which a browser would not do.
  Status feed(std::string_view bytes, FunctionRef<void(Event)> deliver);
  // The last id seen, for Last-Event-ID; empty when none.
  const std::string& last_event_id() const { return last_event_id_; }

 private:
  void line(std::string_view text, FunctionRef<void(Event)> deliver);
  void field(std::string_view name, std::string_view value);
  void dispatch(FunctionRef<void(Event)> deliver);

  const std::size_t max_event_bytes_;
  std::string last_event_id_;
  std::string partial_;  // a line without its end yet
  Event current_;
  bool has_data_ = false;
  bool any_field_ = false;
  bool after_cr_ = false;  // a LF that follows belongs to the CR
  bool at_start_ = true;   // a byte order mark may follow
  bool failed_ = false;
  std::size_t event_bytes_ = 0;
};

}  // namespace pawl::http::sse
