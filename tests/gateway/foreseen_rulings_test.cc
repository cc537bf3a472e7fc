// What the rules say of a held call while its caller is not there: what is sure, and nothing else.
#include "gateway/foreseen_rulings.h"

#include <gtest/gtest.h>

#include "tests/support/holding_rules.h"

namespace pawl {
namespace {

constexpr const char* kRules = R"(rules:
  - id: no-etc
    when: { arguments: { path: { glob: "/etc/**" } } }
    then: deny
    reason: system files
  - id: no-guests
    when: { group: guests, arguments: { path: "/guests" } }
    then: deny
    reason: not for guests
  - id: not-carol
    when: { on_behalf_of: carol, arguments: { path: "/carol" } }
    then: deny
    reason: not for carol
  - id: silent
    when: { arguments: { path: "/silent" } }
    then: { hold: { roles: [] } }
  - id: two
    when: { arguments: { path: { glob: "/two/**" } } }
    then: { hold: { roles: [approver], of: 2 } }
    reason: two decide
  - id: leads-two
    when: { group: leads, arguments: { path: "/lead" } }
    then: { hold: { roles: [lead] } }
  - id: old
    when: { tool: write, arguments: { path: "/old" } }
    then: { hold: { roles: [approver] } }
    expires: 2026-03-07T10:00:00Z
  - id: ask
    when: { tool: write, arguments: { path: { glob: "/srv/**" } } }
    then: { hold: { roles: [approver] }, allow: { redact: [{ matches: "[0-9]{16}" }] } }
    reason: a person decides
  - id: ask-these
    when: { tool: write, arguments: { path: { in: [/guests, /carol, /lead, /small, /silent] } } }
    then: { hold: { roles: [approver] } }
  - id: small
    when: { arguments: { path: "/small" } }
    then: { allow: { limit: { bytes: 60 } } }
  - id: guests-quick
    when: { group: guests, tool: write }
    then: { allow: { limit: { seconds: 5 } } }
  - id: free
    when: { arguments: { path: "/free" } }
    then: allow
)";

class ForeseenRulingsTest : public testing::Test {
 protected:
  ForeseenRulingsTest() {
    sources = {{"rules.yaml", kRules}};
    const auto set = rules::RuleSet::load(sources);
    EXPECT_TRUE(set) << set.error().message;
    board.publish(*set);
    one.binding.agent = "triage";
    one.binding.server = "files";
    one.binding.verb = "tool.call";
    one.binding.name = "write";
    one.terms = approved_by("approver");
  }

  static std::string params(const std::string& arguments) {
    return R"({"name":"write","arguments":)" + arguments + "}";
  }
  // Why a change to this path is refused; empty: it is not.
  std::string refused(const std::string& path) {
    return said_of(params(R"({"path":")" + path + "\"}"));
  }
  std::string said_of(const std::string& text) {
    const Status good = foreseen.check_changed(one, text);
    EXPECT_TRUE(good || good.error().code == Code::kDenied);
    return good ? "" : good.error().message;
  }
  static bool says(const std::string& message, std::string_view part) {
    return message.find(part) != std::string::npos;
  }
  std::string ids(const std::vector<const rules::RuleInfo*>& rules) {
    std::string out;
    for (const rules::RuleInfo* rule : rules) {
      out += (out.empty() ? "" : " ") + rule->id;
    }
    return out;
  }

  std::vector<rules::Source> sources;
  RuleBoard board;
  bool observes = false;
  PolicyControl policy{board, [this](const std::string&, const std::string&) { return observes; }};
  approval::EnrolledOperators operators;
  ForeseenCaller caller;
  std::int64_t now = 1'772'877'000;  // 2026-03-07T09:50:00Z
  approval::Approval one;
  ForeseenRulings foreseen{{policy, board, operators,
                            [this]() -> const std::vector<rules::Source>& { return sources; },
                            [this](const approval::Binding&) { return caller; },
                            [this] { return WallTime{now * 1'000'000}; }}};
};

TEST_F(ForeseenRulingsTest, WhatARuleDeniesIsSaidWithTheRuleAndItsReason) {
  EXPECT_EQ(refused("/etc/hosts"),
            "approval: the call may not go on with these arguments: rule \"no-etc\" denies it: "
            "system files. The statement does not count, and the approval stands as before");
  EXPECT_TRUE(says(refused("/silent"),
                   "arguments: rule \"silent\" holds it for approval and names "
                   "no role, so nobody may approve it. The statement"));
  EXPECT_TRUE(says(refused("/nowhere"), "arguments: no rule allows it. The statement"));
  EXPECT_TRUE(says(said_of(R"({"name":"write","arguments":{}})"), "no rule allows it"));
}

TEST_F(ForeseenRulingsTest, WhatMayGoOnIsNot) {
  EXPECT_EQ(refused("/srv/a"), "") << "held on the same terms";
  EXPECT_EQ(refused("/free"), "") << "allowed";
  observes = true;
  EXPECT_EQ(refused("/etc/hosts"), "") << "this agent is only observed";
}

TEST_F(ForeseenRulingsTest, AHoldOnOtherTermsIsADenial) {
  EXPECT_TRUE(says(refused("/two/a"),
                   "it is held for approval by rule \"two\" (two decide), on other terms (2 of "
                   "approver within 900 s) than those of this approval"));
  one.terms.of = 2;
  EXPECT_EQ(refused("/two/a"), "");
  one.terms.of = 1;
  one.binding.token = std::string(43, 't');  // it may hold the call, too
  EXPECT_EQ(refused("/two/a"), "");
  EXPECT_NE(refused("/etc/hosts"), "") << "no token allows what a rule denies";
}

TEST_F(ForeseenRulingsTest, ARuleThatExpiredCountsNoMore) {
  EXPECT_EQ(refused("/old"), "");
  now += 3'600;
  EXPECT_TRUE(says(refused("/old"), "no rule allows it"));
}

TEST_F(ForeseenRulingsTest, ANumberThatADoubleChangesIsRefusedAsOnThePath) {
  EXPECT_TRUE(says(said_of(params(R"({"path":"/free","n":9007199254740993})")),
                   "the number at /n is not the same when read as a double"));
  EXPECT_EQ(said_of(R"({"name":"write","n":9007199254740993,"arguments":{"path":"/free"}})"), "")
      << "no rule reads it";
}

TEST_F(ForeseenRulingsTest, ALimitThatTheRequestCannotMeetIsSaid) {
  EXPECT_EQ(refused("/small"), "");
  EXPECT_TRUE(says(said_of(params(R"({"path":"/small","more":"1234567890123456789"})")),
                   "rule \"small\" allows 60 bytes; the request has"));
}

TEST_F(ForeseenRulingsTest, GroupsThatATokenMayAddAreNotGuessed) {
  EXPECT_EQ(refused("/guests"), "");
  caller.groups = {"guests"};
  EXPECT_TRUE(says(refused("/guests"), "not for guests")) << "as configured";
  caller.more_groups = true;
  EXPECT_TRUE(says(refused("/guests"), "not for guests")) << "a token takes none away";
  caller.groups = {};
  EXPECT_EQ(refused("/guests"), "") << "it cannot be told";
  EXPECT_EQ(refused("/lead"), "") << "on other terms for some";
  EXPECT_TRUE(says(refused("/etc/hosts"), "system files")) << "whatever its groups are";
  EXPECT_TRUE(says(refused("/two/a"), "on other terms")) << "likewise";
}

TEST_F(ForeseenRulingsTest, APseudonymIsNobodysName) {
  one.binding.on_behalf_of = "carol";
  EXPECT_TRUE(says(refused("/carol"), "not for carol"));
  caller.person_open = true;
  EXPECT_EQ(refused("/carol"), "");
  one.binding.on_behalf_of = "p:83hf";
  EXPECT_EQ(refused("/carol"), "");
  EXPECT_TRUE(says(refused("/etc/hosts"), "system files"));
}

TEST_F(ForeseenRulingsTest, WithoutTheTextOfTheRulesNothingIsSaidOfAnOpenCall) {
  sources.clear();
  EXPECT_TRUE(says(refused("/etc/hosts"), "system files")) << "it is not needed";
  caller.more_groups = true;
  EXPECT_EQ(refused("/etc/hosts"), "");
}

TEST_F(ForeseenRulingsTest, WhatTheCallWouldBeObligedToIsToldAndWhatIsNotSureApart) {
  const std::string srv = params(R"({"path":"/srv/a"})");
  ForeseenRulings::Obliging said = foreseen.obliging(one.binding, srv);
  EXPECT_EQ(ids(said.surely), "ask");
  EXPECT_EQ(ids(said.perhaps), "");
  caller.more_groups = true;
  said = foreseen.obliging(one.binding, srv);
  EXPECT_EQ(ids(said.surely), "ask");
  EXPECT_EQ(ids(said.perhaps), "guests-quick");
  caller.groups = {"guests"};
  said = foreseen.obliging(one.binding, srv);
  EXPECT_EQ(ids(said.surely), "ask guests-quick");
  EXPECT_EQ(ids(said.perhaps), "");
  said = foreseen.obliging(one.binding, params(R"({"path":"/etc/a"})"));
  EXPECT_EQ(ids(said.surely) + ids(said.perhaps), "") << "it is denied";
  caller.more_groups = false;
  said = foreseen.obliging(one.binding, params(R"({"path":"/etc/a"})"));
  EXPECT_EQ(ids(said.surely) + ids(said.perhaps), "") << "it is denied";
}

}  // namespace
}  // namespace pawl
