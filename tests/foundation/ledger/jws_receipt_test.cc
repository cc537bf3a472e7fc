#include "foundation/ledger/jws_receipt.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "base/files.h"
#include "foundation/ect/ect.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/ledger/verify_jws_receipt.h"
#include "foundation/records/names.h"
#include "tests/support/source_dir.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kOrigin = "example.org/pawl/n1";

std::string record(const SigningKey& key, std::string_view id) {
  ect::Claims claims;
  claims.iss = "spiffe://example.org/pawl/n1";
  claims.aud = {"spiffe://example.org/pawl/n1/ledger"};
  claims.iat = 1'772'064'150;
  claims.exp = claims.iat + 600;
  claims.jti = *Uuid::parse(id);
  claims.exec_act = "tool.call";
  return *ect::issue(key, "k1", claims);
}

// A log of two entries, both records; receipts are about the first.
struct Log {
  Log() {
    TlogProof text{"", 0, {hash_leaf(other)}, ""};
    const TreeHead head{
        std::string(kOrigin), 2, hash_children(hash_leaf(entry), hash_leaf(other)), {}};
    text.checkpoint = *NoteSigner::make(std::string(kOrigin), log_key)->sign(print_head(head));
    proof = print_proof(text);
    trust.token_keys = *jose::JwkSet::parse(R"({"keys":[{"kid":"k1",)" +
                                            key.public_key().to_jwk().substr(1) + "]}");
    trust.log_vkey = *vkey_of(kOrigin, log_key.public_key());
    payload = json::parse(jose::decode(receipt())->payload_text)->value.as_object();
  }
  std::string receipt() const { return *make_jws_receipt(key, {"k1", entry, proof}); }
  // With what the test changed, signed by whom it says.
  std::string changed() const {
    return *jose::sign(signer ? *signer : key, typ, kid, json::print(payload));
  }

  SigningKey key = *SigningKey::generate(KeyKind::kP256);
  SigningKey log_key = *SigningKey::generate(KeyKind::kEd25519);
  std::string entry = record(key, "019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e5f");
  std::string other = record(key, "019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e60");
  std::string proof;
  Trust trust;
  json::Object payload;
  std::string typ{names::kTypReceipt}, kid = "k1";
  std::optional<SigningKey> signer;
};

TEST(JwsReceipt, SaysWhatStandsWhere) {
  const Log log;
  const std::string text = log.receipt();
  EXPECT_TRUE(looks_like_jws_receipt(text));
  const Result<JwsReceipt> receipt = read_jws_receipt(text);
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->iss, "spiffe://example.org/pawl/n1");
  EXPECT_EQ(receipt->jti, "019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e5f");
  EXPECT_EQ(receipt->ledger, kOrigin);
  EXPECT_EQ(receipt->seq, 0U);
  EXPECT_EQ(receipt->recorded_at, 1'772'064'150);
  EXPECT_EQ(receipt->entry_hash, base64url_encode(view(sha256(log.entry))));
  EXPECT_EQ(receipt->proof, log.proof);
  const Report report = verify_jws_receipt(log.entry, text, log.trust);
  EXPECT_EQ(report.verdict, Verdict::kGood) << report.reason;
  EXPECT_EQ(report.reason, "entry 0 stands in the log example.org/pawl/n1 of size 2");
}

// An index that names another entry, as after a switch of the log, makes no receipt.
TEST(JwsReceipt, IsNotMadeOfAProofOfAnotherEntry) {
  const Log log;
  for (const auto& [entry, proof, code] :
       {std::tuple{log.other, log.proof, Code::kConflict},
        std::tuple{std::string("no record"), log.proof, Code::kMalformed},
        std::tuple{log.entry, std::string("no proof"), Code::kMalformed}}) {
    const Result<std::string> made = make_jws_receipt(log.key, {"k1", entry, proof});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, code) << made.error().message;
  }
}

TEST(JwsReceipt, NoBitCanChange) {
  const Log log;
  const std::string text = log.receipt();
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string altered = text;
    altered[at] = static_cast<char>(altered[at] ^ (1 << at % 7));
    EXPECT_NE(verify_jws_receipt(log.entry, altered, log.trust).verdict, Verdict::kGood) << at;
  }
}

struct Row {
  std::string what;
  std::function<void(Log&)> change;
  Verdict verdict;
  std::string reason;
};

TEST(JwsReceipt, TheTable) {
  const auto with = [](std::string_view member, json::Value value) {
    return [member, value](Log& log) { log.payload[member] = value; };
  };
  const auto without = [](std::string_view member) {
    return [member](Log& log) { log.payload.erase(member); };
  };
  const Row rows[] = {
      {"nothing changed", [](Log&) {}, Verdict::kGood, "stands in the log"},
      {"a member of others", with("x", "y"), Verdict::kGood, "stands in the log"},
      {"another type", [](Log& log) { log.typ = "JWT"; }, Verdict::kBad, "its type is \"JWT\""},
      {"another version", with(names::kExtProfile, "urn:pawl:profile:2"), Verdict::kUnknown,
       "its pawl.profile is \"urn:pawl:profile:2\""},
      {"another hash", with(names::kRcptEntry, "AAAA"), Verdict::kBad, "the entry with the hash"},
      {"another record", with(names::kClaimJti, "019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e60"),
       Verdict::kBad, "the receipt is about the record"},
      {"another issuer", with(names::kClaimIss, "spiffe://evil.example/x"), Verdict::kBad,
       "the receipt is about the record"},
      {"another log", with(names::kRcptLedger, "other.example/n"), Verdict::kBad, "the log"},
      {"another index", with(names::kRcptSeq, 1), Verdict::kBad, "the index 1"},
      {"another time", with(names::kRcptAt, 1), Verdict::kBad, "the time 1"},
      {"no index", without(names::kRcptSeq), Verdict::kBad, "has no seq"},
      {"a negative index", with(names::kRcptSeq, -1), Verdict::kBad, "has no seq"},
      {"an index that is a text", with(names::kRcptSeq, "0"), Verdict::kBad, "has no seq"},
      {"no proof", without(names::kRcptProof), Verdict::kBad, "has no tlog_proof"},
      {"a proof that does not read", with(names::kRcptProof, "x"), Verdict::kBad,
       "the proof does not parse"},
      {"a key that is not trusted",
       [](Log& log) { log.signer = *SigningKey::generate(KeyKind::kP256); }, Verdict::kBad,
       "the receipt:"},
      {"the log's key", [](Log& log) { log.signer = *SigningKey::generate(KeyKind::kEd25519); },
       Verdict::kBad, "the receipt:"},
      {"an unknown kid", [](Log& log) { log.kid = "k2"; }, Verdict::kUnknown,
       "no token key with kid \"k2\""},
      {"a log key that is not trusted",
       [](Log& log) {
         log.trust.log_vkey =
             *vkey_of(kOrigin, SigningKey::generate(KeyKind::kEd25519)->public_key());
       },
       Verdict::kBad, "checkpoint of size 2"},
  };
  for (const Row& row : rows) {
    Log log;
    row.change(log);
    const std::string text = log.changed();
    const Report report = verify_jws_receipt(log.entry, text, log.trust);
    EXPECT_EQ(report.verdict, row.verdict) << row.what << ": " << report.reason;
    EXPECT_NE(report.reason.find(row.reason), std::string::npos)
        << row.what << ": " << report.reason;
    EXPECT_NE(verify_jws_receipt(log.entry, text, std::nullopt).verdict, Verdict::kGood)
        << row.what;
  }
  const Log log;
  EXPECT_EQ(verify_jws_receipt(log.other, log.receipt(), log.trust).verdict, Verdict::kBad);
}

TEST(JwsReceipt, OtherTokensDoNotLookLikeOne) {
  const Log log;
  for (const std::string_view text :
       {std::string_view(log.entry), std::string_view(log.proof), std::string_view(),
        std::string_view("."), std::string_view("e30.e30."), std::string_view("!!.e30.x")}) {
    EXPECT_FALSE(looks_like_jws_receipt(text)) << text;
  }
}

// Made by another implementation (Node's crypto) from the page.
TEST(JwsReceipt, TheVectorOfThePageIsGood) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/jws_receipt.json");
  ASSERT_TRUE(text) << text.error().message;
  const json::Value vector = json::parse(*text)->value;
  const Result<Trust> trust = parse_trust(json::print(*json::find(vector, {"trust"})));
  ASSERT_TRUE(trust) << trust.error().message;
  const Report report = verify_jws_receipt(*json::find_string(vector, {"entry"}),
                                           *json::find_string(vector, {"receipt"}), *trust);
  EXPECT_EQ(report.verdict, Verdict::kGood) << report.reason;
  EXPECT_EQ(report.reason, "entry 1 stands in the log example.org/pawl/n1 of size 2");
}

}  // namespace
}  // namespace pawl::ledger
