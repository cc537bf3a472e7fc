// The power goes at every call to the disk while a call is held, decided and let through.
#include <gtest/gtest.h>

#include "tests/gateway/approval_rig.h"

namespace pawl {
namespace {

using approval::Decision;
using approval::Phase;

// What people and the server saw.
struct Seen {
  bool asked = false;     // the approval was shown to people
  bool decided = false;   // they were told that it counts
  int executions = 0;     // at the server
  bool finished = false;  // nothing more to do
};

// As far as the disk lets it; `rig.files_` may go off at any moment.
void live(ApprovalRig& rig, Seen& seen) {
  const auto off = [&] { return rig.files_->off(); };
  CallView& call = rig.hold("pay");
  const auto& all = rig.decisions.approvals.all();
  const auto is_asked = [&] { return !all.empty() || call.ended(); };
  if (!rig.run_until([&] { return is_asked() || off(); }) || all.empty()) {
    return;
  }
  seen.asked = true;
  bool answered = false;
  const approval::Statement said = rig.statement("ann", all.begin()->second, Decision::kApprove);
  rig.desk->decide(*approval::sign_statement(said, rig.keys.at("ann")), "",
                   [&](const Result<json::Object>& answer) {
                     answered = true;
                     seen.decided = answer.has_value();
                   });
  (void)rig.run_until([&] { return answered || off(); });
  (void)rig.run_until([&] { return call.forwarded || call.ended() || off(); });
  if (!call.forwarded) {
    return;
  }
  ++seen.executions;
  call.events->answered({true, "{}"});
  (void)rig.run_until([&] { return call.ended() || off(); });
  seen.finished = call.released && !off();
}

// After the next start: what was decided is there, and the use that was spent is spent.
void check(ApprovalRig& rig, Seen& seen) {
  const auto& all = rig.decisions.approvals.all();
  ASSERT_TRUE(!seen.asked || all.size() == 1);
  if (all.empty()) {
    return;
  }
  const approval::Approval& one = all.begin()->second;
  EXPECT_TRUE(!seen.decided || one.phase == Phase::kApproved || one.phase == Phase::kSpent)
      << phase_name(one.phase);
  EXPECT_TRUE(seen.executions == 0 || one.phase == Phase::kSpent) << phase_name(one.phase);
  if (one.phase == Phase::kPending) {
    ASSERT_TRUE(rig.decide("ann", one, Decision::kApprove));
  }
  const std::size_t before = all.size();
  CallView& again = rig.hold("pay");
  ASSERT_TRUE(
      rig.run_until([&] { return again.forwarded || again.ended() || all.size() > before; }));
  seen.executions += again.forwarded ? 1 : 0;
  EXPECT_LE(seen.executions, 1) << "one use is one call";
}

TEST(ApprovalPowerCut, AtEveryCallNothingIsLostAndNothingIsSpentTwice) {
  bool reached_the_end = false;
  for (std::uint64_t cut = 1; !reached_the_end; ++cut) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      SCOPED_TRACE("cut at call " + std::to_string(cut) + ", seed " + std::to_string(seed));
      ApprovalRig rig;
      ASSERT_TRUE(rig.enroll("ann", {"approver"}));
      rig.files_->cut_power_at(rig.files_->calls() + cut);
      Seen seen;
      live(rig, seen);
      reached_the_end = seen.finished;
      std::unique_ptr<FaultFiles> left = rig.files_->power_cut(seed);
      rig.restart(approved_by("approver"), std::move(left));
      check(rig, seen);
      if (testing::Test::HasFailure()) {
        return;
      }
    }
    ASSERT_LT(cut, 500u);
  }
}

}  // namespace
}  // namespace pawl
