#include "foundation/signer/signable.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "foundation/cose/sign1.h"
#include "foundation/ect/ect.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/cose_receipt.h"
#include "foundation/ledger/jws_receipt.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/snapshot.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/records/names.h"

namespace pawl::signer {
namespace {

constexpr std::int64_t kNow = 1'772'064'150;
const std::string kIssuer = "spiffe://example.org/pawl/n1";
const std::string kOrigin = "example.org/pawl/n1";

// What a key is asked to sign; it signs nothing.
std::string input_of(const std::string& token) {
  return token.substr(0, token.rfind('.'));
}
Digest root_of(char c) {
  Digest root{};
  root.fill(static_cast<std::uint8_t>(c));
  return root;
}
std::string head(std::uint64_t size, char root, const std::string& origin = kOrigin) {
  return ledger::print_head({origin, size, root_of(root), {}});
}

struct Rig {
  Rig() {
    claims.iss = kIssuer;
    claims.aud = {kIssuer + "/ledger"};
    claims.iat = kNow;
    claims.exp = kNow + 600;
    claims.jti = *Uuid::parse("019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e5f");
    claims.exec_act = "tool.call";
    claims.ext[names::kExtProfile] = names::kProfileUri;
  }
  std::string token() const { return *ect::issue(key, kid, claims); }
  Status sign_record(const std::string& message) const {
    return signable.record(message, WallTime{now_s * 1'000'000});
  }
  // Of a log of this one entry.
  std::string proof(const std::string& entry, const SigningKey& log) const {
    const std::string note =
        *ledger::NoteSigner::make(kOrigin, log)
             ->sign(ledger::print_head({kOrigin, 1, ledger::hash_leaf(entry), {}}));
    return ledger::print_proof({"", 0, {}, note});
  }

  SigningKey key = *SigningKey::generate(KeyKind::kP256);
  SigningKey log_key = *SigningKey::generate(KeyKind::kEd25519);
  std::string kid = "k1";
  ect::Claims claims;
  std::int64_t now_s = kNow;
  Signable signable{{kIssuer, kOrigin, "k1", key.public_key(), log_key.public_key()}};
};

TEST(Signable, TheTableOfRecords) {
  const struct {
    const char* what;
    std::function<void(Rig&)> change;
    const char* refused;  // empty: signed
  } rows[] = {
      {"a record", [](Rig&) {}, ""},
      {"of another issuer", [](Rig& rig) { rig.claims.iss = "spiffe://evil.example/x"; },
       "expected spiffe://example.org/pawl/n1"},
      {"of an unknown kind", [](Rig& rig) { rig.claims.exec_act = "tool.invented"; },
       "is no kind of record"},
      {"without the profile", [](Rig& rig) { rig.claims.ext.clear(); }, "is no kind of record"},
      {"of another profile",
       [](Rig& rig) { rig.claims.ext[names::kExtProfile] = "urn:pawl:profile:2"; },
       "is no kind of record"},
      {"for another key", [](Rig& rig) { rig.kid = "k2"; }, "a token for the key \"k2\""},
      {"300 s ahead", [](Rig& rig) { rig.now_s -= 300; }, ""},
      {"301 s ahead", [](Rig& rig) { rig.now_s -= 301; }, "301 s off"},
      {"300 s old", [](Rig& rig) { rig.now_s += 300; }, ""},
      {"301 s old", [](Rig& rig) { rig.now_s += 301; }, "-301 s off"},
  };
  for (const auto& row : rows) {
    Rig rig;
    row.change(rig);
    const Status signed_ = rig.sign_record(input_of(rig.token()));
    EXPECT_EQ(signed_.has_value(), *row.refused == '\0') << row.what;
    if (!signed_) {
      EXPECT_EQ(signed_.error().code, Code::kForbidden) << row.what;
      EXPECT_NE(signed_.error().message.find(row.refused), std::string::npos)
          << row.what << ": " << signed_.error().message;
    }
  }
}

TEST(Signable, ArbitraryTextsAreNotSigned) {
  Rig rig;
  const std::string other_type = *jose::sign(rig.key, "JWT", "k1", R"({"sub":"admin"})");
  const std::string no_claims = *jose::sign(rig.key, names::kTypEct01, "k1", R"({"iss":"x"})");
  const std::string ed = *jose::sign(rig.log_key, names::kTypEct01, "k1", "{}");
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("a.b"), input_of(other_type),
        input_of(no_claims), input_of(ed), rig.token(), head(1, 'a'), std::string(1 << 20, 'x')}) {
    EXPECT_FALSE(rig.sign_record(text)) << text.substr(0, 80);
  }
  for (const std::string& text :
       {std::string(), std::string("x"), input_of(rig.token()), kOrigin + "\n1\n",
        head(1, 'a') + "more\n", head(1, 'a', "other.example/pawl/n1"),
        head(1, 'a', "example.org/pawl/n1/x")}) {
    EXPECT_FALSE(rig.signable.checkpoint(text)) << text.substr(0, 80);
  }
  EXPECT_TRUE(rig.signable.heads().empty());
}

TEST(Signable, ALogGoesOnFromWhatWasSigned) {
  Rig rig;
  Signable& signable = rig.signable;
  EXPECT_TRUE(signable.checkpoint(head(3, 'a')));
  EXPECT_TRUE(signable.checkpoint(head(3, 'a')));
  EXPECT_TRUE(signable.checkpoint(head(5, 'b')));
  const Status fork = signable.checkpoint(head(5, 'c'));
  ASSERT_FALSE(fork);
  EXPECT_NE(fork.error().message.find("does not go on from"), std::string::npos);
  EXPECT_FALSE(signable.checkpoint(head(4, 'b')));
  EXPECT_TRUE(signable.checkpoint(head(1, 'c', kOrigin + "/2"))) << "the next log";
  EXPECT_TRUE(signable.checkpoint(head(6, 'd')));
  EXPECT_EQ(signable.heads().at(kOrigin).size, 6u);

  Rig later;
  for (const auto& [origin, last] : signable.heads()) {
    later.signable.remember(origin, last);
  }
  EXPECT_FALSE(later.signable.checkpoint(head(6, 'e')));
  EXPECT_TRUE(later.signable.checkpoint(head(7, 'e')));
}

TEST(Signable, LogsFollowEachOtherUnderOneNameEach) {
  Rig rig;
  Signable& signable = rig.signable;
  ASSERT_TRUE(signable.checkpoint(head(3, 'a')));
  for (const char* name : {"/3", "/02", "/000002", "/1", "/0", "/18446744073709551615"}) {
    EXPECT_FALSE(signable.checkpoint(head(1, 'c', kOrigin + name))) << name;
  }
  EXPECT_TRUE(signable.checkpoint(head(1, 'c', kOrigin + "/2")));
  EXPECT_TRUE(signable.checkpoint(head(1, 'd', kOrigin + "/3")));
  EXPECT_TRUE(signable.checkpoint(head(4, 'a'))) << "a renewal may have been interrupted";
  EXPECT_FALSE(signable.checkpoint(head(1, 'd', kOrigin + "/5")));

  Rig moved;  // keys that were files until now, of an instance that has renewed its log
  EXPECT_TRUE(moved.signable.checkpoint(head(9, 'a', kOrigin + "/7")));
  EXPECT_FALSE(moved.signable.checkpoint(head(9, 'a', kOrigin + "/6")));
  EXPECT_TRUE(moved.signable.checkpoint(head(1, 'a', kOrigin + "/8")));
}

TEST(Signable, ReceiptsInJwsFormAreOfTheOwnLog) {
  Rig rig;
  const std::string token = rig.token();
  const auto receipt = [&](const SigningKey& log) {
    return input_of(*ledger::make_jws_receipt(rig.key, {"k1", token, rig.proof(token, log)}));
  };
  rig.now_s += 1'000'000;  // they may be of old records
  EXPECT_TRUE(rig.sign_record(receipt(rig.log_key)));
  const SigningKey other = *SigningKey::generate(KeyKind::kEd25519);
  EXPECT_FALSE(rig.sign_record(receipt(other)));
}

// A COSE message's text to be signed: header and payload, without a signature.
std::string structure_of(const std::string& message) {
  const cose::Sign1 read = *cose::decode(message, cbor::Form::kAny, 1 << 20);
  return *cbor::write(cbor::Value{cbor::Array{
      cbor::Value{std::string("Signature1")}, cbor::Value{cbor::Bytes{read.protected_bytes}},
      cbor::Value{cbor::Bytes{""}}, cbor::Value{cbor::Bytes{read.payload.value_or("")}}}});
}

TEST(Signable, StatementsInCoseFormAreOverOwnRecords) {
  Rig rig;
  const auto statement = [&] {
    return structure_of(*ledger::make_statement(
        rig.key,
        {kIssuer, ledger::statement_subject(rig.claims.jti.text()), "k1", rig.token(), {}}));
  };
  EXPECT_TRUE(rig.sign_record(statement()));
  rig.claims.iss = "spiffe://evil.example/x";
  EXPECT_FALSE(rig.sign_record(statement()));
}

TEST(Signable, AStatementSaysWhatItsRecordSays) {
  const Rig rig;
  const std::string token = rig.token();
  const SigningKey other = *SigningKey::generate(KeyKind::kP256);
  const std::string subject = ledger::statement_subject(rig.claims.jti.text());
  const std::string forged = *ect::issue(other, "k1", rig.claims);
  const std::string unsigned_ = input_of(token) + ".AAAA";
  const std::string unknown_key = *ect::issue(other, "k9", rig.claims);
  const struct {
    const char* what;
    ledger::StatementDraft draft;
    const char* refused;  // empty: signed
  } rows[] = {
      {"as it is made", {kIssuer, subject, "k1", token, {}}, ""},
      {"another issuer", {"https://bank.example", subject, "k1", token, {}}, "header"},
      {"another subject", {kIssuer, "anything at all", "k1", token, {}}, "header"},
      {"another kid", {kIssuer, subject, "k2", token, {}}, "header"},
      {"no kid", {kIssuer, subject, "", token, {}}, "header"},
      {"a record of another key", {kIssuer, subject, "k1", forged, {}}, "did not sign"},
      {"a record without a signature", {kIssuer, subject, "k1", unsigned_, {}}, "did not sign"},
      {"a record of an unknown key", {kIssuer, subject, "k1", unknown_key, {}}, "\"k9\""},
  };
  for (const auto& row : rows) {
    const Status found = rig.sign_record(structure_of(*ledger::make_statement(rig.key, row.draft)));
    EXPECT_EQ(found.has_value(), *row.refused == '\0') << row.what;
    EXPECT_TRUE(found || found.error().message.find(row.refused) != std::string::npos)
        << row.what << ": " << found.error().message;
  }
}

TEST(Signable, AStatementMayBeOverARecordOfTheKeyBefore) {
  Rig rig;
  const SigningKey next = *SigningKey::generate(KeyKind::kP256);
  const std::string statement = structure_of(*ledger::make_statement(
      next, {kIssuer, ledger::statement_subject(rig.claims.jti.text()), "next", rig.token(), {}}));
  Signable::Instance instance{kIssuer, kOrigin, "next", next.public_key(), rig.log_key.public_key(),
                              {}};
  EXPECT_FALSE(Signable(instance).record(statement, WallTime{})) << "it does not know that key";
  instance.former_keys.emplace("k1", rig.key.public_key());
  EXPECT_TRUE(Signable(instance).record(statement, WallTime{}));
}

TEST(Signable, AStatementHasTheHeaderThatIsMadeAndNoOther) {
  const Rig rig;
  const std::string subject = ledger::statement_subject(rig.claims.jti.text());
  const cbor::Member claims = {
      cbor::Value{cose::kCwtClaims},
      cbor::Value{cbor::Map{{cbor::Value{std::int64_t{1}}, cbor::Value{kIssuer}},
                            {cbor::Value{std::int64_t{2}}, cbor::Value{subject}}}}};
  const auto asked = [&](cbor::Map header) {
    cose::Draft draft;
    draft.protected_header = std::move(header);
    draft.kid = "k1";
    draft.payload = rig.token();
    return rig.sign_record(structure_of(*cose::sign(rig.key, draft))).has_value();
  };
  const auto type = [](const char* name) {
    return cbor::Member{cbor::Value{cose::kContentType}, cbor::Value{std::string(name)}};
  };
  EXPECT_TRUE(asked({type("application/exec+jwt"), claims}));
  EXPECT_FALSE(asked({type("text/plain"), claims}));
  EXPECT_FALSE(asked({claims}));
  EXPECT_FALSE(asked({type("application/exec+jwt"),
                      claims,
                      {cbor::Value{cose::kTyp}, cbor::Value{std::string("x")}}}));
}

// It cannot see whether what is withheld stands in the record (docs/LIMITATIONS.md).
TEST(Signable, PartsOfRecordsAreNotSigned) {
  const Rig rig;
  const std::string shown = *jose::sign(rig.key, names::kTypDisclosure, "k1", "{}");
  EXPECT_FALSE(rig.sign_record(input_of(shown)));
}

TEST(Signable, ReceiptsInCoseFormAreOverHeadsThatWereSigned) {
  Rig rig;
  const auto receipt = [&](std::uint64_t size, char root, const std::string& origin = kOrigin) {
    const std::string made =
        *ledger::make_cose_receipt(rig.log_key, {origin, "urn:uuid:x", size, 0, {}, root_of(root)});
    const cose::Sign1 read = *cose::decode(made, cbor::Form::kAny);
    return *cbor::write(cbor::Value{cbor::Array{
        cbor::Value{std::string("Signature1")}, cbor::Value{cbor::Bytes{read.protected_bytes}},
        cbor::Value{cbor::Bytes{""}}, cbor::Value{cbor::Bytes{std::string(view(root_of(root)))}}}});
  };
  EXPECT_FALSE(rig.signable.checkpoint(receipt(3, 'a')));
  ASSERT_TRUE(rig.signable.checkpoint(head(3, 'a')));
  ASSERT_TRUE(rig.signable.checkpoint(head(5, 'b')));
  EXPECT_TRUE(rig.signable.checkpoint(receipt(3, 'a')));
  EXPECT_TRUE(rig.signable.checkpoint(receipt(5, 'b')));
  EXPECT_FALSE(rig.signable.checkpoint(receipt(5, 'a')));
  EXPECT_FALSE(rig.signable.checkpoint(receipt(4, 'a')));
  EXPECT_FALSE(rig.signable.checkpoint(receipt(5, 'b', "other.example/pawl/n1")));
}

TEST(Signable, SnapshotsAreOfNoMoreThanWasSigned) {
  Rig rig;
  const auto snapshot = [&](std::uint64_t size, char root) {
    ledger::SnapshotFile file;
    file.size = file.at.size = size;
    file.at.segment = file.bundle_from.segment = 1;
    file.root = root_of(root);
    file.state = "{}";
    const std::string note = *ledger::print_snapshot(
        file, *ledger::NoteSigner::make(kOrigin, *SigningKey::generate(KeyKind::kEd25519)));
    return note.substr(0, note.find("\n\n") + 1);
  };
  EXPECT_FALSE(rig.signable.checkpoint(snapshot(0, 'a'))) << "nothing was signed yet";
  ASSERT_TRUE(rig.signable.checkpoint(head(3, 'a')));
  ASSERT_TRUE(rig.signable.checkpoint(head(5, 'b')));
  EXPECT_TRUE(rig.signable.checkpoint(snapshot(3, 'a')));
  EXPECT_TRUE(rig.signable.checkpoint(snapshot(4, 'x'))) << "between two heads";
  EXPECT_FALSE(rig.signable.checkpoint(snapshot(3, 'b')));
  EXPECT_FALSE(rig.signable.checkpoint(snapshot(6, 'c')));
  EXPECT_FALSE(rig.signable.checkpoint("pawl.snapshot/1\n{}\n"));
  EXPECT_FALSE(rig.signable.checkpoint("pawl.snapshot/2\nanything\n"));
}

}  // namespace
}  // namespace pawl::signer
