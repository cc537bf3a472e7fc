// The state behind a StdioUpstream. Threading: the loop's own thread. Ownership: entry points hold
// a reference, so that a callback may destroy the upstream.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "infrastructure/upstream/stdio_call.h"
#include "infrastructure/upstream/stdio_upstream.h"

namespace pawl::mcp {

class StdioUpstream::Link : public std::enable_shared_from_this<StdioUpstream::Link> {
 public:
  using Done = std::function<void(Result<UpstreamHello>)>;

  Link(EventLoop& event_loop, StdioOptions link_options, OpenTransport open)
      : loop(event_loop),
        options(std::move(link_options)),
        open_(std::move(open)),
        back_off_(options.back_off) {}

  void start(Opening opening, Done done);
  std::shared_ptr<StdioCall> request(const Request& request, std::shared_ptr<WriteGate> gate,
                                     std::shared_ptr<ExchangeEvents> events);
  void notify(const jsonrpc::Message& message, std::shared_ptr<WriteGate> gate);
  void answer(const std::string& id_text, std::string_view body, bool is_error,
              std::shared_ptr<WriteGate> gate, std::function<void(bool)> sent);
  void abandon(const std::shared_ptr<StdioCall>& call);  // its handle is gone
  void timed_out(const StdioCall& call);
  void close(bool tell);
  bool is_open() const { return state_ == State::kOpen; }
  const UpstreamHello* hello() const { return is_open() ? &hello_ : nullptr; }

  EventLoop& loop;
  const StdioOptions options;
  StdioCounters counters;
  std::function<void(jsonrpc::Message)> unsolicited;
  std::function<void(std::string)> closed;

 private:
  enum class State { kClosed, kStarting, kOpen };

  // stdio_start.cc
  Status open_transport();
  void send_probe();
  void send_initialize();
  void on_handshake(const jsonrpc::Message& response);
  void on_discovered(const jsonrpc::Message& response);
  void on_initialized(const jsonrpc::Message& response);
  bool reopen_as_modern();
  void await_start();
  void opened(UpstreamHello hello);
  void fail_start(Error error);
  void finish_start(const Result<UpstreamHello>& result);
  void died(const std::string& reason);
  void end_calls(const std::string& reason);

  // stdio_link.cc
  void on_line(const std::string& line);
  void on_garbage(const std::string& line, const Error& problem);
  void on_answer(jsonrpc::Message response);
  void on_server_request(jsonrpc::Message request);
  void on_notification(jsonrpc::Message notification);
  StdioCall* call_of_task(const jsonrpc::Message& message);
  StdioCall* only_call();
  void pass_on(StdioCall* call, jsonrpc::Message message);
  void send_plain(std::string text);
  std::int64_t next_id() { return ++last_id_; }

  OpenTransport open_;
  BackOff back_off_;
  std::string last_failure_;  // why it ended or did not start, for whoever is told to wait
  State state_ = State::kClosed;
  std::unique_ptr<LineTransport> transport_;
  std::uint64_t life_ = 0;  // of the transport: callbacks of an earlier one are stale
  Opening opening_;
  std::optional<Error> not_legacy_;    // why initialize failed, while the other era is tried
  std::optional<UpstreamHello> late_;  // a DiscoverResult that came after initialize was sent
  std::vector<Done> waiting_;
  UpstreamHello hello_;
  bool skip_probe_ = false;         // a server that ended at the probe gets initialize at once
  bool only_probe_ = false;         // a server known to be modern is given its time
  std::int64_t probe_id_ = 0;       // 0: not sent
  std::int64_t initialize_id_ = 0;  // 0: not sent
  Timer probe_timer_;
  Timer start_timer_;
  std::int64_t last_id_ = 0;
  std::size_t garbage_of_life_ = 0;
  std::size_t silent_calls_ = 0;     // timed out in turn since it last said something
  std::int64_t silent_through_ = 0;  // newest exchange when the last one of them was counted
  std::map<std::int64_t, std::shared_ptr<StdioCall>> calls_;
};

}  // namespace pawl::mcp
