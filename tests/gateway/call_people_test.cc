// People of a call: what records have instead of their names.
#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

class Numbered final : public PersonNames {
 public:
  Result<std::string> stands_for(const std::string& name) override {
    asked.push_back(name);
    return fails ? Result<std::string>(fail(Code::kIo, "the disk is broken"))
                 : Result<std::string>("person:" + std::to_string(name.size()));
  }
  std::vector<std::string> asked;
  bool fails = false;
};

Action action_of_people(GatewayRig& rig) {
  Action action = rig.action("tool.call", "a", R"({})");
  action.caller.on_behalf_of = "alice";
  action.caller.actors = {{"", action.caller.agent}, {"https://i.example", "robert"}};
  return action;
}

TEST(CallPeople, ARecordHasWhatStandsForThemAndNotTheirNames) {
  GatewayRig rig;
  Numbered people;
  rig.gateway->name_people_by(&people);
  CallView& call = rig.submit(action_of_people(rig));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, R"({"content":[]})"});
  ASSERT_TRUE(rig.run_until([&] { return call.released; }));
  const json::Value* body = json::find(rig.payload(*call.record), {"ect_ext", "pawl.tool"});
  const std::string text = json::print(rig.payload(*call.record));
  EXPECT_EQ(text.find("alice"), std::string::npos) << text;
  EXPECT_EQ(text.find("robert"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("on_behalf_of":"person:5")"), std::string::npos) << text;
  EXPECT_NE(
      text.find(R"("actors":[{"sub":"triage"},{"sub":"person:6","iss":"https://i.example"}])"),
      std::string::npos)
      << text;
  static_cast<void>(body);
  for (const std::string& name : people.asked) {
    EXPECT_NE(name, "triage") << "the agent is no person";
  }
}

// Whoever calls is told of the stop by the name that is in the token.
TEST(CallPeople, ARefusalIsRecordedWithWhatStandsForThem) {
  for (const bool is_revoked : {false, true}) {
    GatewayRig rig;
    Numbered people;
    rig.gateway->name_people_by(&people);
    if (is_revoked) {
      rig.revoke("user:alice");
    } else {
      rig.stop("user:alice");
    }
    CallView& call = rig.submit(action_of_people(rig));
    ASSERT_TRUE(rig.run_until([&] { return call.refused.has_value(); }));
    EXPECT_TRUE(call.refused->reason.starts_with("user:alice ")) << call.refused->reason;
    const std::string text = json::print(rig.payload(*call.record));
    EXPECT_EQ(text.find("alice"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("reason":"user:person:5 )"), std::string::npos) << text;
  }
}

TEST(CallPeople, ACallThatIsCutOffIsRecordedWithWhatStandsForThem) {
  GatewayRig rig;
  Numbered people;
  rig.gateway->name_people_by(&people);
  CallView& call = rig.submit(action_of_people(rig));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  rig.stop("user:alice");
  ASSERT_TRUE(rig.run_until([&] { return call.refused.has_value(); }));
  const std::string text = json::print(rig.payload(*call.record));
  EXPECT_EQ(text.find("alice"), std::string::npos) << text;
  EXPECT_NE(text.find("user:person:5"), std::string::npos) << text;
}

TEST(CallPeople, WithoutOneTheCallIsNotForwardedAndNothingIsRecorded) {
  GatewayRig rig;
  Numbered people;
  people.fails = true;
  rig.gateway->name_people_by(&people);
  CallView& call = rig.submit(action_of_people(rig));
  ASSERT_TRUE(rig.run_until([&] { return call.refused.has_value(); }));
  EXPECT_FALSE(call.forwarded);
  EXPECT_EQ(call.refused->code, Code::kEvidenceUnavailable);
  EXPECT_EQ(call.refused->control, "people");
  EXPECT_EQ(call.refused->reason.find("alice"), std::string::npos);
  EXPECT_EQ(rig.ledger->size(), 0u);
}

TEST(CallPeople, WhereNobodyAsksForItNamesStandInRecords) {
  GatewayRig rig;
  CallView& call = rig.submit(action_of_people(rig));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, R"({"content":[]})"});
  ASSERT_TRUE(rig.run_until([&] { return call.released; }));
  EXPECT_NE(json::print(rig.payload(*call.record)).find(R"("on_behalf_of":"alice")"),
            std::string::npos);
}

}  // namespace
}  // namespace pawl
