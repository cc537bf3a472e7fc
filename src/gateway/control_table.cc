#include "gateway/control_table.h"

#include <utility>

#include "base/assert.h"
#include "foundation/rules/narrowing.h"
#include "gateway/identity_control.h"
#include "gateway/number_control.h"
#include "operators/override/override_control.h"
#include "operators/override/revocation_control.h"
#include "path/plugged.h"

namespace pawl {
namespace {

// The policy is asked from the table and, for lists, from the gateway: the table refers to it.
class RulesRow final : public Control {
 public:
  explicit RulesRow(const PolicyControl& policy) : policy_(policy) {}
  std::string_view name() const override { return policy_.name(); }
  Verdict decide(const Action& action, const Moment& moment) const override {
    return policy_.decide(action, moment);
  }

 private:
  const PolicyControl& policy_;
};

// What is left of a row that a test took out: it has nothing against anything.
class UnpluggedRow final : public Control {
 public:
  explicit UnpluggedRow(const Control& row)
      : name_("unplugged:" + std::string(row.name())),
        ruling_(row.name() == "rules" ? Ruling::kAllow : Ruling::kPass) {}
  std::string_view name() const override { return name_; }
  Verdict decide(const Action&, const Moment&) const override {
    Verdict verdict;
    verdict.ruling = ruling_;
    return verdict;
  }

 private:
  std::string name_;
  Ruling ruling_;
};

static_assert(Ruling::kPass < Ruling::kAllow && Ruling::kAllow < Ruling::kHold &&
              Ruling::kHold < Ruling::kDeny);  // the stronger one wins

// A hold that no approval can end is a denial.
void refuse_bad_hold(Verdict& verdict, const Verdict& before) {
  if (verdict.ruling != Ruling::kHold) {
    return;
  }
  if (verdict.hold == nullptr) {
    verdict.ruling = Ruling::kDeny;
    verdict.code = Code::kInternal;
    verdict.reason = "it is held without saying who may let it go on";
  } else if (before.ruling == Ruling::kHold && joined_terms(before.hold, verdict.hold) == nullptr) {
    verdict.ruling = Ruling::kDeny;
    verdict.code = Code::kDenied;
    verdict.reason = "it is held twice (" + before.reason + "; " + verdict.reason +
                     "), and neither's terms are at least as strict as the other's in everything: "
                     "one approval cannot meet both";
  }
}

// Of two holds the first is named, and says that there is another one.
void join_holds(Verdict& first, const Verdict& second) {
  if (first.ruling == Ruling::kHold && second.ruling == Ruling::kHold) {
    first.hold = joined_terms(first.hold, second.hold);
    first.reason += "; and " + second.reason;
  }
}

// What held, and what was passed over, is recorded whichever verdict wins.
void keep_what_held(Verdict& verdict, Verdict& other) {
  if (verdict.atoms.empty()) {
    verdict.atoms = std::move(other.atoms);
  }
  if (verdict.would.empty()) {
    verdict.would = std::move(other.would);
  }
  if (verdict.policy == nullptr) {
    verdict.policy = std::move(other.policy);
  }
  if (verdict.obliged == nullptr) {
    verdict.obliged = std::move(other.obliged);
  }
}

}  // namespace

std::shared_ptr<const HoldTerms> joined_terms(const std::shared_ptr<const HoldTerms>& one,
                                              const std::shared_ptr<const HoldTerms>& other) {
  return rules::no_weaker(*one, *other) ? one : rules::no_weaker(*other, *one) ? other : nullptr;
}

constexpr std::size_t kReleaseRows = 2;  // the first ones hold for what already happened, too

// The order is the meaning: a stop is asked before anything that could say yes, an identity before
// what binds to it, a policy token before the rules that it narrows; these come last because only
// they may allow.
ControlTable::ControlTable(const ControlTableOptions& options)
    : policy_(*options.rules, options.observed) {
  rows_.push_back(std::make_unique<OverrideControl>(*options.stops, options.domain));
  rows_.push_back(std::make_unique<RevocationControl>(*options.stops));
  rows_.push_back(std::make_unique<IdentityControl>(options.allow_unverified));
  rows_.push_back(std::make_unique<NumberControl>());
  TokenControlOptions tokens = options.tokens;
  tokens.domain = options.domain;
  rows_.push_back(std::make_unique<TokenControl>(std::move(tokens)));
  rows_.push_back(std::make_unique<RulesRow>(policy_));

  for (std::unique_ptr<Control>& row : rows_) {
    const std::optional<ControlId> id = control_of(row->name());
    PAWL_CHECK(id, "a row of the control table is missing in path/plugged.h");
    if (!plugged(*id)) {
      row = std::make_unique<UnpluggedRow>(*row);
    }
  }
}

TableDecision ControlTable::decide(const Action& action, const Moment& moment) const {
  return ask_in_order(rows_, action, moment);
}

TableDecision ask_in_order(const ControlRows& rows, const Action& action, const Moment& moment) {
  TableDecision out;
  out.answers.reserve(rows.size());
  for (const std::unique_ptr<Control>& row : rows) {
    Verdict verdict = row->decide(action, moment);
    refuse_bad_hold(verdict, out.verdict);
    const Ruling ruling = verdict.ruling;
    out.answers.push_back({row->name(), ruling, verdict.rule, verdict.where});
    if (ruling > out.verdict.ruling) {
      out.control = row->name();
      std::swap(out.verdict, verdict);
    } else {
      join_holds(out.verdict, verdict);
    }
    keep_what_held(out.verdict, verdict);
    if (ruling == Ruling::kDeny) {
      return out;
    }
  }
  if (out.verdict.ruling == Ruling::kPass) {
    out.control = "rules";
    out.verdict.ruling = Ruling::kDeny;
    out.verdict.reason = "no control allowed it";
  }
  out.ruling = out.verdict.ruling;
  return out;
}

const Verdict* ControlTable::release_denied(const Action& action, const Moment& moment,
                                            Verdict& space) const {
  for (std::size_t row = 0; row < kReleaseRows; ++row) {
    space = rows_[row]->decide(action, moment);
    if (space.ruling == Ruling::kDeny) {  // a hold comes too late for what happened
      return &space;
    }
  }
  return nullptr;
}

std::vector<std::string_view> ControlTable::names() const {
  std::vector<std::string_view> out;
  out.reserve(rows_.size());
  for (const std::unique_ptr<Control>& row : rows_) {
    out.push_back(row->name());
  }
  return out;
}

}  // namespace pawl
