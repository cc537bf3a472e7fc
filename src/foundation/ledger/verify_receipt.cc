#include "base/encoding.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/receipt_verdict.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/ledger/token_check.h"
#include "foundation/ledger/verify.h"

namespace pawl::ledger {
Report verify_receipt(std::string_view token, std::string_view proof_text,
                      const std::optional<Trust>& trust) {
  Report report;
  Result<TlogProof> proof = parse_proof(proof_text);
  Result<TreeHead> head = proof ? read_checkpoint(proof->checkpoint) : fail(proof.error());
  if (!head) {
    return not_proven(report, "the proof does not parse: " + head.error().message);
  }
  report.entries = 1;
  report.size = head->size;
  report.checkpoint = proof->checkpoint;
  const std::string entry = "entry " + std::to_string(proof->index);
  if (!check_inclusion(hash_leaf(token), proof->index, head->size, proof->path, head->root)) {
    return not_proven(report,
                      entry + ": the proof does not lead from this token to the checkpoint");
  }
  const TokenCheck check = check_token(token, std::nullopt, trust ? &*trust : nullptr);
  if (check.what == TokenCheck::What::kBad) {
    return not_proven(report, entry + ": " + check.reason);
  }
  report.tokens_verified = check.verified ? 1 : 0;
  if (!check.outcome.empty()) {
    report.outcomes[check.outcome] = 1;
  }
  if (!trust) {
    return not_decided(report,
                       "the proof fits the token, but who signed it needs keys that you trust: pin "
                       "them with `pawl trust pin`, and verify with --trust FILE");
  }
  Result<VerifierKey> log_key = VerifierKey::parse(trust->log_vkey);
  if (!log_key) {
    return not_decided(report, "the trust file's log key: " + log_key.error().message);
  }
  if (Result<TreeHead> opened = open_checkpoint(proof->checkpoint, *log_key); !opened) {
    const std::string what =
        "checkpoint of size " + std::to_string(head->size) + ": " + opened.error().message;
    return opened.error().code == Code::kUndecidable ? not_decided(report, what)
                                                     : not_proven(report, what);
  }
  if (check.what == TokenCheck::What::kUnknown) {
    return not_decided(report, entry + ": " + check.reason);
  }
  if (!trust->pinned_root.empty() && head->size == trust->pinned_size &&
      base64_encode(view(head->root)) != trust->pinned_root) {
    return not_proven(report, "checkpoint of size " + std::to_string(head->size) +
                                  ": another root was pinned for this size");
  }
  report.verdict = Verdict::kGood;
  report.reason =
      entry + " stands in the log " + head->origin + " of size " + std::to_string(head->size);
  return report;
}

}  // namespace pawl::ledger
