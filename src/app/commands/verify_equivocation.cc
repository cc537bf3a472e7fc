#include "app/commands/verify_equivocation.h"

#include "app/commands/verify_chain.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/equivocation.h"

namespace pawl {
namespace {

ledger::Report cannot_decide(const std::string& why) {
  ledger::Report report;
  report.reason = "cannot decide: " + why;
  return report;
}

}  // namespace

ledger::Report verify_equivocation(std::string_view text, const FindTrust& find_trust) {
  const Result<ledger::Equivocation> evidence = ledger::parse_equivocation(text);
  const Result<ledger::TreeHead> head =
      evidence ? ledger::read_checkpoint(evidence->older) : fail(evidence.error());
  if (!head) {
    return cannot_decide(head.error().message);
  }
  const Result<std::optional<ledger::Trust>> trust = find_trust(head->origin);
  if (!trust || !*trust) {
    return cannot_decide(trust ? "no trust root: give --trust FILE" : trust.error().message);
  }
  const Result<ledger::VerifierKey> key =
      ledger::VerifierKey::parse(trust_for(**trust, head->origin).log_vkey);
  const Result<ledger::Contradiction> found =
      key ? ledger::check_equivocation(*evidence, *key) : fail(key.error());
  if (!found) {
    return cannot_decide("this proves nothing against the log: " + found.error().message);
  }
  ledger::Report report;
  report.verdict = ledger::Verdict::kBad;
  report.size = found->newer_size;
  report.first_bad = ledger::contradiction_text(*found);
  report.reason = report.first_bad;
  return report;
}

}  // namespace pawl
