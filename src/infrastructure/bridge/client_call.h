// One request of a client, from its Action to its answer: the bridge's half of a governed call.
//
// Purpose:    decodes the request to an Action, submits it, and is the Exchange that forwards it to
//             the upstream and hands events, answer or refusal to the reply.
// Threading:  the I/O thread.
// Ownership:  held by the gateway through its Exchange; sessions and callbacks hold it weakly.
// Order:      start -> [gateway decides] -> forward -> events... -> response -> [record durable] ->
//             release; or refuse at any point before release.
// Errors:     told to the client as refusals (mcp/refusal.h); the caller of start sees none.
// Not errors: a client that left (its answer is kept or dropped as the reply's era says).
//
// Example:
//   ClientCall::start(core, std::move(inbound));
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/hold_way.h"
#include "infrastructure/bridge/inbound.h"
#include "infrastructure/jsonrpc/error_table.h"
#include "infrastructure/mcp/action.h"
#include "infrastructure/mcp/upstream.h"
#include "path/exchange.h"

namespace pawl::bridge {

class InputRequests;

// How the requestState of a round that waits for people begins.
inline constexpr std::string_view kApprovalState = "pawl-approval.";

class ClientCall : public std::enable_shared_from_this<ClientCall> {
 public:
  // `inbound` is a request for one server, by a method that is an Action.
  static void start(std::shared_ptr<Core> core, Inbound&& inbound);
  ClientCall(std::shared_ptr<Core> core, Inbound&& inbound);
  ~ClientCall();

  // The client withdraws the call: a closed stream (modern), notifications/cancelled. An
  // acknowledged subscription ends so in order.
  void withdraw(std::string why);
  // Its session ended: nobody is left who waits for people.
  void session_ended();
  // Puts one message of the server on this call's stream, counted in its record.
  // False: the call takes none any more.
  bool emit(std::string text);
  // May this message of the server be shown beside what this call is answered. Asked first.
  bool may_pass(std::string_view message) const;
  // Counts a message that goes out by an Action of its own.
  void note_event(std::string_view text);
  void slow_down();  // pauses the upstream while the reader is behind

  const Inbound& inbound() const { return inbound_; }
  const std::shared_ptr<mcp::Upstream>& upstream() const { return upstream_; }

 private:
  class Half;      // the gateway's Exchange
  class Incoming;  // the upstream's ExchangeEvents

  void submit(mcp::Decoded&& decoded);
  Status take_request_state(std::vector<Cause>& causes);
  Status take_approval_state(std::string_view text, const mcp::StateBinding& binding);
  Status take_server_state(std::string_view text, const mcp::StateBinding& binding,
                           std::vector<Cause>& causes);
  Result<mcp::Decoded> decode() const;

  // Exchange
  std::size_t kept_bytes() const;
  void held(const std::shared_ptr<CallEvents>& events, const PendingApproval& pending);
  Status change(Action& action, const std::string& params);
  void forward(std::shared_ptr<WriteGate> gate, const std::shared_ptr<CallEvents>& events);
  void abandon(Loss why);
  void release(std::shared_ptr<WriteGate> gate, const Answer& answer, const RecordRef& record);
  void refuse(const Refusal& refusal, const RecordRef& record);
  // Upstream
  void upstream_started(const mcp::UpstreamHello& hello);
  void refuse_era(const mcp::UpstreamHello& hello);
  void send_request();
  void message(jsonrpc::Message message);
  void response(const jsonrpc::Message& response);
  void lost(Loss loss, std::string detail);
  // The task that this call's result left running.
  std::optional<TaskReference> task_in(const json::Value& result) const;

  // What a client is told whose call waits for people: the response.
  std::string still_held(const Refusal& refusal, const RecordRef& record);
  void ask_to_open(const PendingApproval& pending);
  void leave_page();
  std::string with_record(std::string_view body, bool is_error, const RecordRef& record) const;
  std::string with_change(std::string result) const;
  std::string finished_task(std::string result, const RecordRef& record);
  void deliver(const Answer& answer, bool is_error, const RecordRef& record,
               std::shared_ptr<WriteGate> gate);
  void fault(const Error& error);
  void end();

  const std::shared_ptr<Core> core_;
  Inbound inbound_;
  bool idempotent_ = false;
  std::optional<Action> creating_call_;  // kept when the answer may create a task
  std::vector<std::string> parent_tokens_;
  std::string traceparent_;     // the client's
  bool trace_in_meta_ = false;  // ours may stand in `_meta`: it has one, or its era knows it
  Uuid id_;

  std::shared_ptr<WriteGate> gate_;
  std::weak_ptr<CallEvents> events_;
  std::shared_ptr<mcp::Upstream> upstream_;
  std::unique_ptr<mcp::UpstreamExchange> exchange_;
  std::shared_ptr<InputRequests> inputs_;
  std::optional<std::string> withdrawn_;
  bool is_held_ = false;
  HoldWay way_ = HoldWay::kPlain;
  bool presents_tokens_ = false;
  bool declines_ = false;                    // modern: its client will not open the page
  std::shared_ptr<PageAnswer> page_answer_;  // legacy; null: it was not asked to
  std::optional<mcp::OpenedState>
      used_state_;                       // of the server's round; used up when it is forwarded
  std::vector<std::string> changed_;     // places of arguments that people changed
  std::optional<jsonrpc::Fault> fault_;  // the named refusal of an era that does not fit
  bool repeat_ = false;
  bool answer_is_error_ = false;
  bool acknowledged_ = false;  // subscriptions/listen
  bool paused_ = false;
  bool ended_ = false;
};

}  // namespace pawl::bridge
