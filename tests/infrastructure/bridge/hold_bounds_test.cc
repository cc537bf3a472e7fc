// Of what one client may take while its calls wait for people: the bounds, and what is beyond them.
#include "infrastructure/bridge/approval_pages.h"
#include "infrastructure/bridge/own_tasks.h"
#include "infrastructure/bridge/session.h"
#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

constexpr const char* kOk = R"({"content":[]})";

class HoldBounds : public BridgeRig {
 protected:
  // A client of 2025-11-25 that opens pages.
  std::string shake_hands() {
    const HttpAnswer answer =
        receive(send("POST", "/mcp/old",
                     legacy_body("initialize", R"("protocolVersion":"2025-11-25","capabilities":)"
                                               R"({"elicitation":{"url":{}}},)"
                                               R"("clientInfo":{"name":"t","version":"1"})"),
                     {}, kTriage));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.header("Mcp-Session-Id");
  }
  PendingApproval next_approval() {
    approvals.push_back(gateway.new_id());
    return {approvals.back(), "https://pawl.example/approvals", 4'000'000'000};
  }

  // Of a call of `echo` that waits; empty: it was answered otherwise.
  std::string held_task() {
    gateway.held_tools = {"echo"};
    gateway.holds = [this] { return next_approval(); };
    start();
    task_session = shake_hands();
    const HttpAnswer answer =
        legacy(task_session,
               legacy_body("tools/call", R"("name":"echo","arguments":{},"task":{"ttl":60000})"));
    return std::string(
        json::find_string(parsed(answer.body), {"result", "task", "taskId"}).value_or(""));
  }

  std::string task_session;
  std::vector<Uuid> approvals;
};

TEST_F(HoldBounds, SixteenWaitForTheResultOfOneTaskAndNoMore) {
  const std::string handle = held_task();
  ASSERT_FALSE(handle.empty());
  on_loop([&] {
    gateway.holds = nullptr;
    HeldStanding approved;
    approved.state = HeldStanding::State::kApproved;
    approved.server = "old";
    approved.verb = "tool.call";
    approved.name = "echo";
    approved.params = R"({"name":"echo","arguments":{}})";
    gateway.standing[approvals.at(0)] = approved;
  });
  const std::string asked = legacy_body("tasks/result", R"("taskId":)" + json::quote(handle));
  std::vector<HttpAnswer> waiting;
  for (std::size_t i = 0; i < OwnTasks::kMostWaiting; ++i) {
    const std::size_t looks = on_loop([&] { return gateway.plumbing_looks; });
    waiting.push_back(send_legacy(task_session, asked));
    ASSERT_TRUE(wait_for([&] { return gateway.plumbing_looks > looks; }));  // it waits now
  }
  const HttpAnswer beyond = legacy(task_session, asked);
  EXPECT_NE(beyond.body.find("too many wait for the end of this task"), std::string::npos)
      << beyond.body;
  ASSERT_TRUE(wait_for([&] { return upstreams["old"]->requests.size() == 1; })) << "one call";
  on_loop([&] { upstreams["old"]->requests.at(0)->result(kOk); });
  for (HttpAnswer& one : waiting) {
    const HttpAnswer told = receive(one);
    EXPECT_NE(told.body.find(R"("content":[])"), std::string::npos) << told.head;
  }
}

TEST_F(HoldBounds, SoManyListedToolsOfASessionHaveTasksOfOursAndNoMore) {
  std::string tools;
  constexpr std::size_t kTools = Session::kMaxOwnTaskTools + 1;
  for (std::size_t i = 0; i < kTools; ++i) {
    const std::string name = "t" + std::to_string(i);
    tools += (i == 0 ? "" : ",") + (R"({"name":")" + name + R"(","inputSchema":{}})");
    gateway.held_tools.insert(name);
  }
  scripts["old"]->on_request = [&tools](const auto& open) {
    open->result(R"({"tools":[)" + tools + "]}");
  };
  start();
  const std::string session = shake_hands();
  const HttpAnswer listed = legacy(session, legacy_body("tools/list", ""));
  const json::Value body = parsed(listed.body);
  const json::Value* list = json::find(body, {"result", "tools"});
  ASSERT_NE(list, nullptr) << listed.body.substr(0, 500);
  ASSERT_EQ(list->get_array().size(), kTools) << "all are listed";
  std::size_t with_tasks = 0;
  for (const json::Value& tool : list->get_array()) {
    with_tasks += json::find_string(tool, {"execution", "taskSupport"}) == "optional" ? 1 : 0;
  }
  EXPECT_EQ(with_tasks, Session::kMaxOwnTaskTools);
}

TEST_F(HoldBounds, OfManyPagesTheOldestIsForgotten) {
  gateway.holds = [this] { return next_approval(); };
  start();
  const std::string session = shake_hands();
  const std::string call = legacy_body("tools/call", R"("name":"echo","arguments":{})");
  for (std::size_t i = 0; i <= ApprovalPages::kMost; ++i) {
    send_legacy(session, call).socket->until("\r\n\r\n");
  }
  ASSERT_EQ(on_loop([&] { return approvals.size(); }), ApprovalPages::kMost + 1);
  HttpAnswer stream = get(session);
  on_loop([&] {
    gateway.approval_decided(approvals[0]);  // nobody is told of it any more
    gateway.approval_decided(approvals[1]);
    gateway.approval_decided(approvals.back());
  });
  const auto next = [&] {
    for (;;) {
      if (const std::string text = stream.event(); !text.empty()) {
        return text;
      }
    }
  };
  EXPECT_NE(next().find(approvals[1].text()), std::string::npos);
  EXPECT_NE(next().find(approvals.back().text()), std::string::npos);
}

// regression: 49,000 small arrays in _meta counted as their text, and took 14 times that
TEST_F(HoldBounds, ARequestCountsWithItsTreeAndItsHeaders) {
  start();
  constexpr std::size_t kParts = 20'000;
  const auto many = [](const std::string& part) {
    std::string out = part;
    for (std::size_t i = 1; i < kParts; ++i) {
      out += "," + part;
    }
    return out;
  };
  constexpr std::size_t kValue = sizeof(json::Value);
  const struct {
    const char* name;
    std::string meta;                                          // one more member of _meta
    std::vector<std::pair<std::string, std::string>> headers;  // beside the usual ones
    std::size_t least;  // bytes more than of an ordinary request
  } cases[] = {
      {"arrays", R"("x":[)" + many("[1]") + "],", {}, kParts * 2 * kValue},
      {"empty arrays", R"("x":[)" + many("[]") + "],", {}, kParts * kValue},
      {"objects", R"("x":[)" + many(R"({"a":1})") + "],", {}, kParts * 3 * kValue},
      {"texts", R"("x":[)" + many(R"("01234567890123456789")") + "],", {}, kParts * (kValue + 20)},
      {"headers", "", {{"X-Padding", std::string(4'000, 'p')}}, 4'000},
  };
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const auto kept = [&](const std::string& meta, const Fields& more) {
    Fields headers = {
        {"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "echo"}};
    headers.insert(headers.end(), more.begin(), more.end());
    std::string body = modern_body("tools/call", R"("name":"echo","arguments":{})");
    const std::string_view begin = R"("_meta":{)";
    body.insert(body.find(begin) + begin.size(), meta);
    const std::size_t before = on_loop([&] { return gateway.calls.size(); });
    const HttpAnswer open = send("POST", "/mcp/new", body, headers);
    EXPECT_TRUE(wait_for([&] { return gateway.calls.size() > before; }));
    return on_loop([&] { return gateway.calls.back()->exchange->kept_bytes(); });
  };
  const std::size_t usual = kept("", {});
  EXPECT_LT(usual, 8'192u);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_GE(kept(c.meta, c.headers), usual + c.least);
  }
}

// regression: a call that went through, and whose answer was gone, was "denied": it was paid twice
TEST_F(HoldBounds, ATaskWhoseAnswerIsGoneSaysThatItsCallHappened) {
  const std::string handle = held_task();
  ASSERT_FALSE(handle.empty());
  const Uuid record = gateway.new_id();
  const struct {
    bool was_used;
    std::optional<Uuid> record;
    const char* code;
  } cases[] = {{true, record, "conflict"}, {true, std::nullopt, "conflict"}, {false, {}, "denied"}};
  for (const auto& c : cases) {
    on_loop([&] {
      HeldStanding ended;
      ended.server = "old";
      ended.reason = "the reason";
      ended.was_used = c.was_used;
      ended.record = c.record;
      gateway.standing[approvals.at(0)] = ended;
    });
    const HttpAnswer said =
        legacy(task_session, legacy_body("tasks/result", R"("taskId":)" + json::quote(handle)));
    const json::Value body = parsed(said.body);
    EXPECT_EQ(json::find_string(body, {"error", "data", "code"}), c.code) << said.body;
    EXPECT_NE(said.body.find("the reason"), std::string::npos) << said.body;
    EXPECT_EQ(said.body.find(record.text()) != std::string::npos, c.record.has_value());
  }
  on_loop([&] { gateway.standing.clear(); });
  const HttpAnswer unknown =
      legacy(task_session, legacy_body("tasks/result", R"("taskId":)" + json::quote(handle)));
  EXPECT_NE(unknown.body.find("do not call again: record or approval " + approvals.at(0).text()),
            std::string::npos)
      << unknown.body;
}

}  // namespace
}  // namespace pawl::bridge
