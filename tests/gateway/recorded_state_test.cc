// What the fold keeps of our own state, from every snapshot of every prefix of a log.
#include "gateway/recorded_state.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/encoding.h"
#include "gateway/decisions.h"

namespace pawl {
namespace {

struct Line {
  const char* id;
  std::string act;
  std::string body;
  std::string pred;
};

// The fold reads payloads; signatures were checked when they were written.
std::string token(const Line& line) {
  const std::string area = line.act.substr(0, line.act.find('.'));
  const std::string payload =
      R"({"jti":")" + std::string(line.id) + R"(","iat":1772000000,"exec_act":")" + line.act +
      R"(","pred":[)" + line.pred + R"(],"ect_ext":{"pawl.profile":"urn:pawl:profile:1","pawl.)" +
      area + R"(":)" + line.body + "}}";
  return base64url_encode("{}") + "." + base64url_encode(payload) + ".c2ln";
}

constexpr const char* kFirst = "0190a000-0000-7000-8000-000000000001";
constexpr const char* kSecond = "0190a000-0000-7000-8000-000000000002";
constexpr const char* kThird = "0190a000-0000-7000-8000-000000000003";
constexpr const char* kOther = "0190a000-0000-7000-8000-000000000009";

const std::vector<Line>& log() {
  static const std::vector<Line> lines = {
      {kOther, "config.changed", R"({"digest":"d1","sections":{"a":"1","b":"2"}})", ""},
      {kOther, "identity.enrolled", R"({"identity":{"target":"agent:a","keys":["k"]}})", ""},
      {kOther, "identity.enrolled", R"({"identity":{"target":"operator:ann"}})", ""},
      {kFirst, "process.started", R"({"server":"files"})", ""},
      {kSecond, "process.started", R"({"server":"files","agent":"a"})", ""},
      {kThird, "process.exited", R"({"end":"exited"})", '"' + std::string(kFirst) + '"'},
      {kOther, "identity.enrolled", R"({"identity":{"target":"agent:a","keys":[]}})", ""},
      {kOther, "config.changed", R"({"digest":"d2","sections":{"a":"1"}})", ""},
      {kOther, "identity.removed", R"({"identity":{"target":"operator:ann"}})", ""},
      {kOther, "process.exited", R"({"end":"unknown"})", '"' + std::string(kOther) + '"'},
  };
  return lines;
}

TEST(RecordedState, IsTheSameFromEverySnapshotOfEveryPrefix) {
  Decisions whole;
  for (std::size_t i = 0; i < log().size(); ++i) {
    whole.apply_if_state(log()[i].act, false, i, token(log()[i]));
  }
  for (std::size_t cut = 1; cut < log().size(); ++cut) {
    Decisions state;
    for (std::size_t i = 0; i < cut; ++i) {
      state.apply(i, token(log()[i]));
    }
    Result<Decisions> again = Decisions::read(state.print());
    ASSERT_TRUE(again) << again.error().message;
    for (std::size_t i = cut; i < log().size(); ++i) {
      again->apply(i, token(log()[i]));
    }
    EXPECT_EQ(again->print(), whole.print()) << cut;
  }
  const RecordedState& state = whole.recorded;
  EXPECT_EQ(state.configuration.digest, "d2");
  EXPECT_EQ(state.configuration.sections, (std::map<std::string, std::string>{{"a", "1"}}));
  EXPECT_EQ(state.enrolled.size(), 1u);
  EXPECT_TRUE(state.enrolled.contains("agent:a"));
  ASSERT_EQ(state.processes.size(), 1u);
  EXPECT_EQ(state.processes.begin()->first.text(), kSecond);
  EXPECT_EQ(state.processes.begin()->second.server, "files");
  EXPECT_EQ(state.processes.begin()->second.agent, "a");
  EXPECT_EQ(whole.unknown_count, 0u) << "how a process ended is no outcome of a call";
}

// A folder that an older version wrote.
TEST(RecordedState, OfASnapshotWithoutItIsEmpty) {
  const Result<Decisions> read =
      Decisions::read(R"({"stops":[],"lifted":[],"last_iat":1,"policy":"p"})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->recorded.configuration.digest.empty());
  EXPECT_TRUE(read->recorded.enrolled.empty() && read->recorded.processes.empty());
}

TEST(RecordedState, HoldsNoMoreThanItsBound) {
  RecordedState state;
  for (std::size_t i = 0; i <= RecordedState::kMost; ++i) {
    const json::Value body{{"identity", {{"target", "agent:" + std::to_string(i)}}}};
    state.apply({i, Uuid{}, "identity.enrolled", 1, {}, nullptr, body, "exec+jwt", "k"});
  }
  EXPECT_EQ(state.enrolled.size(), RecordedState::kMost);
  json::Object printed;
  state.print_to(printed);
  const Result<json::Parsed> parsed = json::parse(json::print(printed));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(RecordedState::read(parsed->value).enrolled.size(), RecordedState::kMost);
}

}  // namespace
}  // namespace pawl
