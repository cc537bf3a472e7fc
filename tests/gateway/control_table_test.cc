// The fold of the control table over rows that say what the test wants: which ruling wins, whose it
// is, and how many rows are asked.
#include "gateway/control_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/holding_rules.h"

namespace pawl {
namespace {

// What a row says, and what the table is expected to: pass, allow, hold, hold on other terms, deny.
enum class Says { kPass, kAllow, kHold, kOther, kDeny };
constexpr std::array kSays = {Says::kPass, Says::kAllow, Says::kHold, Says::kOther, Says::kDeny};

const std::shared_ptr<const HoldTerms> kTerms =
    std::make_shared<HoldTerms>(approved_by("approver"));
const std::shared_ptr<const HoldTerms> kOtherTerms =
    std::make_shared<HoldTerms>(approved_by("approver", 2));

class SaidRow final : public Control {
 public:
  SaidRow(std::string name, Verdict verdict, int& asked)
      : name_(std::move(name)), verdict_(std::move(verdict)), asked_(asked) {}
  std::string_view name() const override { return name_; }
  Verdict decide(const Action&, const Moment&) const override {
    ++asked_;
    return verdict_;
  }

 private:
  const std::string name_;
  const Verdict verdict_;
  int& asked_;
};

Verdict said(Says says) {
  Verdict out;
  switch (says) {
    case Says::kPass:
      return out;
    case Says::kAllow:
      out.ruling = Ruling::kAllow;
      break;
    case Says::kHold:
      out.ruling = Ruling::kHold;
      out.hold = kTerms;
      break;
    case Says::kOther:
      out.ruling = Ruling::kHold;
      out.hold = kOtherTerms;
      break;
    case Says::kDeny:
      out.ruling = Ruling::kDeny;
      break;
  }
  return out;
}

struct Asked {
  TableDecision decision;
  ControlRows rows;  // the decision has views of their names
  int asked = 0;
};

Asked ask(std::vector<Verdict> verdicts) {
  Asked out;
  for (Verdict& verdict : verdicts) {
    const std::string name = "row" + std::to_string(out.rows.size());
    verdict.rule = name + "-rule";
    out.rows.push_back(std::make_unique<SaidRow>(name, std::move(verdict), out.asked));
  }
  out.decision = ask_in_order(out.rows, Action{}, Moment{WallTime{}});
  return out;
}

// The sentence of the header, said another way: over the list of what all rows say.
Ruling expected(const std::vector<Says>& all) {
  const auto has = [&](Says says) { return std::count(all.begin(), all.end(), says) > 0; };
  if (has(Says::kDeny) || (has(Says::kHold) && has(Says::kOther))) {
    return Ruling::kDeny;
  }
  if (has(Says::kHold) || has(Says::kOther)) {
    return Ruling::kHold;
  }
  return has(Says::kAllow) ? Ruling::kAllow : Ruling::kDeny;
}

// The row whose ruling it is: the first that says what won; of two holds that differ, the second.
std::string expected_control(const std::vector<Says>& all, Ruling ruling) {
  bool held = false;
  Says terms = Says::kPass;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool holds = all[i] == Says::kHold || all[i] == Says::kOther;
    const bool differs = holds && held && all[i] != terms;
    const bool denies = all[i] == Says::kDeny || differs;
    if ((ruling == Ruling::kDeny && denies) || (ruling == Ruling::kHold && holds) ||
        (ruling == Ruling::kAllow && all[i] == Says::kAllow)) {
      return "row" + std::to_string(i);
    }
    if (holds && !held) {
      held = true;
      terms = all[i];
    }
  }
  return "rules";
}

void check(const std::vector<Says>& all) {
  std::string shown;
  std::vector<Verdict> verdicts;
  for (const Says says : all) {
    shown += std::to_string(static_cast<int>(says)) + " ";
    verdicts.push_back(said(says));
  }
  SCOPED_TRACE(shown);
  const Asked found = ask(std::move(verdicts));
  const TableDecision& decision = found.decision;
  const Ruling ruling = expected(all);
  EXPECT_EQ(decision.ruling, ruling);
  EXPECT_EQ(decision.verdict.ruling, ruling);
  EXPECT_EQ(decision.control, expected_control(all, ruling));
  if (ruling == Ruling::kHold) {
    EXPECT_EQ(*decision.verdict.hold,
              std::count(all.begin(), all.end(), Says::kOther) > 0 ? *kOtherTerms : *kTerms);
  }
  EXPECT_EQ(decision.answers.size(), static_cast<std::size_t>(found.asked));
  if (ruling != Ruling::kDeny || decision.control == "rules") {
    EXPECT_EQ(found.asked, static_cast<int>(all.size())) << "only a denial ends the questions";
  } else {
    EXPECT_EQ("row" + std::to_string(found.asked - 1), decision.control);
    EXPECT_EQ(decision.answers.back().ruling, Ruling::kDeny);
  }
}

TEST(ControlTable, EveryCombinationOfThreeRowsIsFoldedAsTheHeaderSays) {
  check({});
  for (const Says first : kSays) {
    check({first});
    for (const Says second : kSays) {
      check({first, second});
      for (const Says third : kSays) {
        check({first, second, third});
      }
    }
  }
}

struct Row {
  const char* name;
  std::vector<Says> rows;
  Ruling ruling;
  const char* control;
};

TEST(ControlTable, AHoldIsNeitherUndoneNorTheEnd) {
  const Row cases[] = {
      {"a later allow", {Says::kHold, Says::kAllow}, Ruling::kHold, "row0"},
      {"an earlier allow", {Says::kAllow, Says::kHold}, Ruling::kHold, "row1"},
      {"a later denial", {Says::kHold, Says::kDeny}, Ruling::kDeny, "row1"},
      {"an earlier denial", {Says::kDeny, Says::kHold}, Ruling::kDeny, "row0"},
      {"nothing else", {Says::kPass, Says::kHold, Says::kPass}, Ruling::kHold, "row1"},
      {"the same hold again", {Says::kHold, Says::kHold}, Ruling::kHold, "row0"},
      {"another hold", {Says::kHold, Says::kOther}, Ruling::kDeny, "row1"},
      {"nobody says anything", {Says::kPass, Says::kPass}, Ruling::kDeny, "rules"},
  };
  for (const Row& row : cases) {
    SCOPED_TRACE(row.name);
    std::vector<Verdict> verdicts;
    for (const Says says : row.rows) {
      verdicts.push_back(said(says));
    }
    const Asked found = ask(std::move(verdicts));
    EXPECT_EQ(found.decision.ruling, row.ruling);
    EXPECT_EQ(found.decision.control, row.control);
  }
}

TEST(ControlTable, AHoldWithoutTermsIsADenial) {
  Verdict held;
  held.ruling = Ruling::kHold;
  const Asked found = ask({said(Says::kAllow), held, said(Says::kAllow)});
  EXPECT_EQ(found.decision.ruling, Ruling::kDeny);
  EXPECT_EQ(found.decision.verdict.code, Code::kInternal);
  EXPECT_EQ(found.decision.control, "row1");
}

TEST(ControlTable, WhatHeldIsRecordedWhicheverRowWins) {
  Verdict rules = said(Says::kAllow);
  rules.atoms = {3, 5};
  rules.would = "deny watched";
  for (const bool first : {true, false}) {
    const Asked found = first ? ask({rules, said(Says::kHold)}) : ask({said(Says::kHold), rules});
    EXPECT_EQ(found.decision.ruling, Ruling::kHold);
    EXPECT_EQ(found.decision.verdict.atoms, rules.atoms);
    EXPECT_EQ(found.decision.verdict.would, rules.would);
  }
}

TEST(ControlTable, WithoutAnAnswerItIsADenial) {
  EXPECT_EQ(TableDecision{}.ruling, Ruling::kDeny);
}

}  // namespace
}  // namespace pawl
