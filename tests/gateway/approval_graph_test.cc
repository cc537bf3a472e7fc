// What records of an approval say of its call, and which record they come from.
#include <gtest/gtest.h>

#include "operators/approval/approval_wire.h"
#include "tests/gateway/approval_desk_fixture.h"

namespace pawl {
namespace {

using approval::Decision;

class ApprovalGraph : public ApprovalDeskTest {
 protected:
  // The last one of this kind; null: there is none.
  static json::Value record_of(ApprovalRig& of, std::string_view kind) {
    json::Value out;
    for (std::uint64_t i = 0; i < of.ledger->size(); ++i) {
      const json::Value claims = jose::decode(*of.ledger->entry(i))->payload;
      if (json::find_string(claims, {"exec_act"}) == kind) {
        out = claims;
      }
    }
    return out;
  }
  static std::string text(const json::Value& claims, std::initializer_list<std::string_view> path) {
    return std::string(json::find_string(claims, path).value_or(""));
  }
  static void expect_tied(ApprovalRig& of, std::string_view kind) {
    expect_tied(of, kind, record_of(of, "approval.requested"));
  }
  static void expect_tied(ApprovalRig& of, std::string_view kind, const json::Value& asked) {
    const json::Value record = record_of(of, kind);
    ASSERT_TRUE(record.is_object()) << kind;
    const json::Value* pred = json::find(record, {"pred"});
    ASSERT_EQ(pred->get_array().size(), 1u) << kind;
    EXPECT_EQ(pred->get_array()[0].get_string(), text(asked, {"jti"})) << kind;
    EXPECT_NE(text(asked, {"wid"}), "");
    EXPECT_EQ(text(record, {"wid"}), text(asked, {"wid"})) << kind;
    const json::Value* body = json::find(record, {"ect_ext", "pawl.approval"});
    EXPECT_EQ(json::find(*body, {"basis"})->get_array()[0].get_string(), "declared");
    EXPECT_EQ(text(*body, {"agent"}), "triage") << kind;
    EXPECT_EQ(text(*body, {"server"}), "files") << kind;
    EXPECT_EQ(text(*body, {"tool"}), "pay") << kind;
  }
};

TEST_F(ApprovalGraph, WhatPeopleDecidedComesFromWhatWasAsked) {
  let_through("pay");
  expect_tied(rig, "approval.decided");
  expect_tied(rig, "approval.delivered");
}

TEST_F(ApprovalGraph, ARestartKnowsWhatWasAsked) {
  rig.hold("pay");
  rig.only();
  const auto kept =
      approval::read_approvals(json::Value(approval::print_approvals(rig.decisions.approvals)));
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, rig.decisions.approvals) << "a snapshot, too";
  rig.restart();
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kDeny));
  expect_tied(rig, "approval.decided");
}

TEST_F(ApprovalGraph, WhatEndedByItselfIsTiedToo) {
  rig.hold("pay");
  const approval::Approval& asked = rig.only();
  const json::Value requested = record_of(rig, "approval.requested");
  rig.policy = "another";
  rig.desk->policy_changed();
  ASSERT_TRUE(rig.run_until([&] { return !asked.live(); }));
  expect_tied(rig, "approval.expired", requested);
}

}  // namespace
}  // namespace pawl
