#include "foundation/ledger/cose_receipt.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "foundation/ect/ect.h"
#include "foundation/ledger/inclusion_root.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/verify_statement.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kOrigin = "example.org/pawl/n1";

// A log of seven entries in which one is a record.
struct Log {
  Log() {
    ect::Claims claims;
    claims.iss = "spiffe://example.org/pawl/n1";
    claims.aud = {"spiffe://example.org/pawl/n1/ledger"};
    claims.iat = 1'772'064'150;
    claims.exp = claims.iat + 600;
    claims.jti = *Uuid::parse("019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e5f");
    claims.exec_act = "tool.call";
    entry = *ect::issue(key, "k1", claims);
    for (std::uint64_t i = 0; i < 7; ++i) {
      leaves.push_back(hash_leaf(i == 3 ? entry : "entry " + std::to_string(i)));
    }
    const std::string jwk = key.public_key().to_jwk();
    trust.token_keys = *jose::JwkSet::parse(R"({"keys":[{"kid":"k1",)" + jwk.substr(1) + "]}");
    trust.log_vkey = *vkey_of(kOrigin, log_key.public_key());
    receipt_draft = {std::string(kOrigin), subject, 7, 3, path(), root_of(leaves)};
    statement_draft = {claims.iss, subject, "k1", entry, {}};
  }
  // Of leaf 3 in a tree of seven: its sibling, the pair before it, the three behind.
  Proof path() const {
    return {leaves[2], hash_children(leaves[0], leaves[1]),
            hash_children(hash_children(leaves[4], leaves[5]), leaves[6])};
  }
  std::string statement() {
    statement_draft.receipts.push_back(*make_cose_receipt(log_key, receipt_draft));
    return *make_statement(key, statement_draft);
  }

  SigningKey key = *SigningKey::generate(KeyKind::kP256);
  SigningKey log_key = *SigningKey::generate(KeyKind::kEd25519);
  std::string entry;
  std::vector<Digest> leaves;
  Trust trust;
  std::string subject = statement_subject("019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e5f");
  ReceiptDraft receipt_draft;
  StatementDraft statement_draft;
};

TEST(CoseReceipt, AStatementReadsBack) {
  Log log;
  const std::string bytes = log.statement();
  EXPECT_TRUE(looks_like_statement(bytes));
  EXPECT_EQ(statement_origin(bytes), std::string(kOrigin));
  const Result<Statement> statement = read_statement(bytes);
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->entry, log.entry);
  EXPECT_EQ(statement->subject, "urn:uuid:019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e5f");
  ASSERT_EQ(statement->receipts.size(), 1U);
  const CoseReceipt& receipt = statement->receipts.front();
  EXPECT_EQ(receipt.origin, kOrigin);
  EXPECT_EQ(receipt.message.kid, log.log_key.public_key().thumbprint());
  EXPECT_EQ(receipt.signed_size, 7U);
  EXPECT_EQ(receipt.signed_index, 3U);
  EXPECT_EQ(receipt.proof.size, 7U);
  EXPECT_EQ(receipt.proof.index, 3U);
  EXPECT_EQ(inclusion_root(hash_leaf(log.entry), 3, 7, receipt.proof.path), root_of(log.leaves));
}

TEST(CoseReceipt, IsProvenGood) {
  Log log;
  const Report report = verify_statement(log.statement(), log.trust);
  EXPECT_EQ(report.verdict, Verdict::kGood) << report.reason;
  EXPECT_EQ(report.reason, "entry 3 stands in the log example.org/pawl/n1 of size 7");
  EXPECT_EQ(report.tokens_verified, 1U);
  EXPECT_EQ(report.size, 7U);
}

TEST(CoseReceipt, NoBitCanChange) {
  Log log;
  const std::string bytes = log.statement();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string altered = bytes;
    altered[at] = static_cast<char>(altered[at] ^ (1 << at % 8));
    EXPECT_NE(verify_statement(altered, log.trust).verdict, Verdict::kGood) << at;
  }
}

// The same path leads to the same root from another size, which nobody signed.
TEST(CoseReceipt, SizeAndIndexAreThoseThatWereSigned) {
  Log log;
  const std::string bytes = *make_cose_receipt(log.log_key, log.receipt_draft);
  cbor::Item item = *cbor::read(bytes);
  const std::string proof = *cbor::write(cbor::Value{
      cbor::Array{cbor::integer(8), cbor::integer(3),
                  cbor::Value{cbor::Array{
                      cbor::Value{cbor::Bytes{std::string(view(log.receipt_draft.path[0]))}},
                      cbor::Value{cbor::Bytes{std::string(view(log.receipt_draft.path[1]))}},
                      cbor::Value{cbor::Bytes{std::string(view(log.receipt_draft.path[2]))}}}}}});
  cbor::Array parts = *item.value.get<cbor::Array>();
  parts[1] = cbor::Value{cbor::Map{
      {cbor::Value{std::int64_t{396}},
       cbor::Value{cbor::Map{{cbor::Value{std::int64_t{-1}},
                              cbor::Value{cbor::Array{cbor::Value{cbor::Bytes{proof}}}}}}}}}};
  item.value = cbor::Value{parts};
  log.statement_draft.receipts.push_back(*cbor::write(item));
  const Report report = verify_statement(*make_statement(log.key, log.statement_draft), log.trust);
  EXPECT_EQ(report.verdict, Verdict::kBad);
  EXPECT_NE(report.reason.find("another size or index"), std::string::npos) << report.reason;
}

struct Row {
  std::string what;
  std::function<void(Log&)> change;
  Verdict verdict;
  std::string reason;
};

TEST(CoseReceipt, TheTable) {
  const Row rows[] = {
      {"another root", [](Log& log) { log.receipt_draft.root[0] ^= 1; }, Verdict::kBad,
       "the receipt: COSE: the signature"},
      {"another index", [](Log& log) { log.receipt_draft.index = 2; }, Verdict::kBad,
       "the receipt: COSE: the signature"},
      {"an index behind the tree", [](Log& log) { log.receipt_draft.index = 7; }, Verdict::kBad,
       "does not fit"},
      {"a path that is too short", [](Log& log) { log.receipt_draft.path.pop_back(); },
       Verdict::kBad, "does not fit"},
      {"another entry", [](Log& log) { log.statement_draft.entry = log.entry + " "; },
       Verdict::kBad, "the record:"},
      {"a receipt for another subject", [](Log& log) { log.receipt_draft.subject = "urn:x:y"; },
       Verdict::kBad, "the receipt is about"},
      {"a statement about another subject",
       [](Log& log) { log.statement_draft.subject = log.receipt_draft.subject = "urn:x:y"; },
       Verdict::kBad, "the statement is about"},
      {"another issuer", [](Log& log) { log.statement_draft.issuer = "spiffe://evil.example/x"; },
       Verdict::kBad, "the statement is about"},
      {"a log key that is not trusted",
       [](Log& log) { log.log_key = *SigningKey::generate(KeyKind::kEd25519); }, Verdict::kBad,
       "the receipt: COSE: the signature"},
      {"a receipt by a key of another kind",
       [](Log& log) { log.log_key = *SigningKey::generate(KeyKind::kP256); }, Verdict::kBad,
       "alg ES256 is not allowed"},
      {"a receipt of another log", [](Log& log) { log.receipt_draft.origin = "other.example/n"; },
       Verdict::kUnknown, "no receipt is of the log"},
      {"a statement by a key that is not trusted",
       [](Log& log) { log.key = *SigningKey::generate(KeyKind::kP256); }, Verdict::kBad,
       "the statement: COSE: the signature"},
      {"a statement by an unknown kid", [](Log& log) { log.statement_draft.kid = "k2"; },
       Verdict::kUnknown, "no token key with kid \"k2\""},
      {"another root is pinned",
       [](Log& log) {
         log.trust.pinned_size = 7;
         log.trust.pinned_root = base64_encode(std::string(32, 'x'));
       },
       Verdict::kBad, "another root was pinned"},
      {"a pin of another size",
       [](Log& log) {
         log.trust.pinned_size = 6;
         log.trust.pinned_root = base64_encode(std::string(32, 'x'));
       },
       Verdict::kGood, "stands in the log"},
      {"a second receipt, of another log",
       [](Log& log) {
         ReceiptDraft other = log.receipt_draft;
         other.origin = "other.example/n";
         log.statement_draft.receipts.push_back(
             *make_cose_receipt(*SigningKey::generate(KeyKind::kEd25519), other));
       },
       Verdict::kGood, "stands in the log"},
      {"a second receipt of this log, and false",
       [](Log& log) {
         log.statement_draft.receipts.push_back(
             *make_cose_receipt(*SigningKey::generate(KeyKind::kEd25519), log.receipt_draft));
       },
       Verdict::kBad, "the receipt: COSE: the signature"},
  };
  for (const Row& row : rows) {
    Log log;
    row.change(log);
    const Report report = verify_statement(log.statement(), log.trust);
    EXPECT_EQ(report.verdict, row.verdict) << row.what << ": " << report.reason;
    EXPECT_NE(report.reason.find(row.reason), std::string::npos) << row.what << report.reason;
    // Without keys nothing is good; what contradicts itself is bad all the same.
    EXPECT_NE(verify_statement(log.statement(), std::nullopt).verdict, Verdict::kGood) << row.what;
  }
}

// RFC 9943, figure 3, and RFC 9052, 3.1: it is optional, and the payload tells what it is.
TEST(CoseReceipt, AStatementMayLeaveOutItsContentTypeAndHaveNoOther) {
  struct Case {
    const char* what;
    std::optional<cbor::Value> type;
    bool is_protected;
    Verdict verdict;
  };
  const Case cases[] = {
      {"none", std::nullopt, true, Verdict::kGood},
      {"its own", cbor::Value{std::string("application/exec+jwt")}, true, Verdict::kGood},
      {"another", cbor::Value{std::string("text/plain")}, true, Verdict::kBad},
      {"a number", cbor::Value{std::int64_t{50}}, true, Verdict::kBad},
      {"another, which nobody signed", cbor::Value{std::string("text/plain")}, false,
       Verdict::kGood},
  };
  for (const Case& c : cases) {
    Log log;
    cose::Draft draft;
    draft.protected_header = {
        {cbor::Value{cose::kCwtClaims},
         cbor::Value{
             cbor::Map{{cbor::Value{std::int64_t{1}}, cbor::Value{log.statement_draft.issuer}},
                       {cbor::Value{std::int64_t{2}}, cbor::Value{log.subject}}}}}};
    draft.unprotected_header = {{cbor::Value{std::int64_t{394}},
                                 cbor::Value{cbor::Array{cbor::Value{cbor::Bytes{
                                     *make_cose_receipt(log.log_key, log.receipt_draft)}}}}}};
    if (c.type) {
      (c.is_protected ? draft.protected_header : draft.unprotected_header)
          .push_back({cbor::Value{cose::kContentType}, *c.type});
    }
    draft.kid = "k1";
    draft.payload = log.entry;
    const Report report = verify_statement(*cose::sign(log.key, draft), log.trust);
    EXPECT_EQ(report.verdict, c.verdict) << c.what << ": " << report.reason;
  }
}

TEST(CoseReceipt, WithoutOneNothingIsDecided) {
  Log log;
  log.statement_draft.receipts.clear();
  cose::Draft bare;
  bare.protected_header = {
      {cbor::Value{cose::kCwtClaims},
       cbor::Value{
           cbor::Map{{cbor::Value{std::int64_t{1}}, cbor::Value{log.statement_draft.issuer}},
                     {cbor::Value{std::int64_t{2}}, cbor::Value{log.subject}}}}}};
  bare.kid = "k1";
  bare.payload = log.entry;
  const std::string bytes = *cose::sign(log.key, bare);
  EXPECT_TRUE(looks_like_statement(bytes));
  const Report report = verify_statement(bytes, log.trust);
  EXPECT_EQ(report.verdict, Verdict::kUnknown) << report.reason;
  EXPECT_NE(report.reason.find("no receipt"), std::string::npos) << report.reason;
  EXPECT_FALSE(statement_origin(bytes));
}

}  // namespace
}  // namespace pawl::ledger
