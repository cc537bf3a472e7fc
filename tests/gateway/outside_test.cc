// Decision points outside: only their yes lets a call go on, the table is asked anew behind it, and
// nobody waits for people or a server before it.
#include "gateway/outside_points.h"

#include <gtest/gtest.h>

#include <deque>

#include "tests/gateway/approval_rig.h"
#include "tests/support/unplugged/unplugged.h"

namespace pawl {
namespace {

const OutsideAnswer kYes{true, Code::kDenied, "", ""};
const OutsideAnswer kNo{false, Code::kDenied, "opa:http://127.0.0.1:8181", "it says no"};
const OutsideAnswer kNothing{false, Code::kUndecidable, "opa:http://127.0.0.1:8181", "time-out"};

// Whoever is asked, and has not answered yet.
struct Asked {
  OutsidePoints points() {
    OutsidePoints out;
    out.ask = [this](const Action& action, std::function<void(const OutsideAnswer&)> done) {
      tools.push_back(action.tool);
      waiting.push_back(std::move(done));
    };
    return out;
  }
  void answer(const OutsideAnswer& said) {
    ASSERT_FALSE(waiting.empty());
    const auto done = std::move(waiting.front());
    waiting.pop_front();
    done(said);
  }

  std::vector<std::string> tools;
  std::deque<std::function<void(const OutsideAnswer&)>> waiting;
};

class OutsideDecision : public testing::Test {
 protected:
  OutsideDecision() {
    rig.outside = asked.points();
    rig.open();
  }
  void end(CallView& call) {
    EXPECT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
  }

  Asked asked;
  GatewayRig rig;
};

TEST_F(OutsideDecision, OnlyAYesLetsACallGoOn) {
  const struct {
    OutsideAnswer said;
    bool goes_on;
  } cases[] = {{kYes, true}, {kNo, false}, {kNothing, false}};
  for (const auto& one : cases) {
    CallView& call = rig.submit("tool.call", "read");
    EXPECT_FALSE(call.forwarded || call.ended());
    EXPECT_EQ(rig.ledger->stats().intents, 0u);
    asked.answer(one.said);
    end(call);
    EXPECT_EQ(call.forwarded, one.goes_on) << one.said.reason;
    if (!one.goes_on) {
      EXPECT_EQ(call.refused->control, "outside");
      EXPECT_EQ(call.refused->code, one.said.code);
      EXPECT_EQ(call.refused->retry_helps, one.said.code == Code::kUndecidable);
      EXPECT_EQ(rig.text(*call.record, {"exec_act"}), "task.denied");
      EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pol"}), one.said.point);
      EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pol_decision"}), "rejected");
      EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.task", "control"}), "outside");
      EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.task", "reason"}), one.said.reason);
    } else {
      call.events->answered({true, "{}"});
      EXPECT_TRUE(rig.run_until([&] { return call.released; }));
    }
    rig.open();  // for the count of intents
  }
  EXPECT_EQ(asked.tools.size(), 3u);
}

TEST_F(OutsideDecision, ADeniedCallIsNotAskedAbout) {
  Action other = rig.action("tool.call", "read");
  other.caller.agent = "stranger";
  CallView& call = rig.submit(std::move(other));
  end(call);
  EXPECT_EQ(call.refused->control, "rules");
  EXPECT_TRUE(asked.tools.empty());
}

TEST_F(OutsideDecision, TheTableIsAskedAnewBehindIt) {
  CallView& stopped = rig.submit("tool.call", "read");
  rig.stop("agent:triage");
  end(stopped);
  EXPECT_EQ(stopped.refused->control, "stops");
  asked.answer(kYes);  // too late
  EXPECT_FALSE(stopped.forwarded);
  rig.resume_all();
  CallView& other_rules = rig.submit("tool.call", "read");
  rig.set_rules("rules:\n  - { id: none, when: { agent: '**' }, then: deny, reason: r }\n");
  asked.answer(kYes);
  end(other_rules);
  EXPECT_EQ(other_rules.refused->rule, "none");
}

TEST_F(OutsideDecision, ACallerMayLeaveAndTheGatewayMayEndMeanwhile) {
  CallView& call = rig.submit("tool.call", "read");
  rig.gateway->drain(std::chrono::seconds(0), [] {});
  rig.scheduler.fire_timers();
  end(call);
  EXPECT_EQ(call.refused->control, "gateway");
  asked.answer(kYes);
  EXPECT_FALSE(call.forwarded);
}

TEST_F(OutsideDecision, UnpluggedNobodyIsAsked) {
  const Unplugged out(ControlId::kOutsideDecision);
  CallView& call = rig.submit("tool.call", "read");
  end(call);
  EXPECT_TRUE(call.forwarded);
  EXPECT_TRUE(asked.tools.empty());
}

class OutsideAndPeople : public testing::Test {
 protected:
  OutsideAndPeople() {
    rig.outside = asked.points();
    rig.restart();
    EXPECT_TRUE(rig.enroll("ann", {"approver"}));
  }

  Asked asked;
  ApprovalRig rig;
};

TEST_F(OutsideAndPeople, AreAskedInThisOrderAndOutsideOnceMoreAfterThem) {
  CallView& call = rig.hold("pay");
  EXPECT_TRUE(rig.decisions.approvals.all().empty()) << "nobody is bothered before";
  asked.answer(kYes);
  const approval::Approval& one = rig.only();
  EXPECT_FALSE(call.ended());
  ASSERT_TRUE(rig.decide("ann", one, approval::Decision::kApprove));
  ASSERT_TRUE(rig.run_until([&] { return asked.waiting.size() == 1; }));
  EXPECT_FALSE(call.forwarded);
  asked.answer(kYes);
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  EXPECT_EQ(asked.tools.size(), 2u);
}

TEST_F(OutsideAndPeople, ANoAfterPeopleSpendsNothing) {
  CallView& call = rig.hold("pay");
  asked.answer(kYes);
  ASSERT_TRUE(rig.decide("ann", rig.only(), approval::Decision::kApprove));
  ASSERT_TRUE(rig.run_until([&] { return asked.waiting.size() == 1; }));
  asked.answer(kNo);
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_EQ(call.refused->control, "outside");
  EXPECT_EQ(rig.only().spent, 0u);
  EXPECT_EQ(rig.only().phase, approval::Phase::kApproved);
}

TEST_F(OutsideAndPeople, ANoBeforePeopleAsksNobody) {
  CallView& call = rig.hold("pay");
  asked.answer(kNo);
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_TRUE(rig.decisions.approvals.all().empty());
}

}  // namespace
}  // namespace pawl
