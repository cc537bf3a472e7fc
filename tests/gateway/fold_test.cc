// The fold as a whole: its state is that of the version before, from every snapshot, in every order
// of its parts, live and replayed.
#include <gtest/gtest.h>

#include "gateway/decisions.h"
#include "gateway/folded_record.h"
#include "tests/gateway/folded_log.h"

namespace pawl {
namespace {

constexpr std::int64_t kFirstIat = 1'772'000'000;

// What version 5 printed for log_of_every_kind().
constexpr std::string_view kOfVersion5 =
    R"({"stops":[{"id":"0190a000-0000-7000-8000-000000000008","scope":"agent:b","reason":"r",)"
    R"("by":"ann","at":1772000000000000}],"revoked":[{"id":"0190a000-0000-7000-8000-000000000011",)"
    R"("target":"key:stolen","reason":"r","by":"ann","at":11}],)"
    R"("lifted":["0190a000-0000-7000-8000-000000000009","0190a000-0000-7000-8000-000000000012"],)"
    R"("lifted_at":[1772000009,1772000012],"policy":"p2","last_iat":1772000026,"unknown_count":2,)"
    R"("unknowns":["0190a000-0000-7000-8000-000000000016"],)"
    R"("tasks":[{"call":"0190a000-0000-7000-8000-000000000019",)"
    R"("wid":"0190a000-0000-7000-8000-0000000000ff","verb":"tool.call","agent":"a",)"
    R"("on_behalf_of":"","server":"far","tool":"build","task":"other","at":1772000018}],)"
    R"("keys":[{"kid":"k1","jwk":"","from":0,"vouched":false,"activated_by":"","activated_s":0},)"
    R"({"kid":"k0","jwk":"","from":0,"until":0,"until_s":0,"compromised_since":1771000000,)"
    R"("vouched":false,"activated_by":"","activated_s":0}],)"
    R"("config":{"digest":"d2","sections":{"a":"1"}},)"
    R"("enrolled":{"agent:a":"fJYPScs8MBbWEaCWS1S8pqN7LMqGXDQ3IqQoHmaEWp4"},)"
    R"("processes":[{"id":"0190a000-0000-7000-8000-000000000007","server":"files","agent":"a"}]})";

std::string canonical(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text);
  return parsed ? json::canonical(parsed->value) : parsed.error().message;
}

std::vector<std::string> tokens() {
  std::vector<std::string> out;
  for (const LogLine& line : log_of_every_kind()) {
    out.push_back(token_of(line, kFirstIat + static_cast<std::int64_t>(out.size())));
  }
  return out;
}

Decisions replayed() {
  Decisions out;
  const std::vector<std::string> log = tokens();
  for (std::size_t i = 0; i < log.size(); ++i) {
    out.apply(i, log[i]);
  }
  return out;
}

TEST(Fold, GivesTheStateOfTheVersionBefore) {
  EXPECT_EQ(canonical(replayed().print()), canonical(kOfVersion5));
  const Result<Decisions> read = Decisions::read(kOfVersion5);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->print(), replayed().print());
}

TEST(Fold, IsTheSameFromASnapshotOfEveryPrefix) {
  const std::vector<std::string> log = tokens();
  for (std::size_t cut = 1; cut < log.size(); ++cut) {
    Decisions state;
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (i == cut) {
        Result<Decisions> again = Decisions::read(state.print());
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(again->print(), state.print()) << cut;
        state = *std::move(again);
      }
      state.apply(i, log[i]);
    }
    EXPECT_EQ(state.print(), replayed().print()) << cut;
  }
}

TEST(Fold, SkipsWhenARecordIsMadeOnlyWhatChangesNothing) {
  Decisions live;
  std::size_t skipped = 0;
  const std::vector<LogLine> lines = log_of_every_kind();
  const std::vector<std::string> log = tokens();
  for (std::size_t i = 0; i < log.size(); ++i) {
    const bool folds = lines[i].marked || Decisions::has(lines[i].act);
    skipped += folds ? 0 : 1;
    live.apply_if_state(lines[i].act, lines[i].marked, i, folds ? log[i] : "not read");
  }
  live.last_iat = replayed().last_iat;  // the recorder's time, which governance keeps
  EXPECT_EQ(live.print(), replayed().print());
  EXPECT_EQ(skipped, 3u) << "a call, a refusal, a clean end";
}

template <class Backwards, class... Parts>
struct Reversed {
  using Type = Backwards;
};
template <class... Done, class First, class... Rest>
struct Reversed<Fold<Done...>, First, Rest...> : Reversed<Fold<First, Done...>, Rest...> {};
template <class... Parts>
typename Reversed<Fold<>, Parts...>::Type reversed_of(const Fold<Parts...>&);

TEST(Fold, TheOrderOfItsPartsMeansNothing) {
  decltype(reversed_of(DecisionParts())) backwards;
  static_assert(!std::is_same_v<decltype(backwards), DecisionParts>);
  const std::vector<std::string> log = tokens();
  for (std::size_t i = 0; i < log.size(); ++i) {
    read_folded(i, log[i], [&](const FoldedRecord& record) { backwards.apply(record); });
  }
  json::Object printed{{"last_iat", replayed().last_iat}};
  backwards.print_to(printed);
  const std::string text = json::print(printed);
  EXPECT_NE(text, replayed().print()) << "its members stand in another order";
  EXPECT_EQ(canonical(text), canonical(replayed().print()));
  const Result<Decisions> read = Decisions::read(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->print(), replayed().print());
}

TEST(Fold, APartThatCannotBeReadSpoilsTheState) {
  const struct {
    const char* name;
    const char* state;
  } cases[] = {
      {"no time", R"({"stops":[],"lifted":[]})"},
      {"no stops", R"({"lifted":[],"last_iat":1})"},
      {"a stop without scope", R"({"stops":[{"id":"x"}],"lifted":[],"last_iat":1})"},
      {"a revocation of nobody", R"({"stops":[],"lifted":[],"revoked":[{}],"last_iat":1})"},
      {"keys that are no list", R"({"stops":[],"lifted":[],"keys":1,"last_iat":1})"},
  };
  for (const auto& c : cases) {
    EXPECT_FALSE(Decisions::read(c.state)) << c.name;
  }
  EXPECT_TRUE(Decisions::read(R"({"stops":[],"lifted":[],"last_iat":1})"));
}

}  // namespace
}  // namespace pawl
