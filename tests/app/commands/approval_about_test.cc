// Records of an approval that say of which call it is: `pawl verify` compares them with what was
// asked. Those that say nothing are older, and stand in approval_check_test.cc.
#include "tests/app/commands/approval_rig.h"

namespace pawl {
namespace {

using ledger::Verdict;

class ApprovalAbout : public ApprovalLog {
 protected:
  static constexpr std::uint64_t kAsked = 2;  // behind two enrollments
  // A decision of bob's; `said` and `claims` take the place of what is true.
  ApprovalFinding decided(const json::Object& said, const json::Object& claims) {
    log_.clear();
    state_ = {};
    enroll_both();
    ask();
    json::Object body = approval::print_event(decision(statement("bob"), "bob"));
    body["agent"] = binding().agent;
    body["server"] = binding().server;
    body["tool"] = binding().name;
    json::Object all{{"pred", json::Array{json::Value(record_id(kAsked).text())}}};
    for (const auto& [from, to] : {std::pair{&said, &body}, {&claims, &all}}) {
      for (const auto& [name, value] : *from) {
        (*to)[name] = value;
      }
    }
    add(kinds::kApprovalDecided, std::move(body), {}, all);
    ApprovalCheck check([](std::string_view) { return false; });
    return found(check);
  }
};

TEST_F(ApprovalAbout, IsOfTheCallThatWasAskedAbout) {
  const ApprovalFinding good = decided({}, {});
  EXPECT_EQ(good.verdict, Verdict::kGood) << good.what;
  const json::Value asked(record_id(kAsked).text()), other(record_id(0).text());
  const struct {
    const char* name;
    json::Object said, claims;
  } cases[] = {
      {"agent", {{"agent", "billing"}}, {}},
      {"server", {{"server", "crm"}}, {}},
      {"tool", {{"tool", "destroy"}}, {}},
      {"resource", {{"resource", "file:///etc/passwd"}}, {}},
      {"pred", {}, {{"pred", json::Array{other}}}},
      {"pred", {}, {{"pred", json::Array{asked, other}}}},
      {"wid", {}, {{"wid", record_id(7).text()}}},
  };
  for (const auto& one : cases) {
    const ApprovalFinding found = decided(one.said, one.claims);
    EXPECT_EQ(found.verdict, Verdict::kBad) << one.name;
    EXPECT_NE(found.what.find(std::string(one.name) + " differs"), std::string::npos) << found.what;
  }
}

}  // namespace
}  // namespace pawl
