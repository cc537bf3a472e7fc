// One request to an HTTP server, from its POST to its one end.
//
// Threading:  the loop's own thread.
// Ownership:  held by the link while open and by its handle; the link outlives the open call.
// Errors:     http_upstream.h.
#pragma once

#include <memory>
#include <string>

#include "infrastructure/upstream/exchange_ids.h"
#include "infrastructure/upstream/http_link.h"

namespace pawl::mcp {

class HttpCall : public std::enable_shared_from_this<HttpCall> {
 public:
  HttpCall(HttpLink& link, ExchangeIds exchange_ids, std::shared_ptr<WriteGate> gate,
           std::shared_ptr<ExchangeEvents> events)
      : ids(std::move(exchange_ids)),
        link_(link),
        gate_(std::move(gate)),
        events_(std::move(events)) {}

  void send(http::ClientRequest request);
  void message(jsonrpc::Message message);  // already restored
  void lost(Loss loss, std::string detail);
  void cut(const std::string& why);  // the server or its session is gone
  void abandon();                    // its handle is gone: cancels as the era says
  void pause();
  void resume();

  const ExchangeIds ids;

 private:
  void on_event(const std::string& data);
  void on_end(HttpAnswer answer);
  void on_body(HttpAnswer answer);
  void on_broken(const HttpAnswer& answer);
  void respond(jsonrpc::Message response);
  void refuse(int status);
  bool sent() const { return sent_ || (stream_ != nullptr && stream_->sent_maybe()); }
  std::shared_ptr<ExchangeEvents> finish();

  HttpLink& link_;
  const std::shared_ptr<WriteGate> gate_;
  std::shared_ptr<ExchangeEvents> events_;  // null: ended
  std::unique_ptr<HttpStream> stream_;
  bool sent_ = false;
  bool paused_ = false;
  int resumes_ = 0;  // since the last event
  std::string last_event_id_;
  Timer resume_timer_;
};

}  // namespace pawl::mcp
