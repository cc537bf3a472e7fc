#include "app/commands/verify_evidence.h"

#include "app/commands/trust_store.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/evidence_check.h"

namespace pawl {
namespace {

// What does not parse is bad, as with a receipt; what is too large or of a later form is not read.
VerifyAnswer unreadable(const Error& error) {
  VerifyAnswer answer = undecided(error.message);
  if (error.code == Code::kMalformed) {
    answer.report.verdict = ledger::Verdict::kBad;
    answer.report.first_bad = error.message;
    answer.report.reason = "not proven: " + error.message;
  }
  return answer;
}

}  // namespace

VerifyAnswer verify_evidence(Context& context, std::string_view text, const std::string& trust_file,
                             const std::optional<ledger::WitnessPolicy>& policy) {
  const Result<ledger::Evidence> evidence = ledger::parse_evidence(text);
  if (!evidence) {
    return unreadable(evidence.error());
  }
  const Result<ledger::TreeHead> head = ledger::read_checkpoint(evidence->checkpoint);
  const auto origin = head ? Result<std::string>(head->origin) : fail(head.error());
  VerifyAnswer answer;
  const Result<std::optional<ledger::Trust>> trust =
      find_trust(context, trust_file, origin, answer.trusted);
  if (!trust) {
    return undecided(trust.error().message);
  }
  const std::optional<ledger::Trust> here =
      *trust && origin ? std::optional(trust_for(**trust, *origin)) : *trust;
  ledger::EvidenceReport found = ledger::check_evidence(*evidence, here);
  answer.report = found.report;
  if (here && answer.report.verdict != ledger::Verdict::kBad) {
    for (const auto* list : {&evidence->key_records, &evidence->entries}) {
      for (const ledger::EvidenceEntry& entry : *list) {
        check_statement(entry.index, entry.token, *here, answer.statements);
        answer.leaves_approvals = answer.leaves_approvals || rests_on_approvals(entry.token);
      }
    }
  }
  answer.evidence = ShownEvidence{evidence->workflow, std::move(found.graph), found.key_records,
                                  fingerprint(evidence->keys)};
  combine(answer, policy, here);
  return answer;
}

}  // namespace pawl
