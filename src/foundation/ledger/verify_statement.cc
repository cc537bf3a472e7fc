#include "foundation/ledger/verify_statement.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "foundation/ledger/cose_receipt.h"
#include "foundation/ledger/inclusion_root.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/token_check.h"

namespace pawl::ledger {
namespace {

// What is false is told at once; what cannot be decided, when nothing is false.
class Judge {
 public:
  Report& report() { return report_; }
  bool is_bad() const { return report_.verdict == Verdict::kBad; }

  void bad(std::string what) {
    if (!is_bad()) {
      report_.verdict = Verdict::kBad;
      report_.first_bad = std::move(what);
      report_.reason = "not proven: " + report_.first_bad;
    }
  }
  void doubt(const std::string& why) {
    if (report_.reason.empty()) {
      report_.reason = "cannot decide: " + why;
    }
  }
  // A signature, or what else tells bad from undecidable.
  void take(const std::string& where, const Status& found) {
    if (!found && found.error().code == Code::kUndecidable) {
      doubt(where + ": " + found.error().message);
    } else if (!found) {
      bad(where + ": " + found.error().message);
    }
  }

 private:
  Report report_;
};

void judge_record(Judge& judge, const Statement& statement, const Trust* trust) {
  const TokenCheck check = check_token(statement.entry, std::nullopt, trust);
  if (check.what == TokenCheck::What::kBad) {
    judge.bad("the record: " + check.reason);
    return;
  }
  if (statement.issuer != check.iss || statement.subject != statement_subject(check.id)) {
    judge.bad("the statement is about " + statement.subject + " of " + statement.issuer +
              ", and the record in it is " + check.id + " of " + check.iss);
  }
  if (check.what == TokenCheck::What::kUnknown && trust != nullptr) {
    judge.doubt("the record: " + check.reason);
  }
  judge.report().tokens_verified = check.verified ? 1 : 0;
  if (!check.outcome.empty()) {
    judge.report().outcomes[check.outcome] = 1;
  }
}

void judge_signer(Judge& judge, const Statement& statement, const Trust& trust) {
  const PublicKey* key = trust.token_keys.find(statement.message.kid);
  if (key == nullptr) {
    judge.doubt("the trust file has no token key with kid \"" + statement.message.kid + "\"");
    return;
  }
  judge.take("the statement", cose::verify(statement.message, *key, {"ES256"}));
}

void judge_receipt(Judge& judge, const Statement& statement, const CoseReceipt& receipt,
                   const VerifierKey& log, const Trust& trust) {
  const InclusionProof& proof = receipt.proof;
  const std::string entry = "entry " + std::to_string(proof.index);
  const std::optional<Digest> root =
      inclusion_root(hash_leaf(statement.entry), proof.index, proof.size, proof.path);
  if (!root) {
    judge.bad(entry + ": the path does not fit a tree of " + std::to_string(proof.size));
    return;
  }
  // The root alone does not tell them: one path leads to it from several places in several trees.
  if (receipt.signed_size != proof.size || receipt.signed_index != proof.index) {
    judge.bad(entry + ": the log signed another size or index than the proof has");
  }
  if (receipt.subject != statement.subject) {
    judge.bad("the receipt is about " + receipt.subject + ", the statement about " +
              statement.subject);
  }
  judge.take("the receipt",
             cose::verify(receipt.message, log.key, {"EdDSA"}, {.payload = view(*root)}));
  if (!trust.pinned_root.empty() && proof.size == trust.pinned_size &&
      base64_encode(view(*root)) != trust.pinned_root) {
    judge.bad("the receipt: another root was pinned for size " + std::to_string(proof.size));
  }
  judge.report().entries = 1;
  judge.report().size = proof.size;
}

// Of all receipts those of the trusted log, each of which must hold.
void judge_receipts(Judge& judge, const Statement& statement, const Trust& trust) {
  const Result<VerifierKey> log = VerifierKey::parse(trust.log_vkey);
  if (!log) {
    judge.doubt("the trust file's log key: " + log.error().message);
    return;
  }
  const CoseReceipt* found = nullptr;
  for (const CoseReceipt& receipt : statement.receipts) {
    if (receipt.origin == log->name) {
      judge_receipt(judge, statement, receipt, *log, trust);
      found = &receipt;
    }
  }
  if (found == nullptr) {
    judge.doubt("no receipt is of the log " + log->name);
  } else if (!judge.is_bad() && judge.report().reason.empty()) {
    judge.report().verdict = Verdict::kGood;
    judge.report().reason = "entry " + std::to_string(found->proof.index) + " stands in the log " +
                            log->name + " of size " + std::to_string(found->proof.size);
  }
}

}  // namespace

Report verify_statement(std::string_view bytes, const std::optional<Trust>& trust) {
  Judge judge;
  const Result<Statement> statement = read_statement(bytes);
  if (!statement) {
    judge.bad(statement.error().message);
    return judge.report();
  }
  judge_record(judge, *statement, trust ? &*trust : nullptr);
  if (!trust) {
    judge.doubt(
        "who signed the statement and its receipt needs keys that you trust: pin them with "
        "`pawl trust pin`, and verify with --trust FILE");
    return judge.report();
  }
  judge_signer(judge, *statement, *trust);
  judge_receipts(judge, *statement, *trust);
  return judge.report();
}

Result<std::string> statement_origin(std::string_view bytes) {
  const Result<Statement> statement = read_statement(bytes);
  if (!statement || statement->receipts.empty()) {
    return fail(Code::kNotFound, "no receipt");
  }
  return statement->receipts.front().origin;
}

}  // namespace pawl::ledger
