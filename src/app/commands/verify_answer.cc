#include "app/commands/verify_answer.h"

#include <ostream>

#include "app/commands/shown_keys.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/witnesses.h"
#include "foundation/ledger/disclosure.h"
#include "foundation/ledger/pruned_check.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::string_view kUndecided = "cannot decide: ";
constexpr const char* kWordOnly =
    "that the entry says this: that is the word of the instance's key";
constexpr const char* kNoApprovals =
    "whether people approved it: that an operator signed, was enrolled, and that each use was "
    "spent "
    "once; verify the log for that";
constexpr const char* kNoReports =
    "whether its key was reported as compromised; verify the log or an evidence file for that";

// Nothing contradicts itself from the next log on.
std::string not_seen_text(const FrozenLog& log) {
  std::string_view why = log.report.reason;
  why.remove_prefix(why.starts_with(kUndecided) ? kUndecided.size() : 0);
  return std::string(kUndecided) + "good from log " + std::to_string(log.number + 1) +
         " on, as far as it is pinned, but " + std::string(why);
}

void combine_chain(VerifyAnswer& answer) {
  ledger::Report& report = answer.report;
  if (report.is_empty && !answer.frozen.empty()) {
    // A renewal was interrupted, or is under way: the newest log says nothing, for good or bad.
    report.verdict = ledger::Verdict::kGood;
    report.reason = "log " + std::to_string(answer.frozen.front().number + 1) +
                    " has no record yet, and what it goes on from verifies";
  }
  for (const FrozenLog& log : answer.frozen) {
    const bool is_worse = log.report.verdict == ledger::Verdict::kBad
                              ? report.verdict != ledger::Verdict::kBad
                              : log.report.verdict == ledger::Verdict::kUnknown &&
                                    report.verdict == ledger::Verdict::kGood;
    if (is_worse) {
      report.verdict = log.report.verdict;
      report.first_bad = log.report.first_bad;
      report.reason = !log.is_here && log.report.verdict == ledger::Verdict::kUnknown
                          ? not_seen_text(log)
                          : "log " + std::to_string(log.number) + ": " + log.report.reason;
    }
  }
}

// The claims, and what the signature does not cover.
void tell_disclosed(std::ostream& out, const ShownDisclosure& shown, ledger::Verdict verdict) {
  if (verdict != ledger::Verdict::kGood) {
    return;
  }
  out << labelled("withheld", shown.withheld == 0 ? "nothing" : counted(shown.withheld, "member"));
  for (const auto& [name, value] : shown.claims) {
    if (name != names::kClaimEctExt || !value.is_object()) {
      out << labelled("  " + shown_text(name), shown_value(value));
      continue;
    }
    for (const auto& [member, inner] : value.get_object()) {
      if (member != names::kExtDisclosure) {
        out << labelled("  " + shown_text(member), shown_value(inner));
      }
    }
  }
}

// What a good answer leaves open.
std::vector<const char*> not_shown(const VerifyAnswer& answer) {
  std::vector<const char*> out;
  if (answer.report.verdict != ledger::Verdict::kGood) {
    return out;
  }
  if (answer.disclosed) {
    out.push_back(kWordOnly);
  }
  if (answer.is_single) {
    out.push_back(kNoReports);
  }
  if (answer.leaves_approvals) {
    out.push_back(kNoApprovals);
  }
  return out;
}

json::Array not_shown_json(const VerifyAnswer& answer) {
  json::Array out;
  for (const char* what : not_shown(answer)) {
    out.emplace_back(what);
  }
  return out;
}

// What is revoked at the end, and in which log that stands (0: the newest), in the order of
// entries.
struct Revoked {
  std::uint64_t log = 0, entry = 0;
  override_::Revocation revocation;
};

std::vector<Revoked> revoked_at_end(const VerifyAnswer& answer) {
  std::vector<Revoked> out;
  const auto add = [&out](std::uint64_t log, const StatementReport& said) {
    for (const std::string& lifted : said.lifted) {
      std::erase_if(out, [&](const Revoked& one) { return one.revocation.id.text() == lifted; });
    }
    for (const auto& [entry, revocation] : said.revoked) {
      out.push_back({log, entry, revocation});
    }
  };
  for (auto log = answer.frozen.rbegin(); log != answer.frozen.rend(); ++log) {
    add(log->number, log->statements);
  }
  add(0, answer.statements);
  return out;
}

std::string revoked_text(const Revoked& one) {
  const override_::Revocation& revocation = one.revocation;
  return shown_text(revocation.target) + ", entry " + std::to_string(one.entry) +
         (one.log == 0 ? " of " : " of log " + std::to_string(one.log) + ", ") +
         shown_time(revocation.at.seconds()) +
         (revocation.since_s
              ? "; in doubt since " + shown_time(*revocation.since_s) + ", good before"
              : "; what was recorded before is good");
}

json::Array revoked_json(const std::vector<Revoked>& revoked) {
  json::Array out;
  for (const Revoked& found : revoked) {
    json::Object one = override_::print_revocation(found.revocation);
    one["entry"] = found.entry;
    if (found.log != 0) {
      one["log"] = found.log;
    }
    out.emplace_back(std::move(one));
  }
  return out;
}

json::Object pruned_json(const ledger::PrunedRange& pruned) {
  return {{"minimum", pruned.minimum},
          {"gone", pruned.gone},
          {"record", pruned.record},
          {"record_index", pruned.record_index},
          {"at", pruned.at_s}};
}

const char* verdict_name(ledger::Verdict verdict) {
  return verdict == ledger::Verdict::kGood  ? "good"
         : verdict == ledger::Verdict::kBad ? "bad"
                                            : "undecided";
}

}  // namespace

VerifyAnswer undecided(std::string reason) {
  VerifyAnswer answer;
  answer.report.reason = "cannot decide: " + std::move(reason);
  return answer;
}

void combine(VerifyAnswer& answer, const std::optional<ledger::WitnessPolicy>& policy,
             const std::optional<ledger::Trust>& trust) {
  combine_chain(answer);
  combine(answer.report, answer.statements);
  combine(answer.report, answer.received);
  combine(answer.report, answer.state);
  combine(answer.report, answer.approvals);
  if (policy) {
    answer.witnesses = ledger::check_witnesses(answer.report, trust ? &*trust : nullptr, *policy);
    combine(answer.report, *answer.witnesses);
  }
}

void tell_people(std::ostream& out, const VerifyAnswer& answer) {
  const ledger::Report& report = answer.report;
  const char* word = report.verdict == ledger::Verdict::kGood  ? "PROVEN GOOD"
                     : report.verdict == ledger::Verdict::kBad ? "PROVEN BAD"
                                                               : "CANNOT DECIDE";
  const std::string_view reason = report.reason;
  out << word << ": "
      << shown_text(reason.starts_with(kUndecided)  // the word in front says so
                        ? reason.substr(kUndecided.size())
                        : reason)
      << "\n";
  if (report.entries > 0) {
    out << labelled("entries", std::to_string(report.entries) + ", signatures verified " +
                                   std::to_string(report.tokens_verified))
        << labelled("head", "size " + std::to_string(report.size));
  }
  if (answer.evidence) {
    out << evidence_text(*answer.evidence) << evidence_notes(*answer.evidence, report.verdict);
  }
  if (answer.disclosed) {
    tell_disclosed(out, *answer.disclosed, report.verdict);
  }
  for (const char* what : not_shown(answer)) {
    out << labelled("not shown", what);
  }
  std::string outcomes;
  for (const auto& [name, count] : report.outcomes) {
    outcomes += (outcomes.empty() ? "" : ", ") + std::to_string(count) + " " + shown_text(name);
  }
  if (!outcomes.empty()) {
    out << labelled("outcomes", outcomes);
  }
  for (const FrozenLog& log : answer.frozen) {
    out << labelled("goes on from", "log " + std::to_string(log.number) + ", " +
                                        std::to_string(log.report.entries) +
                                        " entries: " + shown_text(log.report.reason));
  }
  if (const std::string keys = keys_text(report); !keys.empty()) {
    out << labelled("keys", keys);
  }
  if (report.suspect.entries > 0) {
    out << labelled("suspect", suspect_text(report.suspect));
  }
  if (report.open_intents > 0) {
    out << labelled("open intents", std::to_string(report.open_intents) +
                                        " (calls under way, or cut off by a crash)");
  }
  if (answer.statements.checked > 0) {
    out << labelled("operators",
                    counted(answer.statements.checked, "signed statement") + " verified");
  }
  if (answer.statements.skipped > 0) {
    out << labelled("operators", counted(answer.statements.skipped, "statement") +
                                     " not checked: the trust file has no operator keys");
  }
  if (const std::string approvals = approvals_text(answer.approvals); !approvals.empty()) {
    out << labelled("approvals", approvals + " verified");
  }
  if (const std::string open = not_compared_text(answer.approvals); !open.empty()) {
    out << labelled("not compared", open);
  }
  for (const Revoked& one : revoked_at_end(answer)) {
    out << labelled("revoked", revoked_text(one));
  }
  if (answer.received.received > 0) {
    out << labelled("tokens", received_text(answer.received));
  }
  if (answer.witnesses) {
    out << labelled("witnesses", witnesses_text(*answer.witnesses));
  }
  if (report.pruned.minimum > 0) {
    out << labelled("pruned", ledger::pruned_range_text(report.pruned));
  }
  if (!answer.trusted.empty()) {
    out << labelled("trust root", shown_text(answer.trusted));
  }
}

json::Object answer_json(const VerifyAnswer& answer) {
  const ledger::Report& report = answer.report;
  json::Object outcomes;
  for (const auto& [name, count] : report.outcomes) {
    outcomes[name] = count;
  }
  json::Object out{{"verdict", verdict_name(report.verdict)},
                   {"reason", report.reason},
                   {"first_bad", report.first_bad},
                   {"entries", report.entries},
                   {"tokens_verified", report.tokens_verified},
                   {"open_intents", report.open_intents},
                   {"size", report.size},
                   {"statements_verified", answer.statements.checked},
                   {"statements_not_checked", answer.statements.skipped},
                   {"trust", answer.trusted}};
  if (answer.disclosed && report.verdict == ledger::Verdict::kGood) {
    out["claims"] = answer.disclosed->claims;
    out["withheld"] = answer.disclosed->withheld;
  }
  out["not_shown"] = not_shown_json(answer);
  out["approvals"] = approvals_json(answer.approvals);
  out["tokens_of_others"] = received_json(answer.received);
  json::Array logs;
  for (const FrozenLog& log : answer.frozen) {
    logs.push_back(json::Object{{"log", log.number},
                                {"name", log.origin},
                                {"here", log.is_here},
                                {"named_size", log.size},
                                {"named_root", log.root},
                                {"verdict", verdict_name(log.report.verdict)},
                                {"reason", log.report.reason},
                                {"entries", log.report.entries},
                                {"size", log.report.size},
                                {"pruned", log.report.pruned.gone},
                                {"suspect", suspect_json(log.report.suspect)}});
  }
  out["revoked"] = revoked_json(revoked_at_end(answer));
  out["keys"] = keys_json(report);
  out["suspect"] = suspect_json(report.suspect);
  out["goes_on_from"] = std::move(logs);
  out["witnesses"] = answer.witnesses ? json::Value(witnesses_json(*answer.witnesses)) : nullptr;
  out["pruned"] = report.pruned.minimum > 0 ? json::Value(pruned_json(report.pruned)) : nullptr;
  out["evidence"] = answer.evidence ? json::Value(evidence_json(*answer.evidence)) : nullptr;
  out["outcomes"] = std::move(outcomes);
  return out;
}

}  // namespace pawl
