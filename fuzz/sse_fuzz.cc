// Server-sent events: the same events however the stream is cut, and again after encoding.
#include "infrastructure/http/sse.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/support/fuzz.h"

namespace pawl::http::sse {
namespace {

constexpr std::size_t kMaxEvent = 256;

struct Read {
  bool failed = false;
  std::vector<Event> events;
  std::string last_id;
};

Read read(std::string_view text, std::size_t piece, std::size_t max_event) {
  Decoder decoder(max_event);
  Read read;
  while (!text.empty() && !read.failed) {
    const std::size_t size = std::min(piece, text.size());
    read.failed =
        !decoder.feed(text.substr(0, size), [&](Event e) { read.events.push_back(std::move(e)); });
    text.remove_prefix(size);
  }
  read.last_id = decoder.last_event_id();
  return read;
}

bool same(const Event& a, const Event& b) {
  return a.event == b.event && a.data == b.data && a.id == b.id && a.retry_ms == b.retry_ms;
}

}  // namespace
}  // namespace pawl::http::sse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::http::sse;
  const std::string_view text = fuzz::view(data, size);
  const Read whole = read(text, std::max<std::size_t>(text.size(), 1), kMaxEvent);
  const Read bytes = read(text, 1, kMaxEvent);
  FUZZ_CHECK(whole.failed == bytes.failed, "the pieces of a stream do not change its end");
  FUZZ_CHECK(std::equal(whole.events.begin(), whole.events.end(), bytes.events.begin(),
                        bytes.events.end(), same),
             "pieces read as the whole");
  for (const Event& event : whole.events) {
    FUZZ_CHECK(event.data.size() + event.event.size() <= kMaxEvent, "an event keeps its limit");
    FUZZ_CHECK(event.data.find('\r') == std::string::npos, "data is lines");
    const std::string encoded = encode(event);
    const Read back = read(encoded, 3, encoded.size());
    if (event.event.find('\0') != std::string::npos) {
      continue;  // a NUL in a name is not written
    }
    FUZZ_CHECK(!back.failed && back.events.size() == 1 && same(back.events[0], event),
               "an event that is written reads back");
    FUZZ_CHECK(!event.id || back.last_id == *event.id, "the id is the last one seen");
  }
  // Any text in any field stays inside of one event, and a comment is none.
  const Event any{std::string(text.substr(0, 40)), std::string(text), std::string(text), 7};
  FUZZ_CHECK(read(encode(any), 5, 1 << 20).events.size() == 1, "no text becomes an event");
  FUZZ_CHECK(read(encode_comment(text), 5, 1 << 20).events.empty(), "a comment is no event");
  return 0;
}
