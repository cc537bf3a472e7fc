// What is owed to people, and what they are told.
#include "operators/approval/notice.h"

#include <functional>

#include "tests/operators/approval/held_call.h"

namespace pawl::approval {
namespace {

std::vector<std::string> owed_ids(const ApprovalState& state, std::int64_t now) {
  std::vector<std::string> out;
  for (const OwedNotice& one : owed_notices(state, now)) {
    out.push_back(one.id);
  }
  return out;
}

using Ids = std::vector<std::string>;
const std::string kFirst = "approval-" + id_of(1).text();

TEST(Notice, IsOwedFromTheRequestUntilTheApprovalIsDecidedOrOver) {
  const struct {
    const char* name;
    std::function<Command(const ApprovalState&)> command;
    std::int64_t now;
    bool owed;
  } cases[] = {
      {"pending", nullptr, kNow, true},
      {"in its last second", nullptr, kNow + 899, true},
      {"its time is over, and no record says so yet", nullptr, kNow + 900, false},
      {"approved", [](const auto& s) { return decision_of(first(s), "ada"); }, kNow, false},
      {"denied", [](const auto& s) { return decision_of(first(s), "ada", Decision::kDeny); }, kNow,
       false},
      {"cancelled", [](const auto&) { return Cancel{id_of(1)}; }, kNow, false},
      {"expired", [](const auto&) { return Expire{id_of(1)}; }, kNow + 900, false},
      {"other rules", [](const auto&) { return PolicyChanged{digest_of("other")}; }, kNow, false},
  };
  for (const auto& one : cases) {
    ApprovalState state;
    ASSERT_EQ(run(state, request_of()), std::nullopt);
    if (one.command) {
      ASSERT_EQ(run(state, one.command(state), one.now), std::nullopt) << one.name;
    }
    EXPECT_EQ(owed_ids(state, one.now), one.owed ? Ids{kFirst} : Ids{}) << one.name;
  }
}

TEST(Notice, OneOfTwoSignaturesLeavesItOwed) {
  ApprovalState state;
  ASSERT_EQ(run(state, request_of(1, {{"approver"}, 2, 1, 900, {}})), std::nullopt);
  ASSERT_EQ(run(state, decision_of(first(state), "ada")), std::nullopt);
  EXPECT_EQ(owed_ids(state, kNow), Ids{kFirst});
}

TEST(Notice, APassedOnApprovalIsTheMatterOfAnother) {
  ApprovalState state;
  ASSERT_EQ(run(state, request_of(1, {{"approver"}, 1, 1, 900, {"admin"}})), std::nullopt);
  ASSERT_EQ(run(state, Expire{id_of(1)}, kNow + 900), std::nullopt);
  EXPECT_EQ(owed_ids(state, kNow + 900), Ids{kFirst + "-escalated"});
  const json::Value said = json::parse(print_notice(first(state), {}))->value;
  EXPECT_EQ(json::find_string(said, {"type"}), "approval.escalated");
  EXPECT_EQ(json::find_string(said, {"timestamp"}),
            format_rfc3339(WallTime{(kNow + 900) * 1'000'000}));
  EXPECT_EQ(json::print(*json::find(said, {"data", "roles"})), R"(["admin"])");
}

// A restart reads the state from the snapshot and the records behind it.
TEST(Notice, TheStateOfASnapshotOwesTheSame) {
  ApprovalState state;
  for (std::uint8_t i = 1; i < 6; ++i) {
    Binding call = call_of(R"({"name":"deploy","arguments":{"n":)" + std::to_string(i) + "}}");
    ASSERT_EQ(run(state, request_of(i, {{"approver"}, 1, 1, 900, {}}, call)), std::nullopt);
  }
  ASSERT_EQ(run(state, decision_of(first(state), "ada")), std::nullopt);
  const Result<ApprovalState> again = read_approvals(json::Value(print_approvals(state)));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(owed_ids(*again, kNow), owed_ids(state, kNow));
  EXPECT_EQ(owed_ids(*again, kNow).size(), 4u);
}

TEST(Notice, SaysNamesDigestsAndTimesAndNothingElse) {
  ApprovalState state;
  ASSERT_EQ(run(state, request_of()), std::nullopt);
  const NoticeWords words{std::string(kSelf), "https://pawl.example/approvals", true};
  const json::Value said = json::parse(print_notice(first(state), words))->value;
  EXPECT_EQ(json::find_string(said, {"type"}), "approval.requested");
  json::Object data = json::find(said, {"data"})->get_object();
  json::Object expected{{"instance", kSelf},
                        {"approval", id_of(1).text()},
                        {"agent", call_of().agent},
                        {"server", "files"},
                        {"verb", "tool.call"},
                        {"name", "deploy"},
                        {"digest", call_of().digest},
                        {"binding_digest", binding_digest(call_of())},
                        {"policy", call_of().policy},
                        {"of", 1u},
                        {"uses", 1u},
                        {"escalated", false},
                        {"expires", kNow + 900},
                        {"address", "https://pawl.example/approvals"}};
  expected["roles"] = json::Array{"approver"};
  EXPECT_EQ(json::canonical(json::Value(data)), json::canonical(json::Value(expected)));
}

TEST(Notice, DigestsStayWhereTheyAreSaltedAndUrisAlways) {
  ApprovalState state;
  Binding call = call_of();
  call.verb = "resource.read";
  call.name = "file:///srv/SECRET?token=SECRET";
  ASSERT_EQ(run(state, request_of(1, {{"approver"}, 1, 1, 900, {}}, call)), std::nullopt);
  const std::string said = print_notice(first(state), {std::string(kSelf), "", false});
  for (const std::string& hidden : {std::string("SECRET"), call.digest, binding_digest(call),
                                    std::string("\"name\""), std::string("carol")}) {
    EXPECT_EQ(said.find(hidden), std::string::npos) << hidden;
  }
}

TEST(Notice, ALongNameIsItsDigest) {
  ApprovalState state;
  Binding call = call_of();
  call.name = std::string(257, 'x');
  ASSERT_EQ(run(state, request_of(1, {{"approver"}, 1, 1, 900, {}}, call)), std::nullopt);
  const json::Value said = json::parse(print_notice(first(state), {}))->value;
  EXPECT_EQ(json::find_string(said, {"data", "name"}), "sha256:" + digest_of(call.name));
}

}  // namespace
}  // namespace pawl::approval
