#include "infrastructure/upstream/stdio_upstream.h"

#include "tests/infrastructure/upstream/upstream_fixture.h"

namespace pawl::mcp {
namespace {

using std::chrono::milliseconds;
using Script = LineServer::Script;

constexpr std::string_view kNotFound = R"({"code":-32601,"message":"no such method"})";

std::string error_to(const jsonrpc::Message& request, std::string_view error) {
  return jsonrpc::error_response(request.id_text, error);
}

bool modern_handshake(LineServer& server, const jsonrpc::Message& message) {
  if (message.method == "server/discover") {
    server.reply(message, kDiscovered);
    return true;
  }
  return false;
}

bool legacy_handshake(LineServer& server, const jsonrpc::Message& message) {
  if (message.method == "server/discover") {
    server.say(error_to(message, kNotFound));
  } else if (message.method == "initialize") {
    server.reply(message, kInitialized);
  } else {
    return message.method == "notifications/initialized";
  }
  return true;
}

class StdioUpstreamTest : public LoopTest {
 protected:
  std::unique_ptr<StdioUpstream> make(Script script, StdioOptions options = {}) {
    options.name = "files";
    script_ = std::move(script);
    return std::make_unique<StdioUpstream>(loop_, options, [this] { return open(); });
  }
  Result<std::unique_ptr<LineTransport>> open() {
    ++opens_;
    if (refuse_to_open_) {
      return fail(Code::kNotFound, "no program");
    }
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    servers_.push_back(
        std::make_unique<LineServer>(loop_, ends[0], script_, [this] { changed(); }));
    return std::make_unique<PairTransport>(loop_, ends[1]);
  }
  LineServer& server() { return *servers_.back(); }
  std::unique_ptr<UpstreamExchange> call(Upstream& upstream, const std::string& text,
                                         const std::shared_ptr<Recorder>& events) {
    const jsonrpc::Message message = message_of(text);
    return upstream.request({message, {}, "key-1", false}, gate_, events);
  }
  std::vector<std::string> methods_heard() {
    std::vector<std::string> out;
    for (const auto& server : servers_) {
      for (const std::string& line : server->lines) {
        out.push_back(message_of(line).method);
      }
    }
    return out;
  }

  Script script_;
  bool refuse_to_open_ = false;
  int opens_ = 0;
  std::shared_ptr<TestGate> gate_ = std::make_shared<TestGate>();
  std::vector<std::unique_ptr<LineServer>> servers_;
};

TEST_F(StdioUpstreamTest, FindsTheEra) {
  struct Case {
    const char* name;
    Script script;
    Era asked;
    std::optional<Era> era;
    std::vector<std::string> heard;
    Code code = Code::kInternal;
  };
  const auto only_discover = [](std::string_view body) {
    return [body](LineServer& s, const jsonrpc::Message& m) {
      if (m.method == "server/discover") {
        s.reply(m, body);
      } else if (m.method == "initialize") {
        s.reply(m, kInitialized);
      }
    };
  };
  const auto probe_error = [](std::string error) {
    return [error](LineServer& s, const jsonrpc::Message& m) {
      if (m.method == "server/discover") {
        s.say(error_to(m, error));
      } else if (m.method == "initialize") {
        s.reply(m, kInitialized);
      }
    };
  };
  // A server of one era, or none: what it does not know it answers with an error.
  const auto knows = [](std::string_view known, std::string_view body) {
    return [known, body](LineServer& s, const jsonrpc::Message& m) {
      m.method == known ? s.reply(m, body) : s.say(error_to(m, kNotFound));
    };
  };
  const std::vector<std::string> legacy = {"server/discover", "initialize",
                                           "notifications/initialized"};
  const std::vector<std::string> opened = {"initialize", "notifications/initialized"};
  const std::vector<std::string> asked = {"initialize", "server/discover"};
  const Era modern_client = Era::kModern;
  const Era legacy_client = Era::kLegacy;
  const Case cases[] = {
      {"modern", only_discover(kDiscovered), modern_client, Era::kModern, {"server/discover"}},
      {"both, modern client",
       only_discover(kDiscoveredBoth),
       modern_client,
       Era::kModern,
       {"server/discover"}},
      {"both, legacy client", only_discover(kDiscoveredBoth), legacy_client, Era::kLegacy, opened},
      {"modern, legacy client", knows("server/discover", kDiscovered), legacy_client, Era::kModern,
       asked},
      {"neither, legacy client", knows("", "{}"), legacy_client, std::nullopt, asked,
       Code::kUpstreamFailed},
      {"modern and silent, then nothing, legacy client",
       [](LineServer& s, const jsonrpc::Message& m) {
         if (m.method == "initialize") {
           s.say(error_to(m, kNotFound));
         }
       },
       legacy_client, std::nullopt, asked, Code::kUpstreamFailed},
      {"unknown method", probe_error(std::string(kNotFound)), modern_client, Era::kLegacy, legacy},
      {"not initialized", probe_error(R"({"code":-32602,"message":"x"})"), modern_client,
       Era::kLegacy, legacy},
      {"an empty result", only_discover("{}"), modern_client, Era::kLegacy, legacy},
      {"silence",
       [](LineServer& s, const jsonrpc::Message& m) {
         if (m.method == "initialize") {
           s.reply(m, kInitialized);
         }
       },
       modern_client, Era::kLegacy, legacy},
      {"it ends at the probe",
       [](LineServer& s, const jsonrpc::Message& m) {
         if (m.method == "server/discover") {
           s.die();
         } else if (m.method == "initialize") {
           s.reply(m, kInitialized);
         }
       },
       modern_client, Era::kLegacy, legacy},
      {"modern, of a later revision",
       probe_error(R"({"code":-32022,"message":"x","data":{"supported":["2099-01-01"]}})"),
       modern_client,
       std::nullopt,
       {"server/discover"},
       Code::kUnsupportedVersion},
      {"modern, refuses",
       probe_error(R"({"code":-32021,"message":"x"})"),
       modern_client,
       std::nullopt,
       {"server/discover"},
       Code::kUpstreamFailed},
      {"it speaks an old revision",
       [](LineServer& s, const jsonrpc::Message& m) {
         s.reply(m, R"({"protocolVersion":"2024-11-05","capabilities":{},"serverInfo":{}})");
       },
       modern_client,
       std::nullopt,
       {"server/discover", "initialize"},
       Code::kUnsupportedVersion},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    servers_.clear();
    const auto upstream = make(c.script, {.probe_timeout = milliseconds(50)});
    const Result<UpstreamHello> hello = start(*upstream, {c.asked});
    ASSERT_EQ(hello.has_value(), c.era.has_value()) << hello.error().message;
    if (!hello) {
      EXPECT_EQ(hello.error().code, c.code) << hello.error().message;
    } else {
      EXPECT_EQ(hello->era, *c.era);
      EXPECT_EQ(hello->revisions.size(), 1u);
      EXPECT_TRUE(upstream->is_open());
      run_until([&] { return methods_heard().size() >= c.heard.size(); });
    }
    EXPECT_EQ(methods_heard(), c.heard);
  }
}

TEST_F(StdioUpstreamTest, AServerThatStartsSlowlyIsModernAllTheSame) {
  // It reads what was waiting for it: the probe, then initialize, which ties a server of both eras.
  struct Case {
    const char* name;
    bool speaks_legacy;
    std::vector<std::string> heard;
  };
  const Case cases[] = {
      {"modern", false, {"server/discover", "initialize"}},
      {"both", true, {"server/discover", "initialize", "server/discover"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    servers_.clear();
    std::optional<jsonrpc::Message> probe;
    bool slow = true;
    const auto upstream = make(
        [&](LineServer& s, const jsonrpc::Message& m) {
          if (m.method == "server/discover" && slow) {
            probe = m;
          } else if (m.method == "server/discover") {
            s.reply(m, kDiscovered);
          } else if (m.method == "initialize") {
            slow = false;
            s.reply(*probe, kDiscovered);
            c.speaks_legacy ? s.reply(m, kInitialized) : s.say(error_to(m, kNotFound));
          }
        },
        {.probe_timeout = milliseconds(5)});
    const Result<UpstreamHello> hello = start(*upstream);
    ASSERT_TRUE(hello.has_value()) << hello.error().message;
    EXPECT_EQ(hello->era, Era::kModern);
    EXPECT_EQ(methods_heard(), c.heard);
  }
}

// `npx` that fetches first: both questions lie in its pipe when it begins to read, and the answer
// to the first comes behind the refusal of the second, or never.
TEST_F(StdioUpstreamTest, AModernServerThatRefusesInitializeFirstIsAskedAgain) {
  for (const bool answers_the_first : {true, false}) {
    SCOPED_TRACE(answers_the_first);
    servers_.clear();
    std::optional<jsonrpc::Message> probe;
    bool is_awake = false;
    const auto upstream = make(
        [&](LineServer& s, const jsonrpc::Message& m) {
          if (m.method == "initialize") {
            is_awake = true;
            s.say(error_to(m, kNotFound));
            if (answers_the_first) {
              s.reply(*probe, kDiscovered);
            }
          } else if (m.method == "server/discover" && !is_awake) {
            probe = m;
          } else if (m.method == "server/discover") {
            s.reply(m, kDiscovered);
          }
        },
        {.probe_timeout = milliseconds(5)});
    const Result<UpstreamHello> hello = start(*upstream);
    ASSERT_TRUE(hello.has_value()) << hello.error().message;
    EXPECT_EQ(hello->era, Era::kModern);
    EXPECT_EQ(methods_heard(),
              (std::vector<std::string>{"server/discover", "initialize", "server/discover"}));
  }
}

TEST_F(StdioUpstreamTest, AServerThatRefusesInitializeAndStaysSilentNamesTheRefusal) {
  const auto upstream = make(
      [&](LineServer& s, const jsonrpc::Message& m) {
        if (m.method == "initialize") {
          s.say(error_to(m, kNotFound));
        }
      },
      {.probe_timeout = milliseconds(5)});
  const Result<UpstreamHello> hello = start(*upstream);
  ASSERT_FALSE(hello.has_value());
  EXPECT_NE(hello.error().message.find("refused initialize"), std::string::npos)
      << hello.error().message;
}

TEST_F(StdioUpstreamTest, TellsTheServerWhatTheClientCanDoAndWhoWeAre) {
  const auto upstream = make(legacy_handshake, {.version = "9.9"});
  ASSERT_TRUE(start(*upstream,
                    {Era::kLegacy, R"({"protocolVersion":"2025-06-18","capabilities":{"roots":{},)"
                                   R"("experimental":{"x":{}}},"clientInfo":{"name":"evil"}})"}));
  const jsonrpc::Message initialize = message_of(server().lines.at(0));
  EXPECT_EQ(initialize.params_text(),
            R"({"protocolVersion":"2025-06-18","capabilities":{"roots":{}},)"
            R"("clientInfo":{"name":"pawl","version":"9.9"}})");
}

TEST_F(StdioUpstreamTest, KeepsTheIdsOfClientsApart) {
  // Both clients call with id 1 and token "t"; the answers come in reverse.
  std::vector<jsonrpc::Message> calls;
  const auto upstream = make([&](LineServer& s, const jsonrpc::Message& m) {
    if (modern_handshake(s, m)) {
      return;
    }
    calls.push_back(m);
    if (calls.size() == 2) {
      for (auto it = calls.rbegin(); it != calls.rend(); ++it) {
        s.say(jsonrpc::notification("notifications/progress",
                                    R"({"progressToken":)" + it->id_text + R"(,"progress":1})"));
        s.say(R"({"result":{"of": )" + it->id_text + R"(}, "id":)" + it->id_text +
              R"(,"jsonrpc":"2.0"})");
      }
    }
  });
  ASSERT_TRUE(start(*upstream));
  const auto first = recorder();
  const auto second = recorder();
  const std::string text =
      "{\"jsonrpc\":\"2.0\", \"id\":1,\n\"method\":\"tools/call\",\"params\":"
      "{\"name\":\"x\",\"_meta\":{\"progressToken\":\"t\"},\"arguments\":{\"a\": 1}}}";
  const auto a = call(*upstream, text, first);
  const auto b = call(*upstream, text, second);
  run_until([&] { return first->ends + second->ends == 2; });
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_NE(calls[0].id_text, calls[1].id_text);
  for (int i = 0; i < 2; ++i) {
    const std::string& ours = calls[i].id_text;
    EXPECT_EQ(server().lines.at(i + 1),
              "{\"jsonrpc\":\"2.0\", \"id\":" + ours +
                  ", \"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"_meta\":"
                  "{\"pawl.record/id\":\"key-1\",\"progressToken\":" +
                  ours + "},\"arguments\":{\"a\": 1}}}");
    const auto& recorded = i == 0 ? first : second;
    EXPECT_EQ(recorded->told,
              (std::vector<std::string>{
                  R"({"jsonrpc":"2.0","method":"notifications/progress",)"
                  R"("params":{"progressToken":"t","progress":1}})",
                  R"({"result":{"of": )" + ours + R"(}, "id":1,"jsonrpc":"2.0"})"}));
  }
}

TEST_F(StdioUpstreamTest, DropsAndCountsWhatAnswersNothing) {
  const auto upstream = make([](LineServer& s, const jsonrpc::Message& m) {
    if (modern_handshake(s, m)) {
      return;
    }
    s.say(R"({"jsonrpc":"2.0","id":"a","result":{}})");
    s.say(R"({"jsonrpc":"2.0","id":999,"result":{}})");
    s.say(R"({"jsonrpc":"2.0","id":5,"method":"sampling/createMessage","params":{}})");
    s.say("Server is listening!");
    s.reply(m, R"({"n":1})");
    s.reply(m, R"({"n":2})");
    s.say(jsonrpc::notification("notifications/progress",
                                R"({"progressToken":)" + m.id_text + R"(,"progress":1})"));
    s.say(jsonrpc::notification("notifications/message", R"({"level":"info","data":"end"})"));
  });
  ASSERT_TRUE(start(*upstream));
  std::vector<std::string> unsolicited;
  upstream->on_unsolicited([&](const jsonrpc::Message& message) {
    unsolicited.push_back(message.method);
    changed();
  });
  const auto events = recorder();
  const auto exchange =
      call(*upstream, R"({"jsonrpc":"2.0","id":"c","method":"tools/list"})", events);
  run_until([&] { return !unsolicited.empty(); });
  EXPECT_EQ(events->told,
            (std::vector<std::string>{R"({"jsonrpc":"2.0","id":"c","result":{"n":1}})"}));
  EXPECT_EQ(upstream->counters().unknown, 2u);
  EXPECT_EQ(upstream->counters().late, 2u) << "a second answer, progress after the end";
  EXPECT_EQ(upstream->counters().garbage, 2u) << "a request in the modern era, a banner";
}

TEST_F(StdioUpstreamTest, EndsAServerThatWritesOnlyGarbage) {
  const auto upstream = make(
      [](LineServer& s, const jsonrpc::Message& m) {
        if (!modern_handshake(s, m)) {
          for (int i = 0; i < 6; ++i) {
            s.say("noise " + std::to_string(i));
          }
        }
      },
      {.max_garbage = 5});
  ASSERT_TRUE(start(*upstream));
  std::string why;
  upstream->on_closed([&](std::string reason) {
    why = std::move(reason);
    changed();
  });
  const auto events = recorder();
  const auto exchange =
      call(*upstream, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", events);
  run_until([&] { return !why.empty(); });
  EXPECT_EQ(events->told, std::vector<std::string>{"lost:connection"});
  EXPECT_NE(why.find("more than 5 lines"), std::string::npos);
  EXPECT_FALSE(upstream->is_open());
}

TEST_F(StdioUpstreamTest, EndsAServerThatSaysNothingThroughThreeCallsInTurn) {
  const auto upstream = make([](LineServer& s, const jsonrpc::Message& m) {
    if (!modern_handshake(s, m) && m.method == "ping") {
      s.reply(m, "{}");
    }
  });
  ASSERT_TRUE(start(*upstream));
  std::string why;
  upstream->on_closed([&](std::string reason) {
    why = std::move(reason);
    changed();
  });
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  const auto time_out = [&](int count) {
    std::vector<std::unique_ptr<UpstreamExchange>> open;
    for (int i = 0; i < count; ++i) {
      open.push_back(call(*upstream, list, recorder()));
    }
    for (const auto& exchange : open) {
      exchange->timed_out();
    }
  };
  const auto answered = [&] {
    const auto events = recorder();
    const auto exchange = call(*upstream, R"({"jsonrpc":"2.0","id":1,"method":"ping"})", events);
    run_until([&] { return events->ends == 1; });
    return events->told.at(0).find("result") != std::string::npos;
  };
  time_out(10);  // at the same time, so they are one
  time_out(1);
  EXPECT_TRUE(answered()) << "it speaks, so it counts anew";
  time_out(1);
  time_out(1);
  EXPECT_TRUE(answered());
  EXPECT_TRUE(upstream->is_open());
  time_out(1);
  time_out(1);
  const auto beside = recorder();
  const auto exchange = call(*upstream, list, beside);
  time_out(1);
  run_until([&] { return !why.empty(); });
  EXPECT_NE(why.find("said nothing while 3 calls"), std::string::npos) << why;
  EXPECT_EQ(beside->told, std::vector<std::string>{"lost:connection"});
  EXPECT_FALSE(upstream->is_open());
}

TEST_F(StdioUpstreamTest, AnAnswerThatIsNoMessageLosesItsCallAsGarbage) {
  const auto upstream = make([](LineServer& s, const jsonrpc::Message& m) {
    if (!modern_handshake(s, m)) {
      s.say(R"({"jsonrpc":"2.0","result":[1],"id":)" + m.id_text + "}");
    }
  });
  ASSERT_TRUE(start(*upstream));
  const auto events = recorder();
  const auto exchange =
      call(*upstream, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", events);
  run_until([&] { return events->ends == 1; });
  EXPECT_EQ(events->told, std::vector<std::string>{"lost:garbage"});
}

TEST_F(StdioUpstreamTest, ALineOverTheLimitEndsTheServer) {
  const auto upstream = make([](LineServer& s, const jsonrpc::Message& m) {
    if (!modern_handshake(s, m)) {
      s.reply(m, R"({"big":")" + std::string(5 * 1024 * 1024, 'x') + R"("})");
    }
  });
  ASSERT_TRUE(start(*upstream));
  const auto events = recorder();
  const auto exchange =
      call(*upstream, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", events);
  run_until([&] { return events->ends == 1; });
  EXPECT_EQ(events->told, std::vector<std::string>{"lost:connection"});
}

TEST_F(StdioUpstreamTest, StartsADeadServerAnewButNotAtOnce) {
  int deaths = 0;
  const auto upstream = make(
      [&](LineServer& s, const jsonrpc::Message& m) {
        if (!modern_handshake(s, m)) {
          ++deaths;
          s.die();
        }
      },
      {.back_off = {.first = milliseconds(40), .most = milliseconds(80)}});
  bool told = false;
  upstream->on_closed([&](const std::string&) {
    told = true;
    changed();
  });
  ASSERT_TRUE(start(*upstream));
  const auto events = recorder();
  const auto exchange =
      call(*upstream, R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}})", events);
  run_until([&] { return told; });
  EXPECT_EQ(events->told, std::vector<std::string>{"lost:connection"}) << "told before on_closed";
  const Result<UpstreamHello> early = start(*upstream);
  ASSERT_FALSE(early.has_value());
  EXPECT_EQ(early.error().code, Code::kUpstreamUnavailable);
  const auto rejected = recorder();
  const auto refused =
      call(*upstream, R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{}})", rejected);
  run_until([&] { return rejected->ends == 1; });
  EXPECT_EQ(rejected->told, std::vector<std::string>{"lost:not_sent"});
  bool later = false;
  const Timer wait = loop_.after(milliseconds(45), [&] {
    later = true;
    changed();
  });
  run_until([&] { return later; });
  EXPECT_TRUE(start(*upstream).has_value());
  EXPECT_EQ(upstream->counters().starts, 2u);
}

TEST_F(StdioUpstreamTest, AServerThatCannotBeStartedIsUnavailable) {
  refuse_to_open_ = true;
  const auto upstream = make(modern_handshake);
  for (int i = 0; i < 3; ++i) {
    const Result<UpstreamHello> hello = start(*upstream);
    ASSERT_FALSE(hello.has_value());
    EXPECT_EQ(hello.error().code, Code::kUpstreamUnavailable);
  }
  EXPECT_EQ(opens_, 1) << "the others waited";
}

TEST_F(StdioUpstreamTest, AServerThatHangsAtItsStartIsGivenUp) {
  const auto upstream =
      make([](LineServer&, const jsonrpc::Message&) {},
           {.probe_timeout = milliseconds(20), .start_timeout = milliseconds(60)});
  const Result<UpstreamHello> hello = start(*upstream);
  ASSERT_FALSE(hello.has_value());
  EXPECT_EQ(hello.error().code, Code::kUpstreamUnavailable);
  run_until([&] { return server().input_ended || (changed(), false); });
}

TEST_F(StdioUpstreamTest, AClosedGateSendsNothingAndALaterCallGoesOn) {
  const auto upstream = make([](LineServer& s, const jsonrpc::Message& m) {
    if (!modern_handshake(s, m)) {
      s.reply(m, "{}");
    }
  });
  ASSERT_TRUE(start(*upstream));
  const auto stopped = recorder();
  gate_->open = false;
  const auto a = call(*upstream, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", stopped);
  run_until([&] { return stopped->ends == 1; });
  EXPECT_EQ(stopped->told, std::vector<std::string>{"lost:not_sent"});
  gate_->open = true;
  const auto passed = recorder();
  const auto b = call(*upstream, R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})", passed);
  run_until([&] { return passed->ends == 1; });
  EXPECT_EQ(passed->told, std::vector<std::string>{R"({"jsonrpc":"2.0","id":2,"result":{}})"});
  EXPECT_EQ(server().lines.size(), 2u);
}

TEST_F(StdioUpstreamTest, DestroyingAnExchangeCancelsItByOurId) {
  const auto upstream = make(legacy_handshake);
  ASSERT_TRUE(start(*upstream));
  const auto events = recorder();
  auto exchange =
      call(*upstream, R"({"jsonrpc":"2.0","id":"c","method":"tools/call","params":{}})", events);
  run_until([&] { return server().lines.size() == 4; });
  exchange.reset();
  run_until([&] { return server().lines.size() == 5; });
  EXPECT_EQ(
      server().lines[4],
      jsonrpc::notification("notifications/cancelled",
                            R"({"requestId":)" + message_of(server().lines[3]).id_text + "}"));
  server().say(jsonrpc::response(message_of(server().lines[3]).id_text, "{}"));
  run_until([&] { return upstream->counters().late == 1 || (changed(), false); });
  EXPECT_TRUE(events->told.empty());
}

TEST_F(StdioUpstreamTest, AServerThatIsSilentWhileCallsInTurnRunOutOfTimeIsEnded) {
  const auto upstream = make([](LineServer& s, const jsonrpc::Message& m) {
    if (!modern_handshake(s, m) && m.method == "tools/list") {
      s.reply(m, "{}");
    }
  });
  ASSERT_TRUE(start(*upstream));
  const auto runs_out_of_time = [&] {
    const std::size_t heard = server().lines.size();
    const auto exchange =
        call(*upstream, R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})", recorder());
    run_until([&] { return server().lines.size() > heard; });
    exchange->timed_out();
  };
  const auto is_answered = [&] {
    const auto events = recorder();
    const auto exchange =
        call(*upstream, R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})", events);
    run_until([&] { return events->ends == 1; });
    return !events->told[0].starts_with("lost");
  };
  const std::size_t most = StdioOptions{}.max_silent;
  for (std::size_t n = 1; n < most; ++n) {
    runs_out_of_time();
  }
  EXPECT_TRUE(is_answered()) << "it still works";
  for (std::size_t n = 0; n < most; ++n) {
    runs_out_of_time();
  }
  run_until([&] { return server().input_ended || (changed(), false); });
  EXPECT_FALSE(is_answered());
}

TEST_F(StdioUpstreamTest, RequestsOfTheServerGoToTheirCallOrToNobodys) {
  const std::string ask = R"({"jsonrpc":"2.0","id":"s1","method":"roots/list"})";
  const std::string of_task =
      R"({"jsonrpc":"2.0","id":"s2","method":"elicitation/create","params":{"_meta":)"
      R"({"io.modelcontextprotocol/related-task":{"taskId":"T"}}}})";
  struct Case {
    const char* name;
    std::vector<std::string> calls;
    std::string line;
    int goes_to;  // index of the call, -1: unsolicited
  };
  const std::string plain = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}})";
  const std::string result =
      R"({"jsonrpc":"2.0","id":2,"method":"tasks/result","params":{"taskId":"T"}})";
  const Case cases[] = {
      {"the only call", {plain}, ask, 0},
      {"two calls", {plain, plain}, ask, -1},
      {"no call", {}, ask, -1},
      {"a task's call", {plain, result}, of_task, 1},
      {"a task without a call", {plain}, of_task, -1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    servers_.clear();
    const auto upstream = make(legacy_handshake);
    std::vector<std::string> unsolicited;
    upstream->on_unsolicited([&](const jsonrpc::Message& message) {
      unsolicited.push_back(message.text);
      changed();
    });
    ASSERT_TRUE(start(*upstream));
    std::vector<std::shared_ptr<Recorder>> events;
    std::vector<std::unique_ptr<UpstreamExchange>> exchanges;
    for (const std::string& text : c.calls) {
      events.push_back(recorder());
      exchanges.push_back(call(*upstream, text, events.back()));
    }
    server().say(c.line);
    run_until([&] {
      std::size_t told = unsolicited.size();
      for (const auto& e : events) {
        told += e->told.size();
      }
      return told == 1;
    });
    if (c.goes_to < 0) {
      EXPECT_EQ(unsolicited, std::vector<std::string>{c.line});
    } else {
      EXPECT_EQ(events[static_cast<std::size_t>(c.goes_to)]->told,
                std::vector<std::string>{c.line});
    }
    bool sent = false;
    upstream->answer(R"("s1")", "{\"roots\":\n[]}", false, gate_, [&](bool left) {
      sent = left;
      changed();
    });
    run_until([&] { return sent; });
    run_until([&] {
      return server().lines.back() == R"({"jsonrpc":"2.0","id":"s1","result":{"roots": []}})";
    });
  }
}

TEST_F(StdioUpstreamTest, AnswersPingsItself) {
  const auto upstream = make(legacy_handshake);
  ASSERT_TRUE(start(*upstream));
  server().say(R"({"jsonrpc":"2.0","id":7,"method":"ping"})");
  run_until([&] { return server().lines.back() == R"({"jsonrpc":"2.0","id":7,"result":{}})"; });
}

TEST_F(StdioUpstreamTest, PassesNotificationsButNoCancellationOfAClient) {
  const auto upstream = make(legacy_handshake);
  ASSERT_TRUE(start(*upstream));
  upstream->notify(
      message_of(
          R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"),
      gate_);
  const std::string roots = R"({"jsonrpc":"2.0","method":"notifications/roots/list_changed"})";
  upstream->notify(message_of(roots), gate_);
  run_until([&] { return server().lines.size() == 4; });
  EXPECT_EQ(server().lines[3], roots);
}

TEST_F(StdioUpstreamTest, SubscriptionsAreToldByTheClientsOwnId) {
  const auto upstream = make([](LineServer& s, const jsonrpc::Message& m) {
    if (!modern_handshake(s, m)) {
      const std::string meta =
          R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" + m.id_text + "}}";
      s.say(jsonrpc::notification("notifications/subscriptions/acknowledged", meta));
      s.say(jsonrpc::notification("notifications/tools/list_changed", meta));
      s.reply(m, meta);
    }
  });
  ASSERT_TRUE(start(*upstream));
  const auto events = recorder();
  const auto listen =
      call(*upstream, R"({"jsonrpc":"2.0","id":"sub","method":"subscriptions/listen","params":{}})",
           events);
  run_until([&] { return events->ends == 1; });
  const std::string meta = R"({"_meta":{"io.modelcontextprotocol/subscriptionId":"sub"}})";
  EXPECT_EQ(events->told,
            (std::vector<std::string>{
                jsonrpc::notification("notifications/subscriptions/acknowledged", meta),
                jsonrpc::notification("notifications/tools/list_changed", meta),
                jsonrpc::response(R"("sub")", meta)}));
}

TEST_F(StdioUpstreamTest, ASlowReaderIsBoundedAndDelaysNobodyElse) {
  const std::string data(100'000, 'x');
  const auto upstream = make([&](LineServer& s, const jsonrpc::Message& m) {
    if (modern_handshake(s, m)) {
      return;
    }
    if (m.method == "tools/call") {
      for (int i = 0; i < 20; ++i) {
        s.say(jsonrpc::notification(
            "notifications/progress",
            R"({"progressToken":)" + m.id_text + R"(,"message":")" + data + R"("})"));
      }
    }
    s.reply(m, "{}");
  });
  ASSERT_TRUE(start(*upstream));
  const auto slow = recorder();
  const auto quick = recorder();
  const auto a = call(*upstream,
                      R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                      R"("params":{"_meta":{"progressToken":1}}})",
                      slow);
  a->pause();
  const auto b = call(*upstream, R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})", quick);
  run_until([&] { return quick->ends == 1; });
  EXPECT_TRUE(slow->told.empty());
  EXPECT_EQ(upstream->counters().dropped, 10u) << "one MiB was kept";
  a->resume();
  EXPECT_TRUE(slow->told.empty()) << "no callback runs inside resume()";
  run_until([&] { return slow->ends == 1; });
  EXPECT_EQ(slow->told.size(), 11u);
  EXPECT_EQ(slow->told.back(), R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST_F(StdioUpstreamTest, ClosingTellsOpenCallsAndAnEventMayDestroyEverything) {
  auto upstream = make(modern_handshake);
  ASSERT_TRUE(start(*upstream));
  std::unique_ptr<UpstreamExchange> exchange;
  const auto events = std::make_shared<Recorder>([&] {
    exchange.reset();
    upstream.reset();
    changed();
  });
  exchange = call(*upstream, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", events);
  run_until([&] { return server().lines.size() == 2; });
  upstream->close();
  run_until([&] { return events->ends == 1; });
  EXPECT_EQ(events->told, std::vector<std::string>{"lost:connection"});
}

TEST_F(StdioUpstreamTest, AnAttachedTransportIsUsedOnce) {
  script_ = modern_handshake;
  auto transport = open();
  StdioUpstream upstream(loop_, {.name = "wrapped", .back_off = {.first = milliseconds(1)}},
                         std::move(*transport));
  ASSERT_TRUE(start(upstream));
  bool told = false;
  upstream.on_closed([&](const std::string&) {
    told = true;
    changed();
  });
  server().die();
  run_until([&] { return told; });
  EXPECT_FALSE(start(upstream).has_value());
}

}  // namespace
}  // namespace pawl::mcp
