// What the fold over records keeps of unknown outcomes.
#include "gateway/decisions.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace pawl {
namespace {

constexpr const char* kCall = "0190a000-0000-7000-8000-000000000001";
constexpr const char* kOther = "0190a000-0000-7000-8000-000000000002";

// The fold reads payloads; signatures were checked when they were written.
std::string record(const std::string& id, const std::string& act, const std::string& area,
                   const std::string& body, const std::string& pred = "",
                   const std::string& profile = "urn:pawl:profile:1") {
  const std::string payload = R"({"jti":")" + id + R"(","iat":1772000000,"exec_act":")" + act +
                              R"(","pred":[)" + pred + R"(],"ect_ext":{"pawl.profile":")" +
                              profile + R"(","pawl.)" + area + R"(":)" + body + "}}";
  return base64url_encode("{}") + "." + base64url_encode(payload) + ".c2ln";
}

TEST(Decisions, AResolvedOutcomeWaitsNoMoreAndStaysCounted) {
  Decisions state;
  for (const char* id : {kCall, kOther}) {
    state.apply(0, record(id, "tool.call", "tool", R"({"outcome":"unknown"})"));
  }
  ASSERT_EQ(state.unknowns.size(), 2u);
  const std::string resolved =
      record("0190a000-0000-7000-8000-000000000003", "unknown.resolved", "unknown",
             R"({"found":"happened","reason":"seen"})", '"' + std::string(kCall) + '"');
  state.apply(2, resolved);
  state.apply(3, resolved);
  ASSERT_EQ(state.unknowns.size(), 1u);
  EXPECT_EQ(state.unknowns[0].text(), kOther);
  EXPECT_EQ(state.unknown_count, 2u) << "no record changed";
  const Result<Decisions> again = Decisions::read(state.print());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->print(), state.print());
}

// Else its exec_act is some deployment's own task name, and its body means something else.
TEST(Decisions, ATokenWithoutOurProfileChangesNothing) {
  for (const char* profile : {"urn:pawl:profile:1", "urn:pawl:profile:2", ""}) {
    Decisions state;
    state.apply(0, record(kCall, "tool.call", "tool", R"({"outcome":"unknown"})", "", profile));
    EXPECT_EQ(state.unknowns.size(), profile == std::string("urn:pawl:profile:1") ? 1u : 0u)
        << profile;
  }
}

}  // namespace
}  // namespace pawl
