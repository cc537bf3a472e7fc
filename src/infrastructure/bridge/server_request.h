// A request of a legacy server to the client: sampling, elicitation, roots, tasks of the client.
//
// Purpose:    an Action towards the client. Allowed, it is written to the client under an id of
//             ours; the client's answer goes back to the server once its record is durable.
// Threading:  the I/O thread.
// Ownership:  held by the gateway through its Exchange and by the session while the client is
//             asked.
// Errors:     told to the server as a JSON-RPC error: refused, the client not there, or its session
//             ended. An answer counts once, from the same session only.
#pragma once

#include <memory>
#include <string>

#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/session.h"
#include "infrastructure/mcp/upstream.h"
#include "path/exchange.h"

namespace pawl::bridge {

// Where a message of a server goes.
struct Destination {
  Caller caller;
  std::string server;
  std::string revision;
  std::shared_ptr<Session> session;  // nullptr: modern
  std::shared_ptr<Outlet> outlet;    // the related call's reply, or the session's own stream
  std::shared_ptr<ClientCall> call;  // the related call; nullptr: none
  std::shared_ptr<mcp::Upstream> upstream;
};

inline TaskOwner owner_of(const Destination& to) {
  return {to.caller.agent, to.server, mcp::era_of(to.revision).value_or(mcp::Era::kLegacy)};
}

class ServerRequest final : public AskedRequest,
                            public std::enable_shared_from_this<ServerRequest> {
 public:
  // Answers ping at once, refuses what is unknown, submits the rest.
  static void start(const std::shared_ptr<Core>& core, Destination destination,
                    jsonrpc::Message request);
  ServerRequest(std::shared_ptr<Core> core, Destination destination, jsonrpc::Message request)
      : core_(std::move(core)), to_(std::move(destination)), request_(std::move(request)) {}

  void client_answered(const jsonrpc::Message& response) override;
  void client_left() override;
  void server_cancelled(const mcp::Upstream* upstream, std::string_view id) override;

 private:
  class Half;
  void forward(std::shared_ptr<WriteGate> gate, const std::shared_ptr<CallEvents>& events);
  void abandon();
  void release(std::shared_ptr<WriteGate> gate, const Answer& answer);
  void refuse(const Refusal& refusal, const RecordRef& record);
  void answer_server(std::string_view body, bool is_error, std::shared_ptr<WriteGate> gate);
  void lost(Loss loss, std::string detail);

  const std::shared_ptr<Core> core_;
  const Destination to_;
  const jsonrpc::Message request_;
  std::string our_id_;  // raw JSON; empty: not asked, or answered
  std::weak_ptr<CallEvents> events_;
  bool answer_is_error_ = false;
};

}  // namespace pawl::bridge
