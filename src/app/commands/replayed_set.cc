#include "app/commands/replayed_set.h"

#include <algorithm>
#include <utility>

#include "foundation/rules/narrowing_proof.h"
#include "foundation/rules/obligation.h"
#include "governance/policy/policy_control.h"

namespace pawl {
namespace {

constexpr std::size_t kMostKnown = 20'000;  // calls that differ in what rules see; then anew
constexpr std::string_view kNothing = "{}";

std::string obliged_text(const rules::ComparableSet& set, const std::vector<std::size_t>& some) {
  std::vector<const rules::RuleInfo*> infos;
  for (const std::size_t rule : some) {
    infos.push_back(&set.rules().rules()[rule]);
  }
  return json::print(rules::print_obligations(rules::joined_obligations(infos)));
}

}  // namespace

ReplayedSet::ReplayedSet(rules::ComparableSet set, std::vector<rules::ComparableSet> others)
    : set_(std::move(set)), digest_(set_.rules().digest()) {
  others.push_back(set_);
  for (rules::ComparableSet& one : others) {
    std::string digest = one.rules().digest();
    sets_.emplace(std::move(digest), std::move(one));
  }
  for (const rules::RuleInfo& rule : set_.rules().rules()) {
    if (rule.expires_at) {
      ends_.push_back(*rule.expires_at);
    }
  }
  std::sort(ends_.begin(), ends_.end());
}

// Calls of one key get one answer: times count only by which rules have expired.
std::string ReplayedSet::key_of(const RuledCall& call) const {
  std::string out;
  const auto add = [&out](std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
  };
  for (const std::string* text : {&call.agent, &call.person, &call.server, &call.verb, &call.tool,
                                  &call.resource, &call.policy}) {
    add(*text);
  }
  for (const std::string& group : call.groups) {
    add(group);
  }
  out += call.more_groups ? "+" : ".";
  for (const std::uint32_t atom : call.held) {
    out += std::to_string(atom) + ",";
  }
  for (const std::int64_t time : {call.from, call.until}) {
    out += ";" + std::to_string(std::upper_bound(ends_.begin(), ends_.end(), time) - ends_.begin());
  }
  return out;
}

// A list that no rule allows is allowed where one of its items is.
void ReplayedSet::add_list(const rules::KnownFacts& known, rules::PossibleRulings& said) const {
  if (!said.by_default || !is_list(known.facts.verb)) {
    return;
  }
  const bool is_open =
      known.agent_open || known.server_open || known.on_behalf_of_open || known.more_groups;
  const bool first = lists_something(set_.rules(), known.facts, known.from);
  const bool last = lists_something(set_.rules(), known.facts, known.until);
  said.allow = said.allow || is_open || first || last;
  said.by_default = is_open || !first || !last;
}

ReplayedSet::Known ReplayedSet::ask(const RuledCall& call) const {
  rules::KnownFacts known = call.known();
  const auto decided = sets_.find(call.policy);
  if (decided != sets_.end()) {
    const rules::AtomTable& atoms = decided->second.parts().atoms;
    for (const std::uint32_t id : call.held) {
      if (id < atoms.size()) {
        known.held.push_back(&atoms[id]);
      }
    }
  }
  Known out{rules::possible_rulings(set_.parts(), known), {}};
  const std::string least = obliged_text(set_, out.now.obliging);
  out.obliged = {false, "", obliged_text(set_, out.now.may_oblige)};
  if (decided != sets_.end()) {
    const auto was = rules::possible_rulings(decided->second.parts(), known);
    out.obliged.was = obliged_text(decided->second, was.may_oblige);
    out.obliged.is_sure =
        least == out.obliged.now && obliged_text(decided->second, was.obliging) == out.obliged.was;
  }
  add_list(known, out.now);
  return out;
}

// Of a set that nobody has only what its record says is known: that something was taken out.
void ReplayedSet::compare_obligations(const RuledCall& call, const Obliged& obliged,
                                      Judgement& out) const {
  if (call.said == rules::Effect::kDeny || call.policy == digest_ ||
      out.verdict == Verdict::kDiffers) {
    return;
  }
  const bool is_known = sets_.contains(call.policy);
  if (is_known && obliged.is_sure && obliged.was != obliged.now) {
    out.verdict = Verdict::kDiffers;
    out.was_obliged = obliged.was;
    out.now_obliged = obliged.now;
  } else if (is_known ? !obliged.is_sure : obliged.now != kNothing || call.is_redacted) {
    out.verdict = Verdict::kUndecidable;
  }
}

ReplayedSet::Judgement ReplayedSet::judge(const RuledCall& call) {
  std::string key = key_of(call);
  auto at = known_.find(key);
  if (at == known_.end()) {
    if (known_.size() >= kMostKnown) {
      known_.clear();
    }
    at = known_.emplace(std::move(key), ask(call)).first;
  }
  Judgement out{Verdict::kUndecidable, at->second.now};
  if (!out.now.is_possible(call.said)) {
    out.verdict = Verdict::kDiffers;
  } else if (out.now.only() || call.policy == digest_) {
    out.verdict = Verdict::kSame;
  }
  compare_obligations(call, at->second.obliged, out);
  return out;
}

}  // namespace pawl
