// What happens, told to people who look: server-sent events with a bounded memory.
//
// Purpose:    one order of events for all readers; who comes back with Last-Event-ID gets what it
//             missed, or `reload` where that is not known any more.
// Threading:  the I/O thread.
// Ownership:  the clock outlives it. A reader's writer is held until it leaves or is dropped.
// Bounds:     kMostReaders; kMostKept events of kMostKeptBytes together; a reader for whom
//             kMostQueued bytes wait is dropped, and comes back with Last-Event-ID.
// Errors:     add(): kOverloaded, too many readers.
// Not errors: a reader that leaves; no reader for kKeepWithoutReader: then nothing is kept, and an
//             old id gets `reload`.
// Rule:       ids rise, and those of one start are greater than those of an earlier one as far as
//             the wall clock is; an id from elsewhere gets `reload`.
// Source:     docs/formats/events.md.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "infrastructure/http/server.h"

namespace pawl {

// What an event is about, for who may see it.
struct EventSubject {
  std::string agent, server, name;  // empty: of no one
  std::string scope{};              // of a stop
};

class EventHub {
 public:
  static constexpr std::size_t kMostReaders = 64;
  static constexpr std::size_t kMostKept = 4096;
  static constexpr std::size_t kMostKeptBytes = 2 << 20;
  static constexpr std::size_t kMostQueued = 256 << 10;
  static constexpr std::chrono::seconds kComment{15};
  static constexpr std::chrono::seconds kKeepWithoutReader{60};

  struct Reader {
    std::shared_ptr<http::ResponseWriter> writer;
    std::function<bool(const EventSubject&)> sees;
    std::function<bool()> may_stay;  // asked about once a second
  };

  explicit EventHub(Clock& clock);

  // Whether anybody would hear of an event now: else its text need not be made.
  bool is_heard() const { return is_heard_; }
  void publish(std::string_view event, const EventSubject& subject, const json::Object& data);
  // Begins the answer. `last`: Last-Event-ID; empty: none.
  Status add(Reader reader, std::string_view last);
  void tick();
  std::size_t readers() const { return readers_.size(); }

 private:
  struct Kept {
    std::uint64_t id;
    EventSubject subject;
    std::string text;
  };
  void keep(Kept event);
  bool resume(const Reader& reader, std::string_view last) const;  // false: not known any more
  static bool tell(const Reader& reader, const std::string& text);
  template <class Drop>
  void drop_if(Drop drop);

  Clock& clock_;
  std::uint64_t next_;
  std::uint64_t first_kept_;  // what was before is not known
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::vector<Reader> readers_;
  BootTime commented_{};
  bool is_heard_ = false;
  BootTime heard_{};  // when there was a reader
};

}  // namespace pawl
