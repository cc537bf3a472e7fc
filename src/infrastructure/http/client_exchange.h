// One request and its answer: the state machine of the client.
//
// Threading:  the loop's own thread.
// Ownership:  held by the caller's handle and, while an event runs, by the stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "infrastructure/http/client.h"
#include "infrastructure/http/client_connection.h"
#include "infrastructure/http/url.h"
#include "infrastructure/net/connector.h"
#include "infrastructure/net/gated_queue.h"
#include "infrastructure/net/send_round.h"
#include "infrastructure/net/tls.h"

namespace pawl::http {

// What exchanges share; it lives as long as the last of them.
struct ClientContext {
  ClientContext(EventLoop& event_loop, const ClientOptions& client_options)
      : loop(event_loop),
        options(client_options),
        deadlines(event_loop),
        idle(deadlines, options) {}

  // Made for the first https request: reading the system's certificates takes tens of milliseconds.
  const Result<std::shared_ptr<TlsContext>>& tls() {
    if (!made_tls) {
      made_tls = TlsContext::client(options.ca_file);
    }
    return *made_tls;
  }

  // Most requests go where the one before went.
  Result<std::shared_ptr<const Url>> url_of(const std::string& text) {
    if (last_url == nullptr || text != last_url_text) {
      Result<Url> parsed = parse_url(text);
      if (!parsed) {
        return fail(parsed.error());
      }
      last_url = std::make_shared<const Url>(*std::move(parsed));
      last_url_text = text;
    }
    return last_url;
  }

  EventLoop& loop;
  const ClientOptions options;
  Deadlines deadlines;
  IdleConnections idle;
  ClientCounters counters;
  std::optional<Result<std::shared_ptr<TlsContext>>> made_tls;
  std::shared_ptr<const Url> last_url;
  std::string last_url_text;
};

class Exchange final : public FdEvents,
                       public Sender,
                       public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<ClientContext> context, ClientRequest request,
           std::shared_ptr<WriteGate> gate, ClientEvents events);
  void start();  // all callbacks come later
  void abort();  // no callback follows
  void pause();
  void resume();

 private:
  enum class Phase { kConnecting, kHandshake, kWaitingForHead, kReadingBody, kDone };

  void begin();
  Status check_request();
  void connect();
  void connected(int fd);
  void handshake();
  void use(std::shared_ptr<ClientConnection> connection);
  std::string request_head() const;
  Socket to_send() override;
  void flush() override;
  void sent(GatedQueue::Flushed flushed, std::uint64_t before) override;
  void write_failed();
  void on_readable() override;
  void on_writable() override;
  void read_some();
  void process();  // delivers what input holds
  bool step();     // false: nothing more to do with the bytes at hand
  bool head_arrived();
  void end_of_stream();
  void complete();
  void fail_with(Code code, std::string message);
  void release();
  void set_stage_deadline(std::chrono::milliseconds limit);
  void on_deadline();

  const std::shared_ptr<ClientContext> context_;
  ClientRequest request_;
  const std::shared_ptr<WriteGate> gate_;
  ClientEvents events_;
  std::shared_ptr<const Url> url_;
  Deadlines::Entry deadline_;
  Deadlines::Clock::time_point stage_deadline_ = Deadlines::Clock::time_point::max();
  Deadlines::Clock::time_point total_deadline_ = Deadlines::Clock::time_point::max();

  Phase phase_ = Phase::kConnecting;
  std::unique_ptr<Connector> connector_;
  std::shared_ptr<ClientConnection> connection_;
  GatedQueue queue_;
  bool reused_ = false;
  bool sent_maybe_ = false;
  bool write_failed_ = false;
  bool paused_ = false;
  bool processing_ = false;
  int interim_answers_ = 0;
};

}  // namespace pawl::http
