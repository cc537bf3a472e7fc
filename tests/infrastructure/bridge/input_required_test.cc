// Results that ask: embedded requests, our requestState, its single use.
#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

constexpr const char* kAsks =
    R"({"resultType":"input_required","inputRequests":{)"
    R"("who":{"method":"elicitation/create","params":{"message":"name?","mode":"form"}},)"
    R"("dirs":{"method":"roots/list"}},"requestState":"upstream-state"})";

class InputRequiredTest : public BridgeRig {
 protected:
  void SetUp() override {
    BridgeRig::SetUp();
    scripts["new"]->on_request = [](const auto& open) {
      const bool retry = open->message.text.find("inputResponses") != std::string::npos;
      open->result(retry ? R"({"resultType":"complete","content":[]})" : kAsks);
    };
    start();
  }
  std::string state_of(const HttpAnswer& answer) {
    return std::string(
        json::find_string(parsed(answer.body), {"result", "requestState"}).value_or(""));
  }
  HttpAnswer ask() { return modern("tools/call", R"("name":"echo","arguments":{"a":1})", "echo"); }
  HttpAnswer retry(const std::string& state, const std::string& arguments = R"({"a":1})",
                   std::string_view key = kTriage) {
    return modern("tools/call",
                  R"("name":"echo","arguments":)" + arguments +
                      R"(,"inputResponses":{"who":{"action":"accept"}},"requestState":")" + state +
                      R"(")",
                  "echo", key);
  }
};

TEST_F(InputRequiredTest, ARoundTripGivesTheServerItsStateBack) {
  const HttpAnswer first = ask();
  const std::string state = state_of(first);
  EXPECT_FALSE(state.empty());
  EXPECT_EQ(first.body.find("upstream-state"), std::string::npos);
  on_loop([&] {
    ASSERT_EQ(gateway.calls.size(), 3u);
    EXPECT_EQ(gateway.calls[1]->action.verb, "elicitation.request");
    EXPECT_EQ(gateway.calls[1]->outcome, "confirmed");
    EXPECT_EQ(gateway.calls[2]->action.verb, "root.list");
  });
  const HttpAnswer second = retry(state);
  EXPECT_NE(second.body.find(R"("content":[])"), std::string::npos) << second.body;
  on_loop([&] {
    const auto& request = upstreams["new"]->requests.at(1);
    EXPECT_NE(request->message.text.find(R"("requestState":"upstream-state")"), std::string::npos);
    const Action& action = gateway.calls.at(3)->action;
    EXPECT_NE(action.params.find("inputResponses"), std::string::npos);
    ASSERT_EQ(action.causes.size(), 1u);
    EXPECT_EQ(action.causes[0].parent, gateway.calls[0]->action.id);
  });
}

TEST_F(InputRequiredTest, AStateIsGoodOnceForItsCallerAndCall) {
  const std::string state = state_of(ask());
  const ScriptedUpstream* of_caller = nullptr;  // another caller gets a server of its own
  on_loop([&] { of_caller = upstreams["new"]; });
  const struct {
    const char* name;
    HttpAnswer answer;
  } cases[] = {
      {"another caller", retry(state, R"({"a":1})", kDeploy)},
      {"other arguments", retry(state, R"({"a":2})")},
      {"changed", retry(state.substr(0, state.size() - 2) + "AA")},
      {"invented", retry("upstream-state")},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(error_code(c.answer), -32602) << c.answer.body;
  }
  EXPECT_EQ(error_code(retry(state)), 0);
  EXPECT_EQ(error_code(retry(state)), -32602);
  on_loop([&] {
    EXPECT_EQ(of_caller->requests.size(), 2u);
    EXPECT_TRUE(upstreams["new"]->requests.empty());
  });
}

TEST_F(InputRequiredTest, ADeniedRequestRefusesTheCall) {
  on_loop([&] {
    gateway.denied["elicitation.request"] = {Code::kDenied, "rules", "no-asking", "no", false, 0};
  });
  const HttpAnswer answer = ask();
  EXPECT_NE(answer.body.find("no-asking"), std::string::npos);
  EXPECT_EQ(state_of(answer), "");
  on_loop([&] {
    EXPECT_EQ(gateway.calls.at(0)->outcome, "confirmed");  // the server did answer
    EXPECT_EQ(gateway.calls.at(2)->outcome, "error");      // what was allowed was not released
  });
}

TEST_F(InputRequiredTest, AnUnknownEmbeddedMethodIsNoAnswer) {
  on_loop([&] {
    scripts["new"]->on_request = [](const auto& open) {
      open->result(R"({"resultType":"input_required","inputRequests":)"
                   R"({"x":{"method":"tools/call","params":{}}}})");
    };
  });
  EXPECT_NE(ask().body.find(R"("isError":true)"), std::string::npos);
  on_loop([&] { EXPECT_EQ(gateway.calls.at(0)->outcome, "unknown"); });
}

}  // namespace
}  // namespace pawl::bridge
