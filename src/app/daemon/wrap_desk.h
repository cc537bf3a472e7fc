// Where `pawl wrap` shims arrive: pairs their two connections and hands both sides to the bridge,
// and records the process that each starts.
//
// Purpose:    the shim's server side becomes an Upstream of its own, its client side a session of
// the
//             agent that the kernel's peer credentials and the hello name.
// Threading:  the I/O thread.
// Ownership:  owns the listening socket and the half-arrived shims (for ten seconds). `processes`
//             outlives it.
// Errors:     told to the shim in the answer to its hello; nothing is attached then.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "app/daemon/wrap_protocol.h"
#include "infrastructure/identity/authenticator.h"
#include "infrastructure/net/unix_line.h"

namespace pawl {

struct ArrivedShim {
  std::string server;
  Caller caller;
  std::unique_ptr<LineChannel> client;  // of the client that started the shim
  std::unique_ptr<LineChannel> child;   // of the server that the shim started
  std::shared_ptr<void> process;        // dropped: it has ended
};

class WrapDesk {
 public:
  // What to do so that a shim may call as `agent` (empty: the default): for its user, who is one of
  // this machine.
  using WhyNot = std::function<std::string(const std::string& agent)>;
  static Result<std::unique_ptr<WrapDesk>> open(EventLoop& loop, const std::string& socket,
                                                const identity::Authenticator& authenticator,
                                                Clock& clock, ProcessRecords& processes,
                                                std::function<void(ArrivedShim)> arrived,
                                                WhyNot why_not);

 private:
  struct Half {
    WrapHello hello;
    UnixCredentials peer;
    std::unique_ptr<LineChannel> channel;
    Timer expiry;
    std::shared_ptr<void> process{};  // of the server's side, once its start is recorded
  };
  WrapDesk(EventLoop& loop, const identity::Authenticator& authenticator, Clock& clock,
           ProcessRecords& processes, std::function<void(ArrivedShim)> arrived, WhyNot why_not)
      : loop_(loop),
        authenticator_(authenticator),
        clock_(clock),
        processes_(processes),
        arrived_(std::move(arrived)),
        why_not_(std::move(why_not)) {}
  void accepted(std::unique_ptr<LineChannel> channel, UnixCredentials peer);
  void greeted(std::uint64_t number, const std::string& line);
  void record_start(Half half, const std::string& agent);
  void recorded(std::uint64_t number, const Uuid& id, const Status& durable);
  void note_end(const WrapHello& hello);
  void welcome(Half half);
  void turn_away(Half half, const Status& why);
  Result<Caller> caller_of(const WrapHello& hello, const UnixCredentials& peer) const;
  void pair_up(Half half);

  EventLoop& loop_;
  const identity::Authenticator& authenticator_;
  Clock& clock_;
  ProcessRecords& processes_;
  std::function<void(ArrivedShim)> arrived_;
  WhyNot why_not_;
  std::unique_ptr<UnixServer> server_;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, Half> greeting_;  // connected, no hello yet
  std::map<std::uint64_t, Half> starting_;  // the start of their process is being recorded
  std::map<std::string, Half> waiting_;     // by pair: the other half has not arrived
  struct Running {
    Uuid id;
    std::weak_ptr<void> process;
  };
  std::map<std::string, Running> running_;  // by pair: whose end can be told
};

}  // namespace pawl
