#include "foundation/ledger/verify_jws_receipt.h"

#include <string>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/jws_receipt.h"
#include "foundation/ledger/receipt_verdict.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/ledger/token_check.h"

namespace pawl::ledger {
namespace {

// Only what would be good without it becomes undecided by it.
Report doubtful(Report report, const std::string& why) {
  return report.verdict == Verdict::kGood ? not_decided(std::move(report), why) : report;
}

// Empty: what the receipt says is what the record and the proof in it say.
std::string difference(const JwsReceipt& receipt, std::string_view token, const TlogProof& proof,
                       const TreeHead& head) {
  const TokenCheck record = check_token(token, std::nullopt, nullptr);
  const auto differs = [](const char* what, const std::string& said, const std::string& is) {
    return std::string("the receipt is about ") + what + " " + said + ", and here it is " + is;
  };
  if (receipt.entry_hash != receipt_entry_hash(token)) {
    return differs("the entry with the hash", receipt.entry_hash, receipt_entry_hash(token));
  }
  if (receipt.jti != record.id || receipt.iss != record.iss) {
    return differs("the record", receipt.jti + " of " + receipt.iss,
                   record.id + " of " + record.iss);
  }
  if (receipt.recorded_at != record.iat) {
    return differs("the time", std::to_string(receipt.recorded_at), std::to_string(record.iat));
  }
  if (receipt.ledger != head.origin) {
    return differs("the log", receipt.ledger, head.origin);
  }
  if (receipt.seq != proof.index) {
    return differs("the index", std::to_string(receipt.seq), std::to_string(proof.index));
  }
  return "";
}

}  // namespace

Report verify_jws_receipt(std::string_view token, std::string_view text,
                          const std::optional<Trust>& trust) {
  const Result<JwsReceipt> receipt = read_jws_receipt(text);
  if (!receipt && receipt.error().code == Code::kUnsupported) {
    return not_decided({}, "the receipt: " + receipt.error().message);
  }
  if (!receipt) {
    return not_proven({}, "the receipt does not read: " + receipt.error().message);
  }
  Report report = verify_receipt(token, receipt->proof, trust);
  const Result<TlogProof> proof = parse_proof(receipt->proof);
  const Result<TreeHead> head = proof ? read_checkpoint(proof->checkpoint) : fail(proof.error());
  if (report.verdict == Verdict::kBad || !head) {
    return report;
  }
  if (const std::string found = difference(*receipt, token, *proof, *head); !found.empty()) {
    return not_proven(report, found);
  }
  if (!trust) {
    return report;
  }
  const PublicKey* key = trust->token_keys.find(receipt->jws.kid);
  if (key == nullptr) {
    return doubtful(report,
                    "the trust file has no token key with kid \"" + receipt->jws.kid + "\"");
  }
  const Status signature = jose::verify(receipt->jws, *key, {"ES256"});
  if (!signature && signature.error().code == Code::kUndecidable) {
    return doubtful(report, "the receipt: " + signature.error().message);
  }
  return signature ? report : not_proven(report, "the receipt: " + signature.error().message);
}

}  // namespace pawl::ledger
