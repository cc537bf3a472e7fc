#include "app/daemon/refused_operators.h"

#include <gtest/gtest.h>

#include "app/api/http_answer.h"
#include "foundation/records/kinds.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

// The counts of the records, in their order.
std::vector<std::int64_t> counts(GatewayRig& rig, std::size_t expected) {
  std::vector<std::int64_t> out;
  (void)rig.run_until([&] { return rig.ledger->size() >= expected; });
  for (std::uint64_t i = 0; i < rig.ledger->size(); ++i) {
    const ect::Token record = *ect::read(*jose::decode(*rig.ledger->entry(i)));
    if (record.claims.exec_act == kinds::kOperatorRefused) {
      const json::Value ext(record.claims.ext);
      out.push_back(json::find(ext, {"pawl.operator", "count"})->get_int64());
    }
  }
  return out;
}

TEST(RefusedOperators, TheFirstAtOnceTheOthersOnceAMinute) {
  GatewayRig rig;
  RefusedOperators refused(*rig.recorder, rig.clock);
  const auto note = [&] { refused.note("control", "POST /x", "forbidden"); };
  const std::size_t before = rig.ledger->size();
  note();
  EXPECT_EQ(counts(rig, before + 1), (std::vector<std::int64_t>{1}));
  note();
  note();
  refused.tick();
  rig.clock.step(std::chrono::seconds(61));
  refused.tick();
  EXPECT_EQ(counts(rig, before + 2), (std::vector<std::int64_t>{1, 2}));
  rig.clock.step(std::chrono::seconds(61));
  refused.tick();  // nothing since
  note();
  EXPECT_EQ(counts(rig, before + 3), (std::vector<std::int64_t>{1, 2, 1}));
}

// regression: what was counted when the daemon ended was in no record
TEST(RefusedOperators, TheEndLeavesNoneThatIsOnlyCounted) {
  GatewayRig rig;
  RefusedOperators refused(*rig.recorder, rig.clock);
  const std::size_t before = rig.ledger->size();
  for (int i = 0; i < 3; ++i) {
    refused.note("control", "POST /x", "forbidden");
  }
  refused.note("override", "POST /y", "forbidden");
  refused.flush();
  EXPECT_EQ(counts(rig, before + 3), (std::vector<std::int64_t>{1, 1, 2}));
  refused.flush();
  rig.clock.step(std::chrono::seconds(61));
  refused.tick();
  EXPECT_EQ(rig.ledger->size(), before + 3) << "nothing is recorded twice";
}

TEST(RefusedOperators, AFloodOfDifferentOnesIsBounded) {
  GatewayRig rig;
  RefusedOperators refused(*rig.recorder, rig.clock);
  const std::size_t before = rig.ledger->size();
  for (int i = 0; i < 1000; ++i) {
    refused.note("control", "POST /" + std::to_string(i), "forbidden");
  }
  EXPECT_EQ(counts(rig, before + RefusedOperators::kMostKinds + 1).size(),
            RefusedOperators::kMostKinds + 1);
}

TEST(RefusalCode, SaysWhoMayNotAndNothingElse) {
  const struct {
    const char* method;
    Code code;
    bool noted;
  } rows[] = {
      {"POST", Code::kUnauthenticated, true}, {"GET", Code::kUnauthenticated, true},
      {"POST", Code::kForbidden, true},       {"POST", Code::kBadSignature, true},
      {"POST", Code::kConflict, true},        {"GET", Code::kInvalidParams, false},
      {"GET", Code::kNotFound, false},        {"POST", Code::kNotFound, false},
  };
  for (const auto& row : rows) {
    const std::string code = refusal_code(row.method, problem_answer({row.code, "why"}));
    EXPECT_EQ(!code.empty(), row.noted) << row.method << " " << code_name(row.code);
  }
  EXPECT_EQ(refusal_code("POST", problem_answer({Code::kForbidden, "x"})), "forbidden");
  EXPECT_EQ(refusal_code("POST", json_answer(200, json::Object())), "");
}

// regression: each visit of the page of sign-in left a record and a warning
TEST(RefusalCode, WhoAsksWhetherAnybodyIsSignedInIsNotRefused) {
  const auto asks = [](const char* method, const char* path, http::Headers headers) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.headers = std::move(headers);
    return only_asks_who(request);
  };
  EXPECT_TRUE(asks("GET", "/api/v1/session", {}));
  EXPECT_FALSE(asks("GET", "/api/v1/session", {{"Cookie", "pawl_session=x"}}));
  EXPECT_FALSE(asks("GET", "/api/v1/session", {{"Authorization", "Bearer x"}}));
  EXPECT_FALSE(asks("POST", "/api/v1/session", {}));
  EXPECT_FALSE(asks("GET", "/api/v1/approvals", {}));
}

}  // namespace
}  // namespace pawl
