// One resumable stream of server-sent events of a legacy session.
//
// Purpose:    keeps the last events under ids of ours, so that a client that lost its connection
//             goes on with Last-Event-ID; what was never written waits for the next connection.
// Threading:  the I/O thread.
// Ownership:  shared by the session and the calls that write to it.
// Source:     MCP 2025-11-25, Streamable HTTP, "Resumability and Redelivery".
// Bounds:     kept events by count and bytes, oldest first out; all of them together by the budget
//             for output, over which a stream loses what it keeps and cannot be resumed. A replay
//             passes the event's own gate.
// Not errors: a stream without a connection (its events are kept).
//
// Example:
//   stream->send(text, gate, nullptr);
//   stream->attach(writer, /*after=*/7, /*prime=*/true);   // Last-Event-ID: <stream>.7
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/scheduler.h"
#include "infrastructure/bridge/noting_gate.h"
#include "infrastructure/bridge/outlet.h"
#include "infrastructure/http/server.h"
#include "infrastructure/net/output_budget.h"

namespace pawl::bridge {

struct RingLimits {
  std::size_t max_events = 256;
  std::size_t max_bytes = 1u << 20;         // the newest event is kept whatever its size
  std::size_t max_queued_bytes = 4u << 20;  // a reader further behind is cut off and may resume
};

// Of whose part of the budget kept events are taken; without a budget: of nobody's.
struct KeptAccount {
  std::shared_ptr<OutputBudget> budget{};
  std::string holder{};
};

// "<stream>.<number>"; nullopt: not one of ours.
std::optional<std::pair<std::string, std::uint64_t>> parse_event_id(std::string_view id);
http::Headers sse_headers();

class EventStream final : public Outlet, public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(std::string id, RingLimits limits, Scheduler& scheduler, KeptAccount account = {})
      : id_(std::move(id)), limits_(limits), scheduler_(scheduler), account_(std::move(account)) {}
  ~EventStream() override;

  void send(std::string text, std::shared_ptr<WriteGate> gate,
            std::function<void(bool)> left) override;
  // No event follows; the connection ends when all is written.
  void complete();

  // Answers on `writer`, which takes the place of an earlier one. `after`: replays what came after
  // that event; nullopt: writes what was never written. `prime`: begins with an event that has an
  // id and no data.
  void attach(std::shared_ptr<http::ResponseWriter> writer, std::optional<std::uint64_t> after,
              bool prime);
  void keep_alive();  // a comment, when connected and idle
  void close();       // ends the connection; what is kept stays

  const std::string& id() const { return id_; }
  bool is_complete() const { return complete_; }
  bool lost_events() const { return lost_events_; }  // what a client could resume is not kept
  bool is_connected() const { return writer_ != nullptr; }
  std::size_t queued_bytes() const { return writer_ ? writer_->queued_bytes() : 0; }
  // Once, later: there is room again, or nobody reads any more.
  void on_drained(std::function<void()> handler);

 private:
  struct Entry {
    std::uint64_t number = 0;
    std::string text;
    std::shared_ptr<WriteGate> gate;
    std::shared_ptr<Note> note;
  };
  void write(const Entry& entry);
  void trim();
  void count_kept();
  void forget(OutputBudget::Ticket over);
  void drained();

  const std::string id_;
  const RingLimits limits_;
  Scheduler& scheduler_;
  const KeptAccount account_;
  OutputBudget::Ticket ticket_ = 0;
  bool lost_events_ = false;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
  std::uint64_t next_ = 1;
  bool complete_ = false;
  std::shared_ptr<http::ResponseWriter> writer_;
  std::function<void()> drained_;
};

}  // namespace pawl::bridge
