// Tasks of both eras: handles bound to their caller, and the end that is recorded once.
#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

class TasksTest : public BridgeRig {
 protected:
  void SetUp() override {
    BridgeRig::SetUp();
    options.task_poll_min = options.task_poll_max = std::chrono::milliseconds(1);
    answer("new", R"({"resultType":"task","taskId":"t.1","status":"working"})");
    answer("old", R"({"task":{"taskId":"t.1","status":"working"}})");
    start();
  }
  // Calls create a task; polls of the gateway itself get `status_`.
  void answer(const std::string& server, const std::string& created) {
    scripts[server]->on_request = [this, created](const auto& open) {
      if (open->message.id_text.starts_with("\"pawl-task-")) {
        ++polls_;
        open->result(R"({"resultType":"complete","taskId":"t.1","status":")" + status_ + R"("})");
      } else if (open->message.method == "tools/call") {
        open->result(created);
      } else if (open->message.method == "tasks/list") {
        open->result(R"({"tasks":[{"taskId":"t.1","status":"working"},)"
                     R"({"taskId":"foreign","status":"working"}]})");
      } else {
        open->result(R"({"resultType":"complete","taskId":"t.1","status":"working",)"
                     R"("_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t.1"}}})");
      }
    };
  }
  static std::string quoted(const std::string& id) { return R"("taskId":")" + id + R"(")"; }

  std::string status_ = "working";
  int polls_ = 0;
};

TEST_F(TasksTest, AModernHandleIsBoundToItsCaller) {
  const json::Value created = parsed(modern("tools/call", R"("name":"build")", "build").body);
  const std::string handle(json::find_string(created, {"result", "taskId"}).value_or(""));
  EXPECT_TRUE(handle.starts_with("t.1."));
  const HttpAnswer mine = modern("tasks/get", quoted(handle), handle);
  EXPECT_EQ(json::find_string(parsed(mine.body), {"result", "taskId"}), handle) << mine.body;
  const HttpAnswer theirs = modern("tasks/get", quoted(handle), handle, kDeploy);
  EXPECT_EQ(error_code(theirs), -32602);
  EXPECT_EQ(error_code(modern("tasks/cancel", quoted("t.1"), "t.1")), -32602);
  on_loop([&] {
    for (const auto& request : upstreams["new"]->requests) {
      if (request->message.method == "tasks/get") {
        EXPECT_NE(request->message.text.find(quoted("t.1")), std::string::npos);
        EXPECT_EQ(request->headers.get("Mcp-Name"), "t.1");
      }
    }
  });
}

TEST_F(TasksTest, AModernClientDeclaresTasksWithEachRequest) {
  std::string body = modern_body("tasks/get", quoted("t.1"));
  const std::string declared = R"("extensions":{"io.modelcontextprotocol/tasks":{}})";
  body.erase(body.find(declared), declared.size());
  const HttpAnswer answer = receive(send(
      "POST", "/mcp/new", body,
      {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tasks/get"}, {"Mcp-Name", "t.1"}}));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(error_code(answer), -32021);
}

TEST_F(TasksTest, ALegacyHandleTheListAndTheMentions) {
  const std::string session = initialize();
  const json::Value created = parsed(
      legacy(session, legacy_body("tools/call", R"("name":"build","task":{"ttl":1000})")).body);
  const std::string handle(json::find_string(created, {"result", "task", "taskId"}).value_or(""));
  EXPECT_TRUE(handle.starts_with("t.1."));
  const std::string result = legacy(session, legacy_body("tasks/result", quoted(handle))).body;
  EXPECT_EQ(json::find_string(parsed(result), {"result", "_meta",
                                               "io.modelcontextprotocol/related-task", "taskId"}),
            handle)
      << result;
  const std::string list = legacy(session, legacy_body("tasks/list", "")).body;
  EXPECT_NE(list.find(handle), std::string::npos) << list;
  EXPECT_EQ(list.find("foreign"), std::string::npos) << list;
  const std::string other = initialize(kDeploy);
  EXPECT_EQ(error_code(legacy(other, legacy_body("tasks/result", quoted(handle)), kDeploy)),
            -32602);
}

TEST_F(TasksTest, AnEndIsToldOnce) {
  const struct {
    const char* status;
    const char* told;
  } cases[] = {{"completed", "build confirmed completed"},
               {"failed", "build failed failed"},
               {"cancelled", "build unknown cancelled"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.status);
    on_loop([&] {
      status_ = "working";
      polls_ = 0;
      outcomes.ended.clear();
    });
    modern("tools/call", R"("name":"build")", "build");
    ASSERT_TRUE(wait_for([&] { return polls_ >= 2; }));
    on_loop([&] { status_ = c.status; });
    ASSERT_TRUE(wait_for([&] { return bridge().followed_tasks() == 0; }));
    on_loop([&] { EXPECT_EQ(outcomes.ended, std::vector<std::string>{c.told}); });
  }
}

TEST_F(TasksTest, TheCallsRecordNamesTheTaskSealed) {
  modern("tools/call", R"("name":"build")", "build");
  on_loop([&] {
    const std::string& followed = gateway.calls.back()->followed;
    EXPECT_FALSE(followed.empty());
    EXPECT_LE(followed.size(), 1024u);
    EXPECT_EQ(followed.find("t.1"), std::string::npos);
  });
  modern("tools/list", "");
  on_loop([&] { EXPECT_EQ(gateway.calls.back()->followed, ""); });
}

// What the ledger would give back after a restart.
OpenTask open_task(const ScriptedGateway::Call& call) {
  return {call.action, call.followed, call.action.received};
}

TEST_F(TasksTest, ATaskOfAServerByUrlIsFollowedAgainAfterARestart) {
  modern("tools/call", R"("name":"build")", "build");
  ASSERT_TRUE(wait_for([&] { return polls_ >= 1; }));
  const OpenTask open = on_loop([&] { return open_task(*gateway.calls.back()); });
  restart([&] { configs.back().url = "http://scripted"; });
  on_loop([&] {
    status_ = "working";
    polls_ = 0;
    bridge().resume_tasks({open});
  });
  ASSERT_TRUE(wait_for([&] { return polls_ >= 2; }));
  on_loop([&] {
    EXPECT_TRUE(outcomes.ended.empty());
    status_ = "completed";
  });
  ASSERT_TRUE(wait_for([&] { return bridge().followed_tasks() == 0; }));
  on_loop(
      [&] { EXPECT_EQ(outcomes.ended, std::vector<std::string>{"build confirmed completed"}); });
}

TEST_F(TasksTest, WhatCannotBeFollowedAgainIsUnknownAtOnce) {
  modern("tools/call", R"("name":"build")", "build");
  const OpenTask open = on_loop([&] { return open_task(*gateway.calls.back()); });
  const struct {
    const char* name;
    std::function<void(OpenTask&)> change;
    bool by_url;
    const char* told;
  } cases[] = {
      {"a child", [](OpenTask&) {}, false, "build unknown the server ended before its task"},
      {"not registered any more", [](OpenTask& task) { task.creating_call.server = "gone"; }, true,
       "build unknown the server ended before its task"},
      {"of another agent", [](OpenTask& task) { task.creating_call.caller.agent = "deploy"; }, true,
       "build unknown what was kept of the task cannot be opened"},
      {"of another call", [](OpenTask& task) { task.creating_call.id = Uuid{}; }, true,
       "build unknown what was kept of the task cannot be opened"},
      {"altered", [](OpenTask& task) { task.followed.front() ^= 1; }, true,
       "build unknown what was kept of the task cannot be opened"},
      {"empty", [](OpenTask& task) { task.followed.clear(); }, true,
       "build unknown what was kept of the task cannot be opened"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    restart([&] { configs.back().url = c.by_url ? "http://scripted" : ""; });
    on_loop([&] {
      OpenTask changed = open;
      c.change(changed);
      bridge().resume_tasks({changed});
      EXPECT_EQ(outcomes.ended, std::vector<std::string>{c.told});
      EXPECT_EQ(bridge().followed_tasks(), 0u);
    });
  }
}

TEST_F(TasksTest, AServerThatStaysAwayIsUnknownAfterSomePolls) {
  modern("tools/call", R"("name":"build")", "build");
  const OpenTask open = on_loop([&] { return open_task(*gateway.calls.back()); });
  restart([&] { configs.back().url = "http://scripted"; });
  on_loop([&] {
    scripts["new"]->down = "no route";
    bridge().resume_tasks({open});
  });
  ASSERT_TRUE(wait_for([&] { return bridge().followed_tasks() == 0; }));
  on_loop([&] {
    EXPECT_EQ(outcomes.ended,
              std::vector<std::string>{"build unknown the server does not answer: no route"});
  });
}

TEST_F(TasksTest, TheEndOfTheProcessIsTheEndOfAChildsTaskOnly) {
  for (const bool by_url : {false, true}) {
    SCOPED_TRACE(by_url);
    restart([&] { configs.back().url = by_url ? "http://scripted" : ""; });
    modern("tools/call", R"("name":"build")", "build");
    on_loop([&] {
      bridge().shut_down();
      EXPECT_EQ(outcomes.ended.size(), by_url ? 0u : 1u);
      EXPECT_EQ(bridge().followed_tasks(), 0u);
    });
  }
}

TEST_F(TasksTest, WhatGoesOnWithATaskNamesItsTool) {
  const auto tools_of = [&](std::size_t from) {
    return on_loop([&] {
      std::vector<std::string> out;
      for (std::size_t at = from; at < gateway.calls.size(); ++at) {
        out.push_back(gateway.calls[at]->action.verb + " " + gateway.calls[at]->action.task_tool);
      }
      return out;
    });
  };
  const json::Value created = parsed(modern("tools/call", R"("name":"build")", "build").body);
  const std::string handle(json::find_string(created, {"result", "taskId"}).value_or(""));
  modern("tasks/get", quoted(handle), handle);
  modern("tasks/update", quoted(handle) + R"(,"inputResponses":{})", handle);
  modern("tasks/cancel", quoted(handle), handle);
  EXPECT_EQ(tools_of(1),
            (std::vector<std::string>{"task.get build", "task.update build", "task.cancel build"}));
  const std::string session = initialize();
  const json::Value legacy_task = parsed(
      legacy(session, legacy_body("tools/call", R"("name":"make","task":{"ttl":1000})")).body);
  const std::string old(json::find_string(legacy_task, {"result", "task", "taskId"}).value_or(""));
  for (const char* method : {"tasks/get", "tasks/result", "tasks/cancel"}) {
    legacy(session, legacy_body(method, quoted(old)));
  }
  on_loop([&] {
    upstreams["old"]->unsolicited(
        jsonrpc::decode(R"({"jsonrpc":"2.0","method":"notifications/tasks/status",)"
                        R"("params":{"taskId":"t.1","status":"working"}})")
            .value());
  });
  EXPECT_EQ(tools_of(5), (std::vector<std::string>{"task.get make", "task.result make",
                                                   "task.cancel make", "task.status make"}));
  // Nothing but the handle is left of it.
  restart([] {});
  on_loop([&] { gateway.calls.clear(); });
  const HttpAnswer again = modern("tasks/get", quoted(handle), handle);
  EXPECT_EQ(json::find_string(parsed(again.body), {"result", "taskId"}), handle) << again.body;
  EXPECT_EQ(tools_of(0), std::vector<std::string>{"task.get build"});
}

TEST_F(TasksTest, AHandleOfAnotherToolOpensNothing) {
  const json::Value created = parsed(modern("tools/call", R"("name":"build")", "build").body);
  std::string handle(json::find_string(created, {"result", "taskId"}).value_or(""));
  const std::string tool = ".YnVpbGQ.";  // "build"
  ASSERT_NE(handle.find(tool), std::string::npos) << handle;
  for (const char* other : {".bWFrZQ.", "..", ".", ".%."}) {
    std::string forged = handle;
    forged.replace(handle.find(tool), tool.size(), other);
    EXPECT_EQ(error_code(modern("tasks/get", quoted(forged), forged)), -32602) << forged;
  }
}

TEST_F(TasksTest, AStopCancelsARunningTaskAtItsServerOnce) {
  for (const bool is_modern : {true, false}) {
    SCOPED_TRACE(is_modern);
    const std::string server = is_modern ? "new" : "old";
    const auto cancels = [&] {
      std::size_t count = 0;
      for (const auto& request : upstreams[server]->requests) {
        const bool is_ours = request->message.id_text.starts_with("\"pawl-task-");
        count += is_ours && request->message.method == "tasks/cancel" ? 1 : 0;
      }
      return count;
    };
    if (is_modern) {
      modern("tools/call", R"("name":"build")", "build");
    } else {
      legacy(initialize(), legacy_body("tools/call", R"("name":"build","task":{"ttl":1000})"));
    }
    on_loop([&] {
      gateway.stopped_tools = {server + "/other"};
      gateway.stops_changed();
      EXPECT_EQ(cancels(), 0u);
      gateway.stopped_tools = {server + "/build"};
      gateway.stops_changed();
      gateway.stops_changed();
    });
    ASSERT_TRUE(wait_for([&] { return cancels() == 1; }));
    on_loop([&] { polls_ = 0; });
    ASSERT_TRUE(wait_for([&] { return polls_ >= 2; })) << "it is followed on";
    on_loop([&] {
      EXPECT_EQ(cancels(), 1u);
      status_ = "cancelled";
    });
    ASSERT_TRUE(wait_for([&] { return bridge().followed_tasks() == 0; }));
    on_loop([&] {
      EXPECT_EQ(outcomes.ended, std::vector<std::string>{"build unknown cancelled after a stop"});
      outcomes.ended.clear();
      status_ = "working";
    });
  }
}

TEST_F(TasksTest, AStopInForceIsSeenWhenATaskIsFollowedAgain) {
  modern("tools/call", R"("name":"build")", "build");
  const OpenTask open = on_loop([&] { return open_task(*gateway.calls.back()); });
  restart([&] {
    configs.back().url = "http://scripted";
    gateway.stopped_tools = {"new/build"};
  });
  on_loop([&] { bridge().resume_tasks({open}); });
  ASSERT_TRUE(
      wait_for([&] { return upstreams.count("new") != 0 && !upstreams["new"]->requests.empty(); }));
  on_loop([&] {
    EXPECT_EQ(upstreams["new"]->requests.front()->message.method, "tasks/cancel");
    EXPECT_NE(upstreams["new"]->requests.front()->message.text.find(quoted("t.1")),
              std::string::npos);
  });
}

}  // namespace
}  // namespace pawl::bridge
