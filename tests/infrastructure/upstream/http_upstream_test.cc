#include "infrastructure/upstream/http_upstream.h"

#include "infrastructure/http/server.h"
#include "infrastructure/http/sse.h"
#include "tests/infrastructure/upstream/upstream_fixture.h"

namespace pawl::mcp {
namespace {

using std::chrono::milliseconds;
using Writer = std::shared_ptr<http::ResponseWriter>;

std::string error_text(const std::string& id, std::int64_t code) {
  return jsonrpc::error_response(id, jsonrpc::error_object(code, "no"));
}

http::Response json_answer(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

void stream(const Writer& writer, const std::vector<http::sse::Event>& events) {
  writer->start_stream(200, {{"Content-Type", "text/event-stream; charset=utf-8"}});
  for (const http::sse::Event& event : events) {
    writer->write(http::sse::encode(event));
  }
}

// One HTTP request as the server saw it.
struct Heard {
  http::Request request;
  jsonrpc::Message message;  // of a POST with a body
};

class HttpUpstreamTest : public LoopTest {
 protected:
  using Script = std::function<void(const Heard&, const Writer&)>;

  void SetUp() override {
    auto server =
        http::Server::listen(loop_, {}, [this](const http::Request& request, const Writer& writer) {
          heard_.push_back({request, {}});
          if (request.method == "POST") {
            heard_.back().message = message_of(request.body);
          }
          const Heard now = heard_.back();
          script_(now, writer);
          changed();
        });
    ASSERT_TRUE(server.has_value());
    server_ = std::move(*server);
  }
  std::unique_ptr<HttpUpstream> make(Script script, HttpOptions options = {}) {
    script_ = std::move(script);
    heard_.clear();
    options.name = "search";
    if (options.url.empty()) {
      options.url = "http://127.0.0.1:" + std::to_string(server_->port()) + "/mcp";
    }
    return std::make_unique<HttpUpstream>(loop_, pool_, options);
  }
  // Answers the modern handshake; everything else is `then`'s.
  Script modern(Script then) {
    return [then = std::move(then)](const Heard& heard, const Writer& writer) {
      if (heard.message.method == "server/discover") {
        writer->send(json_answer(200, jsonrpc::response(heard.message.id_text, kDiscovered)));
      } else {
        then(heard, writer);
      }
    };
  }
  Script legacy(Script then) {
    return [then = std::move(then)](const Heard& heard, const Writer& writer) {
      const std::string& method = heard.message.method;
      if (method == "server/discover") {
        writer->send(json_answer(400, error_text("null", -32000)));
      } else if (method == "initialize") {
        http::Response answer =
            json_answer(200, jsonrpc::response(heard.message.id_text, kInitialized));
        answer.headers.set("Mcp-Session-Id", "s-1");
        writer->send(std::move(answer));
      } else if (method == "notifications/initialized") {
        writer->send({202, {}, ""});
      } else if (heard.request.method == "DELETE") {
        writer->send({200, {}, ""});
      } else if (heard.request.method == "GET" && !heard.request.headers.has("Last-Event-ID")) {
        writer->send({405, {}, ""});
      } else {
        then(heard, writer);
      }
    };
  }
  std::unique_ptr<UpstreamExchange> call(Upstream& upstream,
                                         const std::shared_ptr<Recorder>& events,
                                         const std::string& text = kCall,
                                         http::Headers headers = {}) {
    const jsonrpc::Message message = message_of(text);
    return upstream.request({message, std::move(headers), "key-1", false}, gate_, events);
  }
  std::string told_of(const Script& script, bool is_legacy, HttpOptions options = {}) {
    options.back_off.first = milliseconds(1);
    const auto upstream = make(is_legacy ? legacy(script) : modern(script), options);
    EXPECT_TRUE(start(*upstream, is_legacy ? kAsLegacy : Opening{}));
    const auto events = recorder();
    const auto exchange = call(*upstream, events);
    run_until([&] { return events->ends == 1; });
    counters_ = upstream->counters();
    return events->told.back();
  }
  std::vector<std::string> heard() {
    std::vector<std::string> out;
    for (const Heard& one : heard_) {
      out.push_back(one.request.method == "POST" && one.message.method.empty() ? "POST"
                    : one.request.method == "POST"                             ? one.message.method
                                                   : one.request.method);
    }
    return out;
  }
  const Heard& last() { return heard_.back(); }

  static constexpr const char* kCall =
      R"({"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"x",)"
      R"("_meta":{"progressToken":"t"}}})";
  const std::string result_ = R"({"jsonrpc":"2.0","id":"c","result":{"ok":true}})";

  Script script_;
  std::vector<Heard> heard_;
  std::unique_ptr<http::Server> server_;
  http::ClientPool pool_{loop_, {}};
  std::shared_ptr<TestGate> gate_ = std::make_shared<TestGate>();
  HttpCounters counters_;
};

TEST_F(HttpUpstreamTest, FindsTheEra) {
  struct Case {
    const char* name;
    int status;
    std::string body;  // of the answer to server/discover; ID is replaced
    std::optional<Era> era;
    Code code = Code::kInternal;
  };
  const std::string result = R"({"jsonrpc":"2.0","id":ID,"result":)";
  const Case cases[] = {
      {"modern", 200, result + std::string(kDiscovered) + "}", Era::kModern},
      {"both", 200, result + std::string(kDiscoveredBoth) + "}", Era::kModern},
      {"400 without a body", 400, "", Era::kLegacy},
      {"400 of a legacy server", 400, error_text("null", -32000), Era::kLegacy},
      {"404, unknown method", 404, error_text("ID", -32601), Era::kLegacy},
      {"405, a page", 405, "<html>", Era::kLegacy},
      {"500", 500, "oops", Era::kLegacy},
      {"200, unknown method", 200, error_text("ID", -32601), Era::kLegacy},
      {"401", 401, "", std::nullopt, Code::kUpstreamFailed},
      {"header mismatch", 400, error_text("ID", -32020), std::nullopt, Code::kUpstreamFailed},
      {"a later revision", 400, error_text("null", -32022), std::nullopt,
       Code::kUnsupportedVersion},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto upstream = make([&](const Heard& heard, const Writer& writer) {
      if (heard.message.method == "server/discover") {
        EXPECT_EQ(heard.request.headers.get("MCP-Protocol-Version"), "2026-07-28");
        EXPECT_EQ(heard.request.headers.get("Mcp-Method"), "server/discover");
        std::string body = c.body;
        if (const auto at = body.find("ID"); at != std::string::npos) {
          body.replace(at, 2, heard.message.id_text);
        }
        writer->send(json_answer(c.status, body));
        return;
      }
      legacy([](const Heard&, const Writer&) {})(heard, writer);
    });
    const Result<UpstreamHello> hello = start(*upstream);
    ASSERT_EQ(hello.has_value(), c.era.has_value());
    if (hello) {
      EXPECT_EQ(hello->era, *c.era);
    } else {
      EXPECT_EQ(hello.error().code, c.code) << hello.error().message;
    }
  }
}

TEST_F(HttpUpstreamTest, OpensWithInitializeForALegacyClientAndAsksOnlyWhenThatFails) {
  struct Case {
    const char* name;
    int status;             // of the answer to initialize; 0: it succeeds
    std::string body;       // ID is replaced
    bool discovers = true;  // how server/discover is answered, if it is asked
    std::optional<Era> era;
    std::vector<std::string> heard;
    Code code = Code::kInternal;
  };
  const std::vector<std::string> opened = {"initialize", "notifications/initialized", "GET"};
  const std::vector<std::string> asked = {"initialize", "server/discover"};
  const Case cases[] = {
      {"both, or legacy", 0, "", true, Era::kLegacy, opened},
      {"modern, an error", 400, error_text("ID", -32022), true, Era::kModern, asked},
      {"modern, a plain refusal", 400, "", true, Era::kModern, asked},
      {"neither", 404, error_text("ID", -32601), false, std::nullopt, asked, Code::kUpstreamFailed},
      {"401", 401, "", true, std::nullopt, {"initialize"}, Code::kUpstreamFailed},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto upstream = make([&](const Heard& heard, const Writer& writer) {
      if (heard.message.method == "server/discover" && c.discovers) {
        writer->send(json_answer(200, jsonrpc::response(heard.message.id_text, kDiscovered)));
      } else if (heard.message.method == "initialize" && c.status != 0) {
        std::string body = c.body;
        if (const auto at = body.find("ID"); at != std::string::npos) {
          body.replace(at, 2, heard.message.id_text);
        }
        writer->send(json_answer(c.status, body));
      } else {
        legacy([](const Heard&, const Writer&) {})(heard, writer);
      }
    });
    const Result<UpstreamHello> hello = start(*upstream, kAsLegacy);
    ASSERT_EQ(hello.has_value(), c.era.has_value());
    if (hello) {
      EXPECT_EQ(hello->era, *c.era);
    } else {
      EXPECT_EQ(hello.error().code, c.code) << hello.error().message;
      EXPECT_NE(hello.error().message.find(c.status == 401 ? "401" : "initialize"),
                std::string::npos)
          << hello.error().message;
    }
    const auto heard_here = [&] {
      std::vector<std::string> out = heard();
      std::erase(out, "DELETE");  // of the session before
      return out;
    };
    run_until([&] { return heard_here().size() >= c.heard.size(); });
    EXPECT_EQ(heard_here(), c.heard);
  }
}

TEST_F(HttpUpstreamTest, AStartThatAStopClosedSaysNothingOfTheServer) {
  const auto upstream = make(modern({}), {.plumbing = gate_});
  gate_->open = false;
  EXPECT_EQ(start(*upstream).error().code, Code::kStopped);
  gate_->open = true;
  EXPECT_TRUE(start(*upstream)) << "no back-off";
}

TEST_F(HttpUpstreamTest, AServerThatIsNotThereIsUnavailableAndNotAskedAtOnceAgain) {
  const auto upstream = make([](const Heard&, const Writer&) {}, {.url = "http://127.0.0.1:1/mcp"});
  for (const char* expected : {"", "tried again"}) {
    const Result<UpstreamHello> hello = start(*upstream);
    ASSERT_FALSE(hello.has_value());
    EXPECT_EQ(hello.error().code, Code::kUpstreamUnavailable);
    EXPECT_NE(hello.error().message.find(expected), std::string::npos) << hello.error().message;
  }
}

TEST_F(HttpUpstreamTest, SendsSessionRevisionKeyAndCredentials) {
  const auto upstream =
      make(legacy([&](const Heard& heard, const Writer& writer) {
             writer->send(json_answer(200, jsonrpc::response(heard.message.id_text, "{}")));
           }),
           {.headers = {{"Authorization", "Bearer ours"}}});
  ASSERT_TRUE(start(*upstream, kAsLegacy));
  const auto events = recorder();
  const auto exchange =
      call(*upstream, events, kCall, {{"Authorization", "Bearer theirs"}, {"traceparent", "00-a"}});
  run_until([&] { return events->ends == 1; });
  const http::Headers& headers = last().request.headers;
  const std::pair<const char*, const char*> expected[] = {
      {"Authorization", "Bearer ours"},
      {"traceparent", "00-a"},
      {"Mcp-Session-Id", "s-1"},
      {"MCP-Protocol-Version", "2025-11-25"},
      {"Idempotency-Key", "key-1"},
      {"Content-Type", "application/json"},
      {"Accept", "application/json, text/event-stream"}};
  for (const auto& [name, value] : expected) {
    EXPECT_EQ(headers.get(name), value) << name;
    EXPECT_EQ(headers.count(name), 1u) << name;
  }
  EXPECT_EQ(last().request.body, R"({"jsonrpc":"2.0","id":)" + last().message.id_text +
                                     R"(,"method":"tools/call","params":{"name":"x",)"
                                     R"("_meta":{"pawl.record/id":"key-1","progressToken":)" +
                                     last().message.id_text + "}}}");
  EXPECT_EQ(heard_.front().request.headers.get("Authorization"), "Bearer ours");
  EXPECT_FALSE(heard_.front().request.headers.has("Mcp-Session-Id")) << "initialize has none yet";
}

TEST_F(HttpUpstreamTest, ReadsAnswersOfEveryForm) {
  struct Case {
    const char* name;
    int status;
    std::string body;  // ID is replaced
    std::string told;
  };
  const std::string id = R"("id":ID)";
  const std::string refused = R"({"jsonrpc":"2.0","id":"c","error":{"code":-32016,)"
                              R"("message":"the server refused: HTTP )";
  const Case cases[] = {
      {"a result", 200, R"({"jsonrpc":"2.0",)" + id + R"(,"result":{"ok":true}})", result_},
      {"an error", 200, error_text("ID", -32602), error_text("\"c\"", -32602)},
      {"an error with a status", 404, error_text("ID", -32601), error_text("\"c\"", -32601)},
      {"an error with 500", 500, error_text("ID", -32603), error_text("\"c\"", -32603)},
      {"an error without id", 400, error_text("null", -32020), error_text("\"c\"", -32020)},
      {"a result with 500", 500, R"({"jsonrpc":"2.0",)" + id + R"(,"result":{}})", "lost:garbage"},
      {"a result with 401", 401, R"({"jsonrpc":"2.0",)" + id + R"(,"result":{}})", "lost:garbage"},
      {"401", 401, "who?", refused + R"(401"}})"},
      {"403", 403, "", refused + R"(403"}})"},
      {"429", 429, "{}", refused + R"(429"}})"},
      {"409 may have done it", 409, "", "lost:connection"},
      {"502", 502, "bad gateway", "lost:connection"},
      {"a redirect", 307, "", "lost:garbage"},
      {"another's id", 200, R"({"jsonrpc":"2.0","id":9999,"result":{}})", "lost:garbage"},
      {"no JSON", 200, "hello", "lost:garbage"},
      {"nothing", 202, "", "lost:garbage"},
      {"too much", 200, std::string(70'000, ' '), "lost:connection"},
  };
  for (const Case& c : cases) {
    for (const bool is_legacy : {false, true}) {
      if (is_legacy && c.status == 404) {
        continue;  // the end of the session, below
      }
      SCOPED_TRACE(c.name);
      EXPECT_EQ(told_of(
                    [&](const Heard& heard, const Writer& writer) {
                      std::string body = c.body;
                      if (const auto at = body.find("ID"); at != std::string::npos) {
                        body.replace(at, 2, heard.message.id_text);
                      }
                      writer->send(json_answer(c.status, body));
                    },
                    is_legacy, {.max_bytes = 65'536}),
                c.told);
    }
  }
}

TEST_F(HttpUpstreamTest, ReadsAStreamAndCountsWhatComesAfterItsResponse) {
  for (const bool is_legacy : {false, true}) {
    SCOPED_TRACE(is_legacy);
    const auto script = [&](const Heard& heard, const Writer& writer) {
      const std::string& id = heard.message.id_text;
      stream(writer, {{.data = R"({"jsonrpc":"2.0","method":"notifications/progress",)"
                               R"("params":{"progressToken":)" +
                               id + "}}"},
                      {.data = "not json"},
                      {.data = R"({"jsonrpc":"2.0","id":77,"method":"roots/list"})"},
                      {.data = jsonrpc::response(id, R"({"ok":true})")},
                      {.data = jsonrpc::response(id, R"({"ok":false})")}});
      writer->finish();
    };
    const auto upstream = make(is_legacy ? legacy(script) : modern(script));
    ASSERT_TRUE(start(*upstream, is_legacy ? kAsLegacy : Opening{}));
    const auto events = recorder();
    const auto exchange = call(*upstream, events);
    run_until([&] { return events->ends == 1; });
    std::vector<std::string> expected = {
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t"}})"};
    if (is_legacy) {
      expected.emplace_back(R"({"jsonrpc":"2.0","id":77,"method":"roots/list"})");
    }
    expected.push_back(result_);
    EXPECT_EQ(events->told, expected);
    run_until([&] { return upstream->counters().late == 1 || (changed(), false); });
    EXPECT_EQ(upstream->counters().garbage, is_legacy ? 1u : 2u);
    run_until([&] { return pool_.idle_connections() > 0 || (changed(), false); });
  }
}

TEST_F(HttpUpstreamTest, AModernStreamThatBreaksIsUnknown) {
  EXPECT_EQ(told_of(
                [](const Heard&, const Writer& writer) {
                  stream(writer, {{.data = "", .id = "e1"}});
                  writer->finish();
                },
                false),
            "lost:connection");
  EXPECT_EQ(counters_.resumes, 0u);
}

TEST_F(HttpUpstreamTest, ALegacyStreamThatBreaksIsReadOn) {
  std::string id;
  EXPECT_EQ(told_of(
                [&](const Heard& heard, const Writer& writer) {
                  if (heard.request.method == "POST") {
                    id = heard.message.id_text;
                    stream(writer, {{.data = "", .id = "e1", .retry_ms = 1}});
                    writer->finish();
                    return;
                  }
                  EXPECT_EQ(heard.request.headers.get("Mcp-Session-Id"), "s-1");
                  EXPECT_EQ(heard.request.headers.get("Accept"), "text/event-stream");
                  if (heard.request.headers.get("Last-Event-ID") == "e1") {
                    stream(writer,
                           {{.data = R"({"jsonrpc":"2.0","method":"notifications/message"})",
                             .id = "e2",
                             .retry_ms = 1}});
                    writer->abort();
                    return;
                  }
                  EXPECT_EQ(heard.request.headers.get("Last-Event-ID"), "e2");
                  stream(writer, {{.data = jsonrpc::response(id, R"({"ok":true})"), .id = "e3"}});
                  writer->finish();
                },
                true),
            result_);
  EXPECT_EQ(counters_.resumes, 2u);
}

TEST_F(HttpUpstreamTest, AStreamThatCannotBeReadOnIsUnknown) {
  struct Case {
    const char* name;
    std::optional<std::string> event_id;
    int get_status;
    std::uint64_t resumes;
  };
  const Case cases[] = {
      {"without an event id", std::nullopt, 200, 0},
      {"refused", "e1", 405, 1},
      {"empty again and again", "e1", 200, 3},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(told_of(
                  [&](const Heard& heard, const Writer& writer) {
                    if (heard.request.method == "GET" && c.get_status != 200) {
                      writer->send({c.get_status, {}, ""});
                      return;
                    }
                    const bool first = heard.request.method == "POST";
                    stream(writer,
                           {{.data = "", .id = first ? c.event_id : std::nullopt, .retry_ms = 1}});
                    writer->finish();
                  },
                  true, {.max_resumes = 3}),
              "lost:connection");
    EXPECT_EQ(counters_.resumes, c.resumes);
  }
}

TEST_F(HttpUpstreamTest, AServerThatDiesInMidCallIsUnknownAndOneNotReachedIsNotSent) {
  EXPECT_EQ(told_of([](const Heard&, const Writer& writer) { writer->abort(); }, false),
            "lost:connection");
  const auto upstream = make(modern([](const Heard&, const Writer&) {}));
  ASSERT_TRUE(start(*upstream));
  gate_->open = false;
  const auto stopped = recorder();
  const auto a = call(*upstream, stopped);
  run_until([&] { return stopped->ends == 1; });
  EXPECT_EQ(stopped->told.back(), "lost:not_sent");
  EXPECT_EQ(heard(), std::vector<std::string>{"server/discover"});
}

TEST_F(HttpUpstreamTest, TheEndOfASessionIsToldToEveryCallThenToTheOwner) {
  std::vector<Writer> open;
  const auto upstream = make(legacy([&](const Heard& heard, const Writer& writer) {
    if (heard.message.method == "tools/list") {
      writer->send({404, {}, "gone"});
    } else {
      open.push_back(writer);
    }
  }));
  ASSERT_TRUE(start(*upstream, kAsLegacy));
  const auto waiting = recorder();
  const auto a = call(*upstream, waiting);
  run_until([&] { return open.size() == 1; });
  std::string reason;
  upstream->on_closed([&](std::string why) {
    EXPECT_EQ(waiting->ends, 1);
    reason = std::move(why);
    changed();
  });
  const auto asked = recorder();
  const auto b = call(*upstream, asked, R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})");
  run_until([&] { return !reason.empty(); });
  EXPECT_EQ(waiting->told.back(), "lost:connection");
  EXPECT_NE(asked->told.back().find("the server ended the session: HTTP 404"), std::string::npos);
  EXPECT_FALSE(upstream->is_open());
  ASSERT_TRUE(start(*upstream, kAsLegacy)) << "a new session, at once";
  EXPECT_FALSE(heard_[heard_.size() - 2].request.headers.get("Mcp-Session-Id") == "");
}

TEST_F(HttpUpstreamTest, CancelsAsItsEraSays) {
  for (const bool is_legacy : {false, true}) {
    SCOPED_TRACE(is_legacy);
    bool disconnected = false;
    std::vector<Writer> open;
    const auto script = [&](const Heard& heard, const Writer& writer) {
      if (heard.message.method == "notifications/cancelled") {
        writer->send({202, {}, ""});
        return;
      }
      open.push_back(writer);
      stream(writer, {{.data = "", .id = "e1"}});
      writer->on_disconnect([&] {
        disconnected = true;
        changed();
      });
    };
    const auto upstream = make(is_legacy ? legacy(script) : modern(script));
    ASSERT_TRUE(start(*upstream, is_legacy ? kAsLegacy : Opening{}));
    const auto events = recorder();
    auto exchange = call(*upstream, events);
    run_until([&] { return open.size() == 1; });
    const std::string id = last().message.id_text;
    exchange.reset();
    run_until([&] { return disconnected && (!is_legacy || heard().back() != "tools/call"); });
    if (is_legacy) {
      EXPECT_EQ(last().message.params_text(), R"({"requestId":)" + id + "}");
    }
    EXPECT_EQ(heard().back(), is_legacy ? "notifications/cancelled" : "tools/call");
    EXPECT_TRUE(events->told.empty());
  }
}

TEST_F(HttpUpstreamTest, HearsAndReadsOnTheStreamOfALegacyServer) {
  int gets = 0;
  std::vector<Writer> open;
  const auto upstream = make(
      [&](const Heard& heard, const Writer& writer) {
        if (heard.request.method != "GET") {
          legacy([](const Heard&, const Writer&) {})(heard, writer);
          return;
        }
        ++gets;
        if (gets == 1) {
          stream(writer, {{.data = R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})",
                           .id = "g1",
                           .retry_ms = 1}});
          writer->finish();
          return;
        }
        EXPECT_EQ(heard.request.headers.get("Last-Event-ID"), "g1");
        open.push_back(writer);
        stream(writer,
               {{.data = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})"}});
      },
      {.back_off = {.first = milliseconds(1)}});
  std::vector<std::string> unsolicited;
  upstream->on_unsolicited([&](const jsonrpc::Message& message) {
    unsolicited.push_back(message.method);
    changed();
  });
  ASSERT_TRUE(start(*upstream, kAsLegacy));
  run_until([&] { return unsolicited.size() == 2; });
  EXPECT_EQ(unsolicited,
            (std::vector<std::string>{"roots/list", "notifications/tools/list_changed"}));
}

TEST_F(HttpUpstreamTest, AnswersAndNotifiesALegacyServerAndEndsItsSession) {
  auto upstream = make(legacy([](const Heard&, const Writer& writer) {
    writer->send({202, {}, ""});
  }));
  ASSERT_TRUE(start(*upstream, kAsLegacy));
  std::optional<bool> sent;
  upstream->answer("77", R"({"roots":[]})", false, gate_, [&](bool left) {
    sent = left;
    changed();
  });
  run_until([&] { return sent.has_value(); });
  EXPECT_TRUE(*sent);
  EXPECT_EQ(last().request.body, R"({"jsonrpc":"2.0","id":77,"result":{"roots":[]}})");
  upstream->notify(message_of(R"({"jsonrpc":"2.0","method":"notifications/roots/list_changed"})"),
                   gate_);
  run_until([&] { return heard().back() == "notifications/roots/list_changed"; });
  sent.reset();
  gate_->open = false;
  upstream->answer("78", "{}", false, gate_, [&](bool left) {
    sent = left;
    changed();
  });
  run_until([&] { return sent.has_value(); });
  EXPECT_FALSE(*sent) << "its gate was closed";
  upstream.reset();
  run_until([&] { return heard().back() == "DELETE"; });
  EXPECT_EQ(last().request.headers.get("Mcp-Session-Id"), "s-1");
}

TEST_F(HttpUpstreamTest, TheModernEraHasNoNotificationsAndNoAnswersOfClients) {
  const auto upstream = make(modern([](const Heard&, const Writer&) {}));
  ASSERT_TRUE(start(*upstream));
  upstream->notify(message_of(R"({"jsonrpc":"2.0","method":"notifications/progress"})"), gate_);
  std::optional<bool> sent;
  upstream->answer("1", "{}", false, gate_, [&](bool left) {
    sent = left;
    changed();
  });
  run_until([&] { return sent.has_value(); });
  EXPECT_FALSE(*sent);
  EXPECT_EQ(heard_.size(), 1u);
}

TEST_F(HttpUpstreamTest, TheHandshakeMayComeAsAStream) {
  const auto upstream = make([&](const Heard& heard, const Writer& writer) {
    if (heard.message.method == "initialize") {
      writer->start_stream(200, {{"Content-Type", "text/event-stream"}, {"Mcp-Session-Id", "s-2"}});
      writer->write(http::sse::encode(
          {.data = jsonrpc::response(heard.message.id_text, kInitialized), .id = "1"}));
      writer->finish();
      return;
    }
    legacy([](const Heard&, const Writer&) {})(heard, writer);
  });
  const Result<UpstreamHello> hello = start(*upstream, kAsLegacy);
  ASSERT_TRUE(hello.has_value());
  EXPECT_EQ(hello->result, kInitialized);
  run_until([&] { return heard().back() == "GET"; });
  EXPECT_EQ(last().request.headers.get("Mcp-Session-Id"), "s-2");
}

TEST_F(HttpUpstreamTest, AHangingServerIsGivenUpAtTheHandshake) {
  std::vector<Writer> open;
  const auto upstream =
      make([&](const Heard&, const Writer& writer) { open.push_back(writer); },
           {.probe_timeout = milliseconds(20), .start_timeout = milliseconds(60)});
  const Result<UpstreamHello> hello = start(*upstream);
  ASSERT_FALSE(hello.has_value());
  EXPECT_EQ(hello.error().code, Code::kUpstreamUnavailable);
  EXPECT_EQ(heard(), (std::vector<std::string>{"server/discover", "initialize"}));
}

TEST_F(HttpUpstreamTest, AFloodedSlowReaderStopsTheServerAndLosesNothing) {
  constexpr int kEvents = 2000;
  int accepted = 0;
  std::function<void()> more;
  const auto upstream = make(modern([&](const Heard& heard, const Writer& writer) {
    stream(writer, {});
    more = [&, writer, id = heard.message.id_text] {
      while (accepted < kEvents && writer->queued_bytes() < 128 * 1024) {
        ++accepted;
        writer->write(http::sse::encode(
            {.data = jsonrpc::notification("notifications/message",
                                           R"({"data":")" + std::string(16'000, 'x') + R"("})")}));
      }
      if (accepted == kEvents) {
        writer->write(http::sse::encode({.data = jsonrpc::response(id, R"({"ok":true})")}));
        writer->finish();
      } else {
        writer->on_drained(more);
      }
    };
    more();
  }));
  ASSERT_TRUE(start(*upstream));
  const auto events = recorder();
  const auto exchange = call(*upstream, events);
  exchange->pause();
  bool later = false;
  const Timer wait = loop_.after(milliseconds(200), [&] {
    later = true;
    changed();
  });
  run_until([&] { return later; });
  EXPECT_LE(events->told.size(), 8u) << "at most a read buffer of events after pause()";
  EXPECT_LT(accepted, kEvents) << "the server feels it";
  exchange->resume();
  run_until([&] { return events->ends == 1; });
  EXPECT_EQ(events->told.size(), kEvents + 1u);
}

}  // namespace
}  // namespace pawl::mcp
