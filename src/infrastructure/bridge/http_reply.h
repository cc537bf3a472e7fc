// The reply to one HTTP request: a single JSON answer, or server-sent events when there is more.
//
// Purpose:    the first event turns the answer into a stream; without one it is one JSON object
//             with
//             the record's token in a header.
// Threading:  the I/O thread. Ownership: shared by the call; holds the response writer.
// Errors:     none to the caller; a client that left is told through on_gone (modern) or kept for
//             resumption (legacy).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/scheduler.h"
#include "infrastructure/bridge/event_stream.h"
#include "infrastructure/bridge/outlet.h"
#include "infrastructure/http/server.h"

namespace pawl::bridge {

http::Response json_response(int status, std::string body, http::Headers headers = {});

// Modern: the stream belongs to the request, is not resumable, and its end withdraws the call.
class ModernReply final : public Reply {
 public:
  ModernReply(Scheduler& scheduler, std::shared_ptr<http::ResponseWriter> writer)
      : scheduler_(scheduler), writer_(std::move(writer)) {}
  void send(std::string text, std::shared_ptr<WriteGate> gate,
            std::function<void(bool)> left) override;
  void answer(std::string text, Head head, std::shared_ptr<WriteGate> gate) override;
  void on_gone(std::function<void()> handler) override;
  std::size_t queued_bytes() const override { return writer_->queued_bytes(); }
  void on_drained(std::function<void()> handler) override;
  void keep_alive() override;

 private:
  Scheduler& scheduler_;
  std::shared_ptr<http::ResponseWriter> writer_;
  bool streaming_ = false;
};

class Session;

// Legacy: the stream belongs to the session and outlives its connection; a disconnect withdraws
// nothing. A call that takes long gets its stream early, so that the client knows what to resume;
// so
// does a client that prefers a stream.
class LegacyReply final : public Reply, public std::enable_shared_from_this<LegacyReply> {
 public:
  LegacyReply(Scheduler& scheduler, std::shared_ptr<http::ResponseWriter> writer,
              std::weak_ptr<Session> session)
      : scheduler_(scheduler), writer_(std::move(writer)), session_(std::move(session)) {}
  void start_stream_after(std::chrono::microseconds delay);
  void start_stream();

  void send(std::string text, std::shared_ptr<WriteGate> gate,
            std::function<void(bool)> left) override;
  void answer(std::string text, Head head, std::shared_ptr<WriteGate> gate) override;
  void on_gone(std::function<void()>) override {}
  std::size_t queued_bytes() const override;
  void on_drained(std::function<void()> handler) override;
  void let_poll() override;

 private:
  bool open_stream();  // false: the session is gone

  Scheduler& scheduler_;
  std::shared_ptr<http::ResponseWriter> writer_;
  std::weak_ptr<Session> session_;
  std::shared_ptr<EventStream> stream_;
  std::unique_ptr<ScheduledTask> timer_;
};

}  // namespace pawl::bridge
