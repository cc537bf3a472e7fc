// "Always allow": what may be proposed, and what no rule can name alone.
#include "app/daemon/rule_proposals.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/app/daemon/governance_rig.h"
#include "tests/support/holding_rules.h"

namespace pawl {
namespace {

class RuleProposalsTest : public testing::Test {
 protected:
  RuleProposalsTest() {
    approval_.id.bytes[0] = 1;
    approval_.binding.agent = "triage";
    approval_.binding.server = "files";
    approval_.binding.verb = "tool.call";
    approval_.binding.name = "deploy";
    EXPECT_TRUE(rig_.start());
  }

  Result<json::Object> propose(const std::string& reason = "") {
    RuleProposals proposals(rig_.config, rig_.governance().recorder(), [this] { return rules_; });
    std::optional<Result<json::Object>> answer;
    proposals.propose({approval_, R"({"name":"deploy","arguments":{"n":1}})", "ann", reason},
                      [&](Result<json::Object> got) { answer = std::move(got); });
    rig_.settle();
    return answer ? *std::move(answer) : fail(Code::kInternal, "no answer");
  }
  std::string refusal(Code code) {
    const Result<json::Object> got = propose();
    EXPECT_FALSE(got);
    EXPECT_TRUE(rig_.records("policy.proposed").empty());
    if (got) {
      return "";
    }
    EXPECT_EQ(got.error().code, code);
    return got.error().message;
  }

  GovernanceRig rig_;
  approval::Approval approval_;
  std::shared_ptr<const rules::RuleSet> rules_ =
      std::make_shared<HoldingRules>(approved_by("approver"));
};

TEST_F(RuleProposalsTest, IsRecordedAndGrantsNothing) {
  const Result<json::Object> got = propose("it is always right");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->at("rule").as_string(), "ask");
  const auto records = rig_.records("policy.proposed");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(json::find_string(records[0].body, {"by"}), "ann");
  EXPECT_EQ(json::find_string(records[0].body, {"reason"}), "it is always right");
  EXPECT_EQ(json::find_string(records[0].body, {"text"}), got->at("text").as_string());
  EXPECT_TRUE(rig_.governance().rules()->rules().empty());
}

// A rule without the token, the workflow or the person would allow other calls, too.
TEST_F(RuleProposalsTest, WhatNoRuleCanNameAloneIsRefused) {
  const approval::Binding plain = approval_.binding;
  approval_.binding.token = std::string(43, 't');
  EXPECT_NE(refusal(Code::kUnsupported).find("policy token"), std::string::npos);

  approval_.binding = plain;
  approval_.binding.workflow = Uuid{};
  EXPECT_NE(refusal(Code::kUnsupported).find("workflow"), std::string::npos);

  approval_.binding = plain;
  approval_.binding.on_behalf_of = "carol";
  rig_.config.pseudonyms = true;
  EXPECT_NE(refusal(Code::kUnsupported).find("pseudonym"), std::string::npos);

  rig_.config.pseudonyms = false;
  EXPECT_TRUE(propose());
}

TEST_F(RuleProposalsTest, WithoutARuleThatHoldsThereIsNothingToPropose) {
  rules_ = rules::RuleSet::empty();
  EXPECT_NE(refusal(Code::kConflict).find("no rule holds this call now"), std::string::npos);
}

}  // namespace
}  // namespace pawl
