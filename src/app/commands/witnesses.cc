#include "app/commands/witnesses.h"

#include "app/commands/shown_text.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxPolicyBytes = 1u << 20;

void append(std::string& list, std::string_view name) {
  list += (list.empty() ? "" : ", ") + shown_text(name);
}

}  // namespace

Result<ledger::WitnessPolicy> read_policy(Files& files, const std::string& path) {
  const Result<std::string> text = read_file(files, path, kMaxPolicyBytes);
  if (!text) {
    return fail(text.error());
  }
  Result<ledger::WitnessPolicy> policy = ledger::WitnessPolicy::parse(*text);
  return policy ? std::move(policy) : fail_at(path, policy.error());
}

void combine(ledger::Report& report, const ledger::WitnessCheck& check) {
  if (check.verdict == ledger::Verdict::kGood || report.verdict == ledger::Verdict::kBad) {
    return;
  }
  if (check.verdict == ledger::Verdict::kBad) {
    report.verdict = check.verdict;
    report.first_bad = check.reason;
    report.reason = "not what a witness signed: " + check.reason;
  } else if (report.verdict == ledger::Verdict::kGood) {
    report.verdict = check.verdict;
    report.reason = "cannot decide: " + check.reason;
  }
}

std::string witnesses_text(const ledger::WitnessCheck& check) {
  std::string cosigned;
  for (const auto& one : check.answer.cosigned) {
    append(cosigned, one.name);
  }
  std::string missing;
  for (const std::string& name : check.answer.missing) {
    append(missing, name);
  }
  std::string text = counted(check.answer.cosigned.size(), "cosignature") + " of size " +
                     std::to_string(check.size);
  text += cosigned.empty() ? "" : ": " + cosigned;
  return text + (missing.empty() ? "" : "; none by " + missing);
}

json::Object witnesses_json(const ledger::WitnessCheck& check) {
  json::Array cosigned;
  for (const auto& one : check.answer.cosigned) {
    cosigned.push_back(json::Object{{"name", one.name}, {"time", one.time_s}});
  }
  json::Array missing;
  for (const std::string& name : check.answer.missing) {
    missing.push_back(json::Value(name));
  }
  json::Object out{{"met", check.answer.is_met}, {"reason", check.reason}, {"size", check.size}};
  out["cosigned"] = std::move(cosigned);
  out["missing"] = std::move(missing);
  return out;
}

}  // namespace pawl
