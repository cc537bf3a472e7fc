// COSE Receipts (RFC 9942) and the signed statement (RFC 9943) that carries a record with one.
//
// Purpose:    a record for readers of SCITT: a COSE_Sign1 whose payload is the ledger's entry, and
// in
//             its header the log's signature over the root to which the entry's inclusion proof
//             leads (docs/formats/cose_receipt.md).
// Threading:  pure functions over immutable keys.
// Errors:     kMalformed (which part); of making: what the keys say.
// Not errors: receipts of other logs, or of another data structure: they are left out. Nothing is
//             verified here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/cose/sign1.h"
#include "foundation/ledger/merkle.h"

namespace pawl::ledger {

// What a receipt signs, and for whom.
struct ReceiptDraft {
  std::string origin{};  // the log
  std::string subject{};
  std::uint64_t size = 0, index = 0;
  Proof path{};
  Digest root{};
};
// The log's key signs the root.
Result<std::string> make_cose_receipt(const SigningKey& log_key, const ReceiptDraft& draft);

// The same of a record's tlog-proof; kMalformed: which does not read.
Result<ReceiptDraft> receipt_draft(std::string_view proof_text, std::string_view id);

struct StatementDraft {
  std::string issuer{}, subject{};
  std::string kid{};
  std::string entry{};  // exact bytes
  std::vector<std::string> receipts{};
};
Result<std::string> make_statement(const SigningKey& key, const StatementDraft& draft);
// The content type of a statement that carries this entry: `application/` and the typ of its
// header.
std::string entry_media_type(std::string_view entry);
// "urn:uuid:" and the record's id.
std::string statement_subject(std::string_view id);

struct InclusionProof {
  std::uint64_t size = 0, index = 0;
  Proof path{};
};
struct CoseReceipt {
  cose::Sign1 message{};
  std::string origin{}, subject{};
  // Of our own logs signed beside the root, which alone binds neither; nullopt: absent.
  std::optional<std::uint64_t> signed_size{}, signed_index{};
  InclusionProof proof{};
};
struct Statement {
  cose::Sign1 message{};
  std::string issuer{}, subject{}, entry{};
  std::vector<CoseReceipt> receipts{};  // of RFC9162_SHA256, with one inclusion proof
};
Result<Statement> read_statement(std::string_view bytes);

// A COSE_Sign1 that has the claims or the receipts of a statement in its headers; a token in CBOR
// form has neither.
bool looks_like_statement(std::string_view bytes);

}  // namespace pawl::ledger
