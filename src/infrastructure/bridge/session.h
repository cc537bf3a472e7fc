// One legacy session: a client that shook hands, its streams, and what it was asked.
//
// Purpose:    binds a session id of ours to the identity that created it; holds the streams that
//             the client resumes, and the requests that wait for its answers.
// Threading:  the I/O thread.
// Ownership:  shared by the table of sessions (HTTP) or the line client (stdio) and, weakly, calls.
// Bounds:     streams kept for resumption and requests waiting for the client.
// Not errors: an answer to a request that is not waiting (dropped and counted by the caller).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "infrastructure/bridge/event_stream.h"
#include "infrastructure/bridge/outlet.h"
#include "infrastructure/jsonrpc/message.h"
#include "path/caller.h"

namespace pawl::mcp {
class Upstream;
}

namespace pawl::bridge {

class ClientCall;

// A request that waits for an answer of the client.
class AskedRequest {
 public:
  virtual ~AskedRequest() = default;
  virtual void client_answered(const jsonrpc::Message& response) = 0;
  virtual void client_left() = 0;
  // The server behind `upstream` cancelled its request of this id; of another's nothing happens.
  virtual void server_cancelled(const mcp::Upstream* upstream, std::string_view id) {
    static_cast<void>(upstream), static_cast<void>(id);
  }
};

struct SessionLimits {
  RingLimits ring{};
  std::size_t max_streams = 32;  // kept for resumption; completed ones leave first
  std::size_t max_asked = 64;    // requests of servers that wait for the client
  std::size_t max_subscriptions = 256;
  std::shared_ptr<OutputBudget> output{};  // for what all sessions keep; null: none
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  // `standalone`: where messages that belong to no call go; nullptr: an event stream for GET.
  Session(std::string id, Caller caller, std::string server, SessionLimits limits,
          Scheduler& scheduler, std::shared_ptr<Outlet> standalone = nullptr);

  const std::string& id() const { return id_; }
  const Caller& caller() const { return caller_; }
  const std::string& server() const { return server_; }  // empty: /mcp

  // What the handshake settled.
  std::string revision;
  std::string initialize_params;  // the client's, capabilities masked
  BootTime last_used;

  // True when the client understands an event without data (2025-11-25).
  bool primes() const;
  std::shared_ptr<EventStream> add_stream();
  std::shared_ptr<EventStream> stream(const std::string& id) const;
  EventStream* standalone_stream() const { return standalone_stream_.get(); }
  std::shared_ptr<Outlet> standalone() const { return standalone_; }
  bool has_connection() const;
  void keep_alive();

  // Calls that the client may cancel, by its request id.
  void opened(const std::string& id_text, const std::shared_ptr<ClientCall>& call);
  void closed(const std::string& id_text, const ClientCall* call);
  std::vector<std::shared_ptr<ClientCall>> calls_named(const std::string& id_text) const;
  std::vector<std::shared_ptr<ClientCall>> calls() const;

  // Requests to the client, under an id of ours. Errors: kOverloaded.
  Result<std::string> ask(std::shared_ptr<AskedRequest> request);
  std::shared_ptr<AskedRequest> asked(const std::string& id_text) const;
  void answered(const std::string& id_text);  // no longer waits
  std::vector<std::shared_ptr<AskedRequest>> all_asked() const;

  // Where tasks of `tools/call` are Pawl's own: of servers that declare none themselves, and of
  // listed tools that their servers make no tasks for.
  struct OwnTasks {
    std::set<std::string> servers;
    std::set<std::pair<std::string, std::string>> tools;  // server, name
    bool offered = false;
    bool cover(const std::string& server, const std::string& tool) const {
      return servers.contains(server) || tools.contains({server, tool});
    }
  };
  static constexpr std::size_t kMaxOwnTaskTools = 4096;
  OwnTasks own_tasks;
  // What the client declared at its handshake, by a path of members.
  bool declares(std::initializer_list<std::string_view> path) const;

  // What the client subscribed to, once it was allowed; an update may name a part of it. Errors:
  // kTooLarge (the URI), kOverloaded (max_subscriptions).
  Status may_subscribe(std::string_view uri) const;
  void subscribed(const std::string& server, const std::string& uri);
  void unsubscribed(const std::string& server, const std::string& uri);
  bool is_subscribed(const std::string& server, std::string_view uri) const;

  // Ends streams and fails what waits; the session is not used again.
  void end();
  bool ended() const { return ended_; }

 private:
  std::set<std::pair<std::string, std::string>> subscriptions_;  // server, URI
  const std::string id_;
  const Caller caller_;
  const std::string server_;
  KeptAccount account() const { return {limits_.output, "agent " + caller_.agent}; }

  const SessionLimits limits_;
  Scheduler& scheduler_;
  std::shared_ptr<EventStream> standalone_stream_;
  std::shared_ptr<Outlet> standalone_;
  std::deque<std::shared_ptr<EventStream>> streams_;
  std::uint64_t next_stream_ = 1;
  std::uint64_t next_ask_ = 1;
  std::multimap<std::string, std::weak_ptr<ClientCall>> calls_;  // several on /mcp
  std::map<std::string, std::shared_ptr<AskedRequest>> asked_;
  bool ended_ = false;
};

}  // namespace pawl::bridge
