// A Bridge behind a real HTTP server, between a scripted gateway and scripted upstreams.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "foundation/records/names.h"
#include "infrastructure/bridge/bridge.h"
#include "infrastructure/http/server.h"
#include "infrastructure/mcp/meta.h"
#include "tests/infrastructure/net/loop_thread.h"
#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl::bridge {

inline constexpr std::string_view kTriage = "pawl_triage-key-000001";
inline constexpr std::string_view kDeploy = "pawl_deploy-key-000002";

class LoopTasks final : public Scheduler {
 public:
  explicit LoopTasks(EventLoop& loop) : loop_(loop) {}
  void post(std::function<void()> task) override { loop_.post(std::move(task)); }
  std::unique_ptr<ScheduledTask> after(std::chrono::microseconds delay,
                                       std::function<void()> task) override {
    struct Task : ScheduledTask {
      explicit Task(Timer given) : timer(std::move(given)) {}
      Timer timer;
    };
    return std::make_unique<Task>(loop_.after(delay, std::move(task)));
  }

 private:
  EventLoop& loop_;
};

class OpenGate final : public WriteGate {
 public:
  bool pass(FunctionRef<void()> write) override {
    write();
    return true;
  }
};

// Allows what is not in `denied`, and notes the order of what happens.
class ScriptedGateway final : public Gateway {
 public:
  struct Call final : CallEvents, std::enable_shared_from_this<Call> {
    ScriptedGateway* owner = nullptr;
    Action action;
    std::unique_ptr<Exchange> exchange;
    std::uint64_t events = 0;
    bool ended = false;
    std::string outcome;
    std::string body;
    std::string followed;
    bool repeatable = false;
    Refusal loss;

    void answered(Answer answer) override {
      if (std::exchange(ended, true)) {
        return;
      }
      outcome = answer.success ? "confirmed" : "failed";
      body = answer.body;
      followed = answer.followed;
      repeatable = answer.repeatable;
      owner->log.push_back("record " + action.verb + " " + outcome);
      exchange->release(std::make_shared<OpenGate>(), answer, record());
    }
    void lost(Loss why, std::string detail) override {
      if (std::exchange(ended, true)) {
        return;
      }
      outcome = why == Loss::kNotSent ? "error" : "unknown";
      owner->log.push_back("record " + action.verb + " " + outcome);
      const Code code = why == Loss::kNotSent     ? Code::kUpstreamUnavailable
                        : why == Loss::kCancelled ? Code::kCancelled
                                                  : Code::kUpstreamFailed;
      exchange->refuse({code, "upstream", "", detail, false, 0}, record());
    }
    bool event(std::string_view) override { return ended ? false : ++events != 0; }
    void withdrawn(std::string detail) override {
      if (!ended) {
        exchange->abandon(Loss::kCancelled);
        lost(Loss::kCancelled, std::move(detail));
      }
    }
    std::shared_ptr<WriteGate> release_gate() override { return std::make_shared<OpenGate>(); }
    RecordRef record() const { return {action.id, 7, "token-of-" + action.verb}; }
  };

  std::string revoked_agent;

  explicit ScriptedGateway(Random& random, Clock& clock) : random_(random), clock_(clock) {}

  void submit(Action&& action, std::unique_ptr<Exchange> exchange) override {
    auto call = std::make_shared<Call>();
    call->owner = this;
    call->exchange = std::move(exchange);
    const auto refusal = denied.find(action.verb);
    call->action = std::move(action);
    calls.push_back(call);
    if (refusal != denied.end()) {
      call->ended = true;
      call->outcome = "denied";
      log.push_back("record " + call->action.verb + " denied");
      call->exchange->refuse(refusal->second, call->record());
      return;
    }
    if (holds && call->action.verb == "tool.call") {  // and nobody waits for people
      const PendingApproval pending = holds();
      call->exchange->held(call, pending);
      call->ended = true;
      Refusal refused{Code::kApprovalRequired, "rules", "ask", "people are asked", true};
      refused.pending = pending;
      call->exchange->refuse(refused, call->record());
      return;
    }
    if (call->action.repeat_of) {
      call->answered(kept.at(*call->action.repeat_of));
      return;
    }
    log.push_back("forward " + call->action.verb);
    call->exchange->forward(std::make_shared<OpenGate>(), call);
  }
  Uuid new_id() override { return Uuid::v7(clock_.wall(), random_); }
  bool may_use(const Caller& caller, const std::string& server, std::string_view,
               std::string_view name) const override {
    return hidden.count(std::string(name)) == 0 && hidden.count(caller.agent + "@" + server) == 0;
  }
  bool plumbing_stopped(const Caller& caller, const std::string& server) const override {
    return plumbing_refusal(caller, server).has_value();
  }
  std::optional<Refusal> plumbing_refusal(const Caller& caller, const std::string&) const override {
    ++plumbing_looks;
    return caller.agent == stopped_agent
               ? std::optional(Refusal{Code::kStopped, "stops", "stop:1",
                                       "agent:" + caller.agent + " is stopped", false, 0})
               : std::nullopt;
  }
  bool is_revoked(const Caller& caller) const override { return caller.agent == revoked_agent; }
  bool is_stopped(const Action& action) const override {
    return stopped_tools.count(action.server + "/" + action.tool) != 0;
  }
  void on_stops(std::function<void()> handler) override { stops_changed = std::move(handler); }
  bool may_be_held(const Caller&, const std::string&, std::string_view,
                   std::string_view name) const override {
    return !held_tools.empty() && (name.empty() || held_tools.contains(std::string(name)));
  }
  Result<HeldStanding> standing_of(const Uuid& approval, const Caller& caller) const override {
    const auto at = standing.find(approval);
    return at != standing.end() && caller.agent == "triage"
               ? Result<HeldStanding>(at->second)
               : fail(Code::kNotFound, "there is none of this id");
  }
  void told_of_approval(const Uuid& approval) override { told.push_back(approval); }
  Status cancel_approval(const Uuid& approval, const Caller&) override {
    return standing.erase(approval) == 1 ? Status() : fail(Code::kNotFound, "there is none");
  }
  void on_approval_decided(std::function<void(const Uuid&)> handler) override {
    approval_decided = std::move(handler);
  }
  std::shared_ptr<WriteGate> plumbing_gate(const Caller&, const std::string&) override {
    return std::make_shared<OpenGate>();
  }

  std::map<std::string, Refusal> denied;   // by verb
  std::function<PendingApproval()> holds;  // of a tool call; empty: none is held
  std::set<std::string> held_tools;        // calls of these may be held
  std::map<Uuid, HeldStanding> standing;   // of approvals of "triage"
  std::vector<Uuid> told;                  // approvals whose end a task told
  std::function<void(const Uuid&)> approval_decided;
  std::set<std::string> stopped_tools;  // "server/tool", for what goes on without a call
  std::function<void()> stops_changed;
  std::string stopped_agent;               // its plumbing is refused
  mutable std::size_t plumbing_looks = 0;  // how often that was asked
  std::set<std::string> hidden;            // names nobody may use; "agent@server"
  std::map<Uuid, Answer> kept;  // answers of earlier calls, by the id that a repeat names
  std::vector<std::shared_ptr<Call>> calls;
  std::vector<std::string> log;

 private:
  Random& random_;
  Clock& clock_;
};

// A server that the test plays.
class ScriptedUpstream final : public mcp::Upstream {
 public:
  struct Open {
    jsonrpc::Message message;
    http::Headers headers;
    std::string key;
    std::shared_ptr<mcp::ExchangeEvents> events;
    bool alive = true;
    int paused = 0;
    int resumed = 0;

    void message_in(const std::string& text) {
      if (alive) {
        events->on_message(jsonrpc::decode(text).value());
      }
    }
    void result(const std::string& body) {
      if (alive) {
        events->on_response(jsonrpc::decode(jsonrpc::response(message.id_text, body)).value());
      }
    }
    void error(const std::string& body) {
      if (alive) {
        events->on_response(
            jsonrpc::decode(jsonrpc::error_response(message.id_text, body)).value());
      }
    }
  };
  struct Script {
    mcp::UpstreamHello hello;
    std::optional<mcp::UpstreamHello> other_era;  // of a server of both
    std::string down;                             // why it cannot start; empty: it can
    std::function<void()> on_start;               // before it answers
    std::string tools;  // what the gateway hears when it asks for the list itself
    // Runs for each request, later; empty: the request stays open.
    std::function<void(const std::shared_ptr<Open>&)> on_request;
  };
  struct Answered {
    std::string id_text;
    std::string body;
    bool is_error = false;
  };

  ScriptedUpstream(EventLoop& loop, std::shared_ptr<Script> script)
      : loop_(loop), script_(std::move(script)) {}

  void start(mcp::Opening opening, std::function<void(Result<mcp::UpstreamHello>)> done) override {
    initialize_params = std::move(opening.initialize_params);
    loop_.post([script = script_, era = opening.era, done = std::move(done)] {
      if (script->on_start) {
        script->on_start();
      }
      if (script->down.empty()) {
        const bool in_other = script->other_era && script->other_era->era == era;
        done(in_other ? *script->other_era : script->hello);
      } else {
        done(fail(Code::kUpstreamUnavailable, script->down));
      }
    });
  }
  std::unique_ptr<mcp::UpstreamExchange> request(
      const Request& request, std::shared_ptr<WriteGate> gate,
      std::shared_ptr<mcp::ExchangeEvents> events) override {
    auto open = std::make_shared<Open>();
    open->message = request.message;
    open->headers = request.headers;
    open->key = request.idempotency_key;
    open->events = std::move(events);
    struct Exchange : mcp::UpstreamExchange {
      explicit Exchange(std::shared_ptr<Open> given) : open(std::move(given)) {}
      ~Exchange() override { open->alive = false; }
      void pause() override { ++open->paused; }
      void resume() override { ++open->resumed; }
      std::shared_ptr<Open> open;
    };
    EXPECT_TRUE(gate->pass([] {}));
    if (open->message.id_text == "\"pawl-tools\"") {  // the gateway's own question
      ++listings;
      loop_.post([open, tools = script_->tools] {
        open->result(R"({"resultType":"complete","tools":[)" + tools + "]}");
      });
      return std::make_unique<Exchange>(open);
    }
    requests.push_back(open);
    if (script_->on_request) {
      loop_.post([script = script_, open] { script->on_request(open); });
    }
    return std::make_unique<Exchange>(open);
  }
  void notify(const jsonrpc::Message& message, std::shared_ptr<WriteGate>) override {
    notified.push_back(message.text);
  }
  void answer(const std::string& id_text, std::string_view body, bool is_error,
              std::shared_ptr<WriteGate>, std::function<void(bool)> sent) override {
    answers.push_back({id_text, std::string(body), is_error});
    sent(true);
  }
  void on_unsolicited(std::function<void(jsonrpc::Message)> handler) override {
    unsolicited = std::move(handler);
  }
  void on_closed(std::function<void(std::string)>) override {}
  void close() override { closed = true; }
  bool is_open() const override { return !closed; }

  std::string initialize_params;
  std::vector<std::shared_ptr<Open>> requests;
  int listings = 0;  // by the gateway itself
  std::vector<std::string> notified;
  std::vector<Answered> answers;
  std::function<void(jsonrpc::Message)> unsolicited;
  bool closed = false;

 private:
  EventLoop& loop_;
  std::shared_ptr<Script> script_;
};

struct NotedOutcomes final : TaskOutcomes {
  void task_ended(const Action& call, Outcome outcome, std::string detail) override {
    ended.push_back(call.tool + " " + std::string(outcome_name(outcome)) + " " + detail);
  }
  std::vector<std::string> ended;
};

struct HttpAnswer {
  int status = 0;
  std::string head;
  std::string body;
  std::shared_ptr<testing::RawSocket> socket;  // of a stream that is still open

  std::string header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) {
      return "";
    }
    const std::size_t from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }
  // The next event's data ("" for one without), of a stream; its id in last_id.
  std::string event() {
    const std::string text = socket->until("\n\n");
    const auto line = [&](std::string_view name) {
      const std::size_t at = text.find(name);
      return at == std::string::npos
                 ? std::string()
                 : text.substr(at + name.size(), text.find('\n', at) - at - name.size());
    };
    last_id = line("id: ");
    return line("data: ");
  }
  std::string last_id;
};

class BridgeRig : public ::testing::Test {
 protected:
  using Script = ScriptedUpstream::Script;
  using Open = ScriptedUpstream::Open;

  void SetUp() override {
    add("old", {mcp::Era::kLegacy,
                {"2025-11-25"},
                R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},)"
                R"("serverInfo":{"name":"old","version":"1"}})"});
    add("new", {mcp::Era::kModern,
                {"2026-07-28"},
                R"({"resultType":"complete","supportedVersions":["2026-07-28"],)"
                R"("capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"public"})"});
  }
  void TearDown() override { end(); }
  // As a new process with the same secrets; `change` may alter what start() reads.
  void restart(const std::function<void()>& change) {
    end();
    change();
    start();
  }
  void end() {
    if (server_) {
      loop_.on_loop([&] {
        server_.reset();
        bridge_.reset();
        gateway.calls.clear();
        outcomes.ended.clear();
        upstreams.clear();
        servers_.reset();
      });
    }
  }

  void add(const std::string& name, mcp::UpstreamHello hello) {
    scripts[name] = std::make_shared<Script>();
    scripts[name]->hello = std::move(hello);
    mcp::ServerConfig config;
    config.name = name;
    config.command = {"scripted"};
    configs.push_back(config);
  }

  // After the scripts are set.
  void start() {
    identity::AuthenticatorOptions agents;
    agents.trust_domain = "example.org";
    agents.agents = {{.id = "triage", .keys = {identity::key_digest(kTriage).value()}},
                     {.id = "deploy", .keys = {identity::key_digest(kDeploy).value()}}};
    authenticator_ = identity::Authenticator::create(std::move(agents)).value();
    loop_.on_loop([&] {
      servers_ = std::make_unique<mcp::Servers>(
          configs, [this](const mcp::ServerConfig& config, const std::string& key) {
            auto upstream = std::make_unique<ScriptedUpstream>(loop_.loop, scripts[config.name]);
            made.push_back(config.name + " " + key);
            if (key != "what it speaks") {
              upstreams[config.name] = upstream.get();
            }
            return upstream;
          });
      options.key = std::string(32, 'k');
      options.version = "1.0";
      bridge_ = std::make_unique<Bridge>(BridgeParts{tasks_, gateway, *servers_, *authenticator_,
                                                     origin_, outcomes, clock_, random_},
                                         options);
      server_ = http::Server::listen(loop_.loop, http_options, [this](auto request, auto writer) {
                  bridge_->handle(std::move(request), std::move(writer));
                }).value();
    });
  }

  HttpAnswer send(const std::string& method, const std::string& path, const std::string& body,
                  std::vector<std::pair<std::string, std::string>> headers,
                  std::string_view key = kTriage, int receive_buffer = 0) {
    const std::uint16_t port = loop_.on_loop([&] { return server_->port(); });
    HttpAnswer answer;
    answer.socket =
        std::make_shared<testing::RawSocket>(testing::RawSocket::tcp(port, receive_buffer));
    std::string text = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n";
    if (!key.empty()) {
      text += "Authorization: Bearer " + std::string(key) + "\r\n";
    }
    bool has_accept = false;
    for (const auto& [name, value] : headers) {
      text += name + ": " + value + "\r\n";
      has_accept = has_accept || name == "Accept";
    }
    if (!has_accept) {
      text += "Accept: application/json, text/event-stream\r\n";
    }
    if (method == "POST") {
      text += "Content-Type: application/json\r\n";
    }
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    answer.socket->send(text);
    return answer;
  }
  static HttpAnswer receive(HttpAnswer answer) {
    answer.head = answer.socket->until("\r\n\r\n");
    answer.status = answer.head.size() > 12 ? std::stoi(answer.head.substr(9, 3)) : 0;
    const std::string length = answer.header("Content-Length");
    if (!length.empty()) {
      answer.body = answer.socket->exactly(std::stoul(length));
    }
    return answer;
  }

  // The modern form of a request: headers and _meta as the specification wants them.
  static std::string modern_body(const std::string& method, const std::string& params,
                                 const std::string& id = "1") {
    const std::string meta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                             R"("io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},)"
                             R"("io.modelcontextprotocol/clientCapabilities":{"extensions":)"
                             R"({"io.modelcontextprotocol/tasks":{}}}})";
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" +
           params + (params.empty() ? "" : ",") + meta + "}}";
  }
  HttpAnswer send_modern(const std::string& method, const std::string& params,
                         const std::string& name = "", std::string_view key = kTriage,
                         const std::string& path = "/mcp/new", int receive_buffer = 0) {
    std::vector<std::pair<std::string, std::string>> headers = {
        {"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}};
    if (!name.empty()) {
      headers.emplace_back("Mcp-Name", name);
    }
    return send("POST", path, modern_body(method, params), headers, key, receive_buffer);
  }
  HttpAnswer modern(const std::string& method, const std::string& params,
                    const std::string& name = "", std::string_view key = kTriage,
                    const std::string& path = "/mcp/new") {
    return receive(send_modern(method, params, name, key, path));
  }

  static std::string legacy_body(const std::string& method, const std::string& params,
                                 const std::string& id = "1") {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" +
           params + "}}";
  }
  std::string initialize(std::string_view key = kTriage, const std::string& path = "/mcp/old") {
    const HttpAnswer answer = receive(send(
        "POST", path,
        legacy_body("initialize", R"("protocolVersion":"2025-11-25","capabilities":{"roots":{},)"
                                  R"("experimental":{"x":{}}},"clientInfo":{"name":"t",)"
                                  R"("version":"1"})"),
        {}, key));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.header("Mcp-Session-Id");
  }
  HttpAnswer send_legacy(const std::string& session, const std::string& body,
                         std::string_view key = kTriage, const std::string& path = "/mcp/old") {
    return send("POST", path, body,
                {{"Mcp-Session-Id", session}, {"MCP-Protocol-Version", "2025-11-25"}}, key);
  }
  HttpAnswer legacy(const std::string& session, const std::string& body,
                    std::string_view key = kTriage, const std::string& path = "/mcp/old") {
    return receive(send_legacy(session, body, key, path));
  }
  HttpAnswer get(const std::string& session, const std::string& last_event = "") {
    std::vector<std::pair<std::string, std::string>> headers = {{"Mcp-Session-Id", session},
                                                                {"Accept", "text/event-stream"}};
    if (!last_event.empty()) {
      headers.emplace_back("Last-Event-ID", last_event);
    }
    return receive(send("GET", "/mcp/old", "", headers));
  }

  static json::Value parsed(const std::string& text) {
    const Result<json::Parsed> value = json::parse(text);
    EXPECT_TRUE(value) << text;
    return value ? value->value : json::Value();
  }
  static std::int64_t error_code(const HttpAnswer& answer) {
    const json::Value body = parsed(answer.body);
    const json::Value* code = json::find(body, {"error", "code"});
    return code != nullptr && code->is_int64() ? code->get_int64() : 0;
  }
  // Waits until `ready` holds on the loop (each turn is a round of the loop, no clock).
  template <class F>
  bool wait_for(F ready) {
    for (int turn = 0; turn < 200'000; ++turn) {
      if (loop_.on_loop(ready)) {
        return true;
      }
    }
    return false;
  }
  template <class F>
  auto on_loop(F task) {
    return loop_.on_loop(std::move(task));
  }
  Bridge& bridge() { return *bridge_; }

  SteppedClock clock_;
  SeededRandom random_{42};
  testing::LoopThread loop_;
  LoopTasks tasks_{loop_.loop};
  ScriptedGateway gateway{random_, clock_};
  NotedOutcomes outcomes;
  BridgeOptions options;
  http::ServerOptions http_options;
  std::map<std::string, std::shared_ptr<Script>> scripts;
  std::map<std::string, ScriptedUpstream*> upstreams;  // the last one of each server
  std::vector<std::string> made;                       // "server key", in order
  std::vector<mcp::ServerConfig> configs;

 private:
  identity::OriginPolicy origin_{{.bound_to_loopback = true}};
  std::unique_ptr<identity::Authenticator> authenticator_;
  std::unique_ptr<mcp::Servers> servers_;
  std::unique_ptr<Bridge> bridge_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace pawl::bridge
