// `pawl verify` of logs with approvals: that what approval_check.h finds is asked for, over
// renewals, in bundles, and what is said of single records.
#include <filesystem>

#include "app/commands/approval_report.h"
#include "foundation/ledger/renewal.h"
#include "tests/app/commands/approval_rig.h"

namespace pawl {
namespace {

class VerifyApprovals : public ApprovalLog {
 protected:
  void approved_call() {
    enroll_both();
    ask();
    decide("bob");
    spend();
  }
  Ran verify(const std::string& path = "pawl-data") {
    return run({"verify", path, "--trust", "log.trust"});
  }
  void pin() { ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood); }
  void append_rest(std::size_t from, const std::string& origin = "example.org/pawl/gw1") {
    append({log_.begin() + static_cast<std::ptrdiff_t>(from), log_.end()}, origin);
  }
};

TEST_F(VerifyApprovals, SaysWhatWasApproved) {
  approved_call();
  append(log_);
  pin();
  const Ran ran = verify();
  EXPECT_EQ(ran.exit, kExitGood) << ran.out;
  EXPECT_NE(ran.out.find("2 enrollments, 1 decision, 1 approved call verified"), std::string::npos)
      << ran.out;
  EXPECT_EQ(ran.out.find("not compared"), std::string::npos) << ran.out;
  const Ran machine = run({"verify", "pawl-data", "--trust", "log.trust", "--json"});
  const json::Value answer = json::parse(machine.out)->value;
  const json::Value* uses = json::find(answer, {"approvals", "uses"});
  ASSERT_NE(uses, nullptr);
  EXPECT_EQ(uses->as_int64(), 1);
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  EXPECT_EQ(verify("bundle").exit, kExitGood);
}

// The gateway has its record key and its log key, and makes a record with them.
TEST_F(VerifyApprovals, AForgedUseIsBad) {
  approved_call();
  append(log_);
  pin();
  const std::size_t before = log_.size();
  spend(1, 1);
  append_rest(before);
  const Ran ran = verify();
  EXPECT_EQ(ran.exit, kExitBad) << ran.out;
  EXPECT_NE(ran.out.find("not what people approved: entry 5"), std::string::npos) << ran.out;
}

TEST_F(VerifyApprovals, AFirstOperatorOfTheGatewaysOwnIsNotGood) {
  append({call(900, "confirmed")});
  pin();
  approved_call();
  append(log_);
  const Ran ran = verify();
  EXPECT_EQ(ran.exit, kExitUnclear) << ran.out;
  EXPECT_NE(ran.out.find("the first operator was enrolled behind the pinned head"),
            std::string::npos)
      << ran.out;
}

TEST_F(VerifyApprovals, SaysWhatSaltedDigestsHide) {
  enroll_both();
  ask();
  decide("bob");
  json::Object salted;
  salted["pawl.salted"] = json::Object{{"key", "k"}, {"inp", approval::digest_of("salted")}};
  spend(call_body(1, 1), {}, salted);
  append(log_);
  pin();
  const Ran ran = verify();
  EXPECT_EQ(ran.exit, kExitGood) << ran.out;
  EXPECT_NE(ran.out.find("the arguments of 1 call (salted digests)"), std::string::npos) << ran.out;
}

TEST_F(VerifyApprovals, ASingleRecordLeavesOpenWhoApprovedIt) {
  approved_call();
  append(log_);
  pin();
  ASSERT_EQ(run({"ledger", "prove", "4", "-o", "one"}).exit, kExitGood);
  const Ran ran = run({"verify", "one.token", "--proof", "one.tlog-proof", "--trust", "log.trust"});
  EXPECT_EQ(ran.exit, kExitGood) << ran.out;
  EXPECT_NE(ran.out.find("whether people approved it"), std::string::npos) << ran.out;
  EXPECT_TRUE(rests_on_approvals(log_[0]));
  EXPECT_TRUE(rests_on_approvals(log_[3]));
  EXPECT_FALSE(rests_on_approvals(call(900, "confirmed")));
}

TEST_F(VerifyApprovals, GoesOnFromTheLogBefore) {
  enroll_both();
  ask();
  append(log_);
  pin();
  const std::size_t before = log_.size();
  const std::string note = read("pawl-data/ledger/checkpoint");
  const ledger::Opened opened{2, "example.org/pawl/gw1", before, before, note, "{}", {}};
  ASSERT_TRUE(ledger::prepare_renewal(system_files(), "pawl-data", opened));
  std::filesystem::rename("pawl-data/ledger", "pawl-data/ledgers/000001");
  ASSERT_TRUE(ledger::settle_renewal(system_files(), "pawl-data"));
  json::Object after{{"origin", "example.org/pawl/gw1"}, {"size", before}, {"kept", before}};
  after["checkpoint"] = note;
  json::Object body{{"number", 2}};
  body["after"] = std::move(after);
  add("ledger.opened", std::move(body));
  decide("bob");
  spend();
  append_rest(before, "example.org/pawl/gw1/2");
  const Ran good = verify();
  EXPECT_EQ(good.exit, kExitGood) << good.out;
  EXPECT_NE(good.out.find("1 approved call verified"), std::string::npos) << good.out;

  std::filesystem::rename("pawl-data/ledgers/000001", "elsewhere");
  const Ran missing = verify();
  EXPECT_EQ(missing.exit, kExitUnclear) << missing.out;
}

}  // namespace
}  // namespace pawl
