#include "infrastructure/bridge/http_ingress.h"

#include <algorithm>
#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "infrastructure/bridge/dispatch.h"
#include "infrastructure/bridge/handshake.h"
#include "infrastructure/bridge/http_media.h"
#include "infrastructure/bridge/http_reply.h"
#include "infrastructure/bridge/http_visitor.h"
#include "infrastructure/bridge/over_share.h"
#include "infrastructure/bridge/param_check.h"
#include "infrastructure/bridge/token_fields.h"
#include "infrastructure/mcp/discover.h"
#include "infrastructure/mcp/refusal.h"
#include "infrastructure/mcp/request_headers.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

using Writer = std::shared_ptr<http::ResponseWriter>;

// What is known of a request before its body is looked at.
struct Arrival {
  http::Request request;
  Writer writer;
  Caller caller;
  std::string server;       // empty: /mcp
  bool over_share = false;  // its agent has as many connections under way as it may
};

void refuse(const Writer& writer, int status, Code code, std::string message,
            http::Headers headers = {}, std::string_view id_text = {}) {
  writer->send(http_refusal(status, code, std::move(message), std::move(headers), id_text));
}

void refuse_fault(const Writer& writer, const jsonrpc::Message& message,
                  const jsonrpc::Fault& fault, mcp::Era era) {
  writer->send(json_response(fault.http_status, mcp::fault_response(message.id_text, fault, era)));
}

Inbound inbound_of(Arrival& arrival, jsonrpc::Message message, mcp::Era era) {
  Inbound in;
  in.caller = std::move(arrival.caller);
  in.server = std::move(arrival.server);
  in.era = era;
  in.message = std::move(message);
  in.tokens = token_fields(arrival.request.headers);
  in.policy = policy_fields(arrival.request.headers);
  if (arrival.request.headers.count(names::kFieldTraceparent) == 1) {
    in.traceparent = *arrival.request.headers.get(names::kFieldTraceparent);
  }
  in.headers = std::move(arrival.request.headers);
  return in;
}

// ---- modern ----

// The revisions offered to this request: those of the servers, as far as they were heard of.
std::vector<std::string> offered_revisions(const Core& core, const std::string& server) {
  std::optional<std::vector<std::string>> spoken;
  if (server.empty()) {
    spoken = core.revisions.common(mcp::Era::kModern);
  } else if (core.revisions.knows(server, mcp::Era::kModern)) {
    spoken = core.revisions.of(server);
  }
  return spoken ? *std::move(spoken)
                : std::vector<std::string>(mcp::kRevisions.begin(), mcp::kRevisions.end());
}

void checked_message(const std::shared_ptr<Core>& core, Inbound&& in, const Writer& writer,
                     const std::optional<ToolSchemas::Asked>& tool,
                     const std::vector<std::string>& modern) {
  const auto fault = check_headers(*core, in, tool, modern);
  if (fault && (fault->code != Code::kHeaderMismatch || plugged(ControlId::kHeaderMatch))) {
    core->counters.header_mismatches += fault->code == Code::kHeaderMismatch ? 1 : 0;
    refuse_fault(writer, in.message, *fault, mcp::Era::kModern);
    return;
  }
  if (in.message.kind == jsonrpc::Kind::kRequest) {
    in.reply = std::make_shared<ModernReply>(core->parts.scheduler, writer);
    dispatch_request(core, std::move(in));
  } else if (dispatch_notification(core, std::move(in))) {
    writer->send({202, {}, ""});
  } else {
    refuse(writer, 400, Code::kInvalidRequest, "this notification is not one that clients send");
  }
}

void modern_message(const std::shared_ptr<Core>& core, Inbound&& in, const Writer& writer) {
  const std::vector<std::string> all = offered_revisions(*core, in.server);
  const std::vector<std::string> modern = mcp::of_era(all, mcp::Era::kModern);
  const std::string requested(in.headers.get(names::kFieldMcpVersion).value_or(""));
  if (modern.empty()) {
    refuse_fault(
        writer, in.message,
        mcp::modern_client_legacy_server(in.server.empty() ? "/mcp" : in.server, all, requested),
        mcp::Era::kModern);
    return;
  }
  in.revision = std::count(modern.begin(), modern.end(), requested) > 0 ? requested : modern[0];
  in.info = mcp::find_method(
      in.message.method, in.revision, mcp::Side::kClient,
      in.message.kind == jsonrpc::Kind::kRequest ? mcp::Form::kRequest : mcp::Form::kNotification);
  const std::optional<ToolSchemas::Asked> tool = called_tool(*core, in);
  if (!tool || core->schemas.knows(*core, *tool)) {
    checked_message(core, std::move(in), writer, tool, modern);
    return;
  }
  core->schemas.learn(core, *tool, [core, in = std::move(in), writer, tool, modern]() mutable {
    checked_message(core, std::move(in), writer, tool, modern);
  });
}

void modern_post(const std::shared_ptr<Core>& core, Arrival arrival, jsonrpc::Message message) {
  const Writer writer = arrival.writer;
  if (message.kind != jsonrpc::Kind::kRequest && message.kind != jsonrpc::Kind::kNotification) {
    refuse(writer, 400, Code::kInvalidRequest, "clients of this revision send no responses");
    return;
  }
  Inbound in = inbound_of(arrival, std::move(message), mcp::Era::kModern);
  const bool heard_of = in.server.empty() ? core->revisions.knows_any(mcp::Era::kModern)
                                          : core->revisions.knows(in.server, mcp::Era::kModern);
  if (heard_of || core->parts.gateway.plumbing_stopped(in.caller, in.server)) {
    modern_message(core, std::move(in), writer);
    return;
  }
  const std::vector<std::string> servers =
      in.server.empty() ? visible_servers(*core, in.caller) : std::vector<std::string>{in.server};
  // Copies: `in` is moved from when these are read.
  const Caller caller = in.caller;
  const std::string connection = in.connection;
  learn_hellos(core, servers, caller, connection, {mcp::Era::kModern},
               [core, in = std::move(in), writer](const Learned&) {
                 modern_message(core, Inbound(in), writer);
               });
}

// ---- legacy ----

void initialize(const std::shared_ptr<Core>& core, Inbound in, const Writer& writer) {
  in.caller.asserted.merge(client_info(in.message));
  Result<std::shared_ptr<Session>> session =
      core->sessions.create(in.caller, in.server, core->parts.clock.boot());
  if (!session) {
    refuse(writer, 200, session.error().code, session.error().message, {}, in.message.id_text);
    return;
  }
  in.session = *session;
  in.connection = in.session->id();
  in.reply = std::make_shared<LegacyReply>(core->parts.scheduler, writer, in.session);
  answer_initialize(core, in, [core, id = (*session)->id()] { core->sessions.end(id); });
}

// The session that the request names; answers and gives nullptr when it may not be used.
std::shared_ptr<Session> session_of(Core& core, const Arrival& arrival) {
  const http::Headers& headers = arrival.request.headers;
  const auto id = headers.get(names::kFieldMcpSession);
  if (!id || headers.count(names::kFieldMcpSession) != 1) {
    refuse(arrival.writer, 400, Code::kInvalidRequest,
           "Mcp-Session-Id is missing: a session begins with initialize");
    return nullptr;
  }
  const auto version = headers.get(names::kFieldMcpVersion);
  if (version && mcp::era_of(*version) != mcp::Era::kLegacy) {
    refuse(arrival.writer, 400, Code::kInvalidRequest,
           "MCP-Protocol-Version names no revision of this session");
    return nullptr;
  }
  Result<std::shared_ptr<Session>> session =
      core.sessions.find(std::string(*id), arrival.caller, arrival.server, core.parts.clock.boot());
  if (!session || (*session)->revision.empty()) {
    ++core.counters.unknown_sessions;
    refuse(arrival.writer, 404, Code::kNotFound,
           "no such session of this agent; initialize a new one");
    return nullptr;
  }
  return *session;
}

void legacy_post(const std::shared_ptr<Core>& core, Arrival arrival, jsonrpc::Message message) {
  const Writer writer = arrival.writer;
  if (message.method == "initialize" && message.kind == jsonrpc::Kind::kRequest) {
    initialize(core, inbound_of(arrival, std::move(message), mcp::Era::kLegacy), writer);
    return;
  }
  const std::shared_ptr<Session> session = session_of(*core, arrival);
  if (!session) {
    return;
  }
  Inbound in = inbound_of(arrival, std::move(message), mcp::Era::kLegacy);
  in.caller.asserted.insert(session->caller().asserted.begin(), session->caller().asserted.end());
  in.session = session;
  in.connection = session->id();
  in.revision = session->revision;
  if (in.message.kind == jsonrpc::Kind::kRequest) {
    auto reply = std::make_shared<LegacyReply>(core->parts.scheduler, writer, session);
    if (prefers_stream(in.headers) && in.message.method != "ping") {
      reply->start_stream();
    } else {
      reply->start_stream_after(core->options.stream_after);
    }
    in.reply = std::move(reply);
    dispatch_request(core, std::move(in));
  } else if (in.message.kind == jsonrpc::Kind::kNotification) {
    // An unknown one is ignored, as JSON-RPC asks: it has no answer that could refuse it.
    dispatch_notification(core, std::move(in));
    writer->send({202, {}, ""});
  } else {
    // A late answer is accepted too: the client cannot know that nobody waits.
    dispatch_response(*core, *session, in.message);
    writer->send({202, {}, ""});
  }
}

// ---- the methods of HTTP ----

void handle_post(const std::shared_ptr<Core>& core, Arrival arrival) {
  const http::Headers& headers = arrival.request.headers;
  if (!is_json(headers)) {
    refuse(arrival.writer, 415, Code::kInvalidRequest, "Content-Type must be application/json");
    return;
  }
  if (!accepts(headers, "application/json") || !accepts(headers, "text/event-stream")) {
    refuse(arrival.writer, 406, Code::kInvalidRequest,
           "Accept must list application/json and text/event-stream");
    return;
  }
  if (auto wrong = check_token_fields(headers, core->options.token_header_bytes)) {
    refuse(arrival.writer, wrong->status, Code::kTooLarge, std::move(wrong->reason));
    return;
  }
  Result<jsonrpc::Message> message = jsonrpc::decode(std::move(arrival.request.body));
  if (!message) {
    ++core->counters.malformed;
    refuse(arrival.writer, jsonrpc::error_row(message.error().code).transport_status,
           message.error().code, message.error().message, {},
           jsonrpc::salvage_id(arrival.request.body));
    return;
  }
  const bool response =
      message->kind != jsonrpc::Kind::kRequest && message->kind != jsonrpc::Kind::kNotification;
  // A modern request that names a legacy method is one of an unknown method.
  const bool modern = headers.get(names::kFieldMcpVersion) == mcp::kRevision20260728;
  const mcp::Era era = modern ? mcp::Era::kModern
                       : response && headers.has(names::kFieldMcpSession)
                           ? mcp::Era::kLegacy
                           : mcp::era_of_request(headers, *message);
  if (arrival.over_share && message->kind == jsonrpc::Kind::kRequest) {
    refuse_over_share(*arrival.writer, *message, era);
  } else if (era == mcp::Era::kModern) {
    modern_post(core, std::move(arrival), std::move(*message));
  } else {
    legacy_post(core, std::move(arrival), std::move(*message));
  }
}

void method_not_allowed(const Writer& writer) {
  refuse(writer, 405, Code::kInvalidRequest, "this endpoint takes POST",
         {{"Allow", "GET, POST, DELETE"}});
}

// A server known to be modern has no streams to GET and no sessions to DELETE.
bool is_modern_only(const Core& core, const Arrival& arrival) {
  return core.revisions.speaks(arrival.server, mcp::Era::kModern) &&
         !core.revisions.speaks(arrival.server, mcp::Era::kLegacy);
}

void handle_get(Core& core, const Arrival& arrival) {
  const http::Headers& headers = arrival.request.headers;
  if (is_modern_only(core, arrival)) {
    method_not_allowed(arrival.writer);
    return;
  }
  if (!accepts(headers, "text/event-stream")) {
    refuse(arrival.writer, 406, Code::kInvalidRequest, "Accept must list text/event-stream");
    return;
  }
  const std::shared_ptr<Session> session = session_of(core, arrival);
  if (!session) {
    return;
  }
  if (arrival.over_share) {
    refuse_stream_over_share(*arrival.writer);
    return;
  }
  const auto last = headers.get("Last-Event-ID");
  if (!last) {
    session->standalone_stream()->attach(arrival.writer, std::nullopt, session->primes());
    return;
  }
  const auto event = parse_event_id(*last);
  const std::shared_ptr<EventStream> stream = event ? session->stream(event->first) : nullptr;
  if (!stream || stream->lost_events()) {
    refuse(arrival.writer, 400, Code::kInvalidRequest,
           "Last-Event-ID names no stream that is kept for this session");
    return;
  }
  stream->attach(arrival.writer, event->second, false);
}

void handle_delete(Core& core, const Arrival& arrival) {
  if (is_modern_only(core, arrival)) {
    method_not_allowed(arrival.writer);
    return;
  }
  if (const std::shared_ptr<Session> session = session_of(core, arrival)) {
    core.sessions.end(session->id());
    arrival.writer->send({200, {}, ""});
  }
}

}  // namespace

http::Entrance check_head(Core& core, const http::Request& head) {
  Visitor known = visitor(core, head, identity::Pass::kLook);
  return {std::move(known.refusal), "agent " + known.caller.agent};
}

void handle_http(const std::shared_ptr<Core>& core, http::Request request,
                 std::shared_ptr<http::ResponseWriter> writer) {
  Visitor known = visitor(*core, request, identity::Pass::kSpend);
  if (known.refusal) {
    writer->send(*std::move(known.refusal));
    return;
  }
  const std::string method = request.method;
  Arrival arrival{std::move(request), std::move(writer), std::move(known.caller),
                  std::move(known.server)};
  arrival.over_share = is_over_share(*arrival.writer, arrival.caller.agent);
  if (method == "POST") {
    handle_post(core, std::move(arrival));
  } else if (method == "GET") {
    handle_get(*core, arrival);
  } else if (method == "DELETE") {
    handle_delete(*core, arrival);
  } else {
    method_not_allowed(arrival.writer);
  }
}

}  // namespace pawl::bridge
