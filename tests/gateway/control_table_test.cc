// The fold of the control table over rows that say what the test wants: which ruling wins, whose it
// is, and how many rows are asked.
#include "gateway/control_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/holding_rules.h"

namespace pawl {
namespace {

// What a row says, and what the table is expected to: pass, allow, hold, hold on stricter terms,
// hold on terms that neither of them meets, deny.
enum class Says { kPass, kAllow, kHold, kStricter, kOther, kDeny };
constexpr std::array kSays = {Says::kPass,     Says::kAllow, Says::kHold,
                              Says::kStricter, Says::kOther, Says::kDeny};

const std::shared_ptr<const HoldTerms> kTerms =
    std::make_shared<HoldTerms>(approved_by("approver"));
const std::shared_ptr<const HoldTerms> kStricterTerms =
    std::make_shared<HoldTerms>(approved_by("approver", 2));
const std::shared_ptr<const HoldTerms> kOtherTerms =
    std::make_shared<HoldTerms>(approved_by("auditor"));

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
    case Says::kStricter:
      out.ruling = Ruling::kHold;
      out.hold = kStricterTerms;
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
  const bool holds = has(Says::kHold) || has(Says::kStricter);
  if (has(Says::kDeny) || (holds && has(Says::kOther))) {
    return Ruling::kDeny;
  }
  if (holds || has(Says::kOther)) {
    return Ruling::kHold;
  }
  return has(Says::kAllow) ? Ruling::kAllow : Ruling::kDeny;
}

// The row whose ruling it is: the first that says what won; of two holds that differ, the second.
std::string expected_control(const std::vector<Says>& all, Ruling ruling) {
  bool held = false;
  Says terms = Says::kPass;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool holds = all[i] == Says::kHold || all[i] == Says::kStricter || all[i] == Says::kOther;
    const bool differs = holds && held && (all[i] == Says::kOther) != (terms == Says::kOther);
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
    const auto has = [&](Says says) { return std::count(all.begin(), all.end(), says) > 0; };
    EXPECT_EQ(*decision.verdict.hold, has(Says::kOther)      ? *kOtherTerms
                                      : has(Says::kStricter) ? *kStricterTerms
                                                             : *kTerms);
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
      {"a stricter hold", {Says::kHold, Says::kStricter}, Ruling::kHold, "row0"},
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

HoldTerms terms_of(std::vector<std::string> roles, std::uint32_t of, std::int64_t within_s,
                   std::uint32_t uses, std::vector<std::string> escalate_to) {
  return {.roles = std::move(roles),
          .of = of,
          .uses = uses,
          .within_s = within_s,
          .escalate_to = std::move(escalate_to)};
}

TEST(ControlTable, TwoHoldsAreMetByTheStricterOrByNone) {
  const HoldTerms wide = terms_of({"a", "b"}, 2, 900, 3, {"x", "y"});
  const struct {
    const char* name;
    HoldTerms other;
    int stricter;  // 0: they are equal; 1: the other; -1: `wide`; 2: neither
  } cases[] = {
      {"equal", wide, 0},
      {"roles in another order", terms_of({"b", "a"}, 2, 900, 3, {"y", "x"}), 0},
      {"fewer roles", terms_of({"a"}, 2, 900, 3, {"x", "y"}), 1},
      {"one more role", terms_of({"a", "b", "c"}, 2, 900, 3, {"x", "y"}), -1},
      {"another role", terms_of({"c"}, 2, 900, 3, {"x", "y"}), 2},
      {"more people", terms_of({"a", "b"}, 3, 900, 3, {"x", "y"}), 1},
      {"fewer people", terms_of({"a", "b"}, 1, 900, 3, {"x", "y"}), -1},
      {"sooner", terms_of({"a", "b"}, 2, 60, 3, {"x", "y"}), 1},
      {"later", terms_of({"a", "b"}, 2, 901, 3, {"x", "y"}), -1},
      {"fewer uses", terms_of({"a", "b"}, 2, 900, 1, {"x", "y"}), 1},
      {"more uses", terms_of({"a", "b"}, 2, 900, 4, {"x", "y"}), -1},
      {"no escalation", terms_of({"a", "b"}, 2, 900, 3, {}), 1},
      {"escalation to another", terms_of({"a", "b"}, 2, 900, 3, {"z"}), 2},
      {"all stricter", terms_of({"a"}, 3, 60, 1, {"y"}), 1},
      {"fewer roles and fewer people", terms_of({"a"}, 1, 900, 3, {"x", "y"}), 2},
      {"sooner and more uses", terms_of({"a", "b"}, 2, 60, 4, {"x", "y"}), 2},
  };
  const auto held = [](const HoldTerms& terms) {
    Verdict out;
    out.ruling = Ruling::kHold;
    out.hold = std::make_shared<const HoldTerms>(terms);
    out.reason = "held";
    return out;
  };
  for (const auto& row : cases) {
    for (const bool swapped : {false, true}) {
      SCOPED_TRACE(std::string(row.name) + (swapped ? ", swapped" : ""));
      const Asked found = swapped ? ask({held(row.other), held(wide), said(Says::kAllow)})
                                  : ask({held(wide), held(row.other), said(Says::kAllow)});
      const TableDecision& decision = found.decision;
      if (row.stricter == 2) {
        EXPECT_EQ(decision.ruling, Ruling::kDeny);
        EXPECT_EQ(decision.verdict.code, Code::kDenied);
        EXPECT_NE(decision.verdict.reason.find("one approval cannot meet both"), std::string::npos);
        continue;
      }
      ASSERT_EQ(decision.ruling, Ruling::kHold);
      EXPECT_EQ(decision.control, "row0");
      EXPECT_EQ(decision.verdict.reason, "held; and held");
      const HoldTerms& first = swapped ? row.other : wide;
      EXPECT_EQ(*decision.verdict.hold, row.stricter == 0   ? first
                                        : row.stricter == 1 ? row.other
                                                            : wide);
    }
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
