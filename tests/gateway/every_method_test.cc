// Every method of both eras that carries data: refused by default, allowed by a rule, recorded.
// (tests/infrastructure/mcp shows that the table holds every method of both published schemas.)
#include <gtest/gtest.h>

#include "foundation/records/kinds.h"
#include "infrastructure/mcp/action.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

constexpr const char* kParams =
    R"({"name":"a-name","uri":"file:///a","taskId":"t1","ref":{"type":"ref/prompt","name":"p"},)"
    R"("argument":{"name":"x","value":"y"},"arguments":{"path":"/a"},"level":"info",)"
    R"("messages":[],"message":"m","notifications":{}})";

Action sample(const mcp::MethodInfo& info, std::string_view revision, bool to_client) {
  const std::string text = info.form == mcp::Form::kRequest
                               ? jsonrpc::request("1", info.method, kParams)
                               : jsonrpc::notification(info.method, kParams);
  const Result<jsonrpc::Message> message = jsonrpc::decode(text);
  EXPECT_TRUE(message) << message.error().message;
  mcp::ActionContext context;
  context.caller.agent = "triage";
  context.caller.proof = Caller::Proof::kBearerKey;
  context.server = "files";
  context.revision = revision;
  context.direction = to_client ? Direction::kToClient : Direction::kToServer;
  context.session = "s";
  Result<mcp::Decoded> decoded = mcp::make_action(*message, info, context);
  EXPECT_TRUE(decoded) << info.method << ": " << decoded.error().message;
  return decoded ? std::move(decoded->action) : Action{};
}

std::size_t check_method(const mcp::MethodInfo& info, mcp::Sender sender,
                         std::string_view revision) {
  if (info.plumbing() || sender == mcp::Sender::kNobody) {
    return 0;
  }
  SCOPED_TRACE(std::string(info.method) + " " + std::string(revision));
  EXPECT_EQ(kinds::is_notice(info.verb), info.form == mcp::Form::kNotification);
  const bool to_client = sender == mcp::Sender::kServer || sender == mcp::Sender::kEmbedded;

  GatewayRig closed("rules: []");
  CallView& refused = closed.submit(sample(info, revision, to_client));
  EXPECT_TRUE(closed.run_until([&] { return refused.ended(); }));
  EXPECT_FALSE(refused.forwarded);
  EXPECT_EQ(closed.text(*refused.record, {"exec_act"}), "task.denied");
  EXPECT_EQ(closed.text(*refused.record, {"ect_ext", "pawl.task", "verb"}), info.verb);

  GatewayRig open("rules: [{id: one, when: {verb: " + std::string(info.verb) +
                  "}, then: allow, reason: test}]");
  CallView& allowed = open.submit(sample(info, revision, to_client));
  EXPECT_TRUE(open.run_until([&] { return allowed.forwarded; }));
  allowed.events->answered({true, "{}"});
  EXPECT_TRUE(open.run_until([&] { return allowed.released; }));
  EXPECT_EQ(open.text(*allowed.record, {"exec_act"}), info.verb);
  EXPECT_EQ(open.text(*allowed.record, {"ect_ext", "pol"}), "one");
  return 1;
}

TEST(EveryMethod, IsRefusedByDefaultAllowedByARuleAndRecorded) {
  std::size_t checked = 0;
  for (const mcp::MethodInfo& info : mcp::methods()) {
    checked += check_method(info, info.legacy, mcp::kRevision20251125);
    checked += check_method(info, info.modern, mcp::kRevision20260728);
  }
  EXPECT_GE(checked, 30u);
}

}  // namespace
}  // namespace pawl
