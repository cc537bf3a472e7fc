#include "foundation/pkcs11/token_key.h"

#include <atomic>
#include <thread>
#include <vector>

#include "tests/foundation/pkcs11/soft_token.h"

namespace pawl {
namespace {

using testing::SoftToken;

PinReader pin(std::string value) {
  return [value = std::move(value)]() -> Result<std::string> { return value; };
}

Result<SigningKey> open(const std::string& uri, KeyKind kind,
                        PinReader reader = pin(SoftToken::kPin)) {
  const Result<Pkcs11Uri> parsed = Pkcs11Uri::parse(uri);
  return parsed ? open_token_key(*parsed, kind, std::move(reader)) : fail(parsed.error());
}

std::string said(const Result<SigningKey>& key) {
  return key ? "open" : std::string(code_name(key.error().code)) + ": " + key.error().message;
}

TEST(TokenKey, SignsWithWhatNeverLeavesTheToken) {
  const SoftToken token;
  token.make_key("EC:prime256v1", "record", "01");
  token.make_key("EC:edwards25519", "log", "02");
  const Result<SigningKey> record = open(SoftToken::uri("object=record"), KeyKind::kP256);
  const Result<SigningKey> log = open(SoftToken::uri("id=%02;type=private"), KeyKind::kEd25519);
  ASSERT_EQ(said(record), "open");
  ASSERT_EQ(said(log), "open");
  for (const std::string& text : {std::string(), std::string("text"), std::string(100'000, 'x')}) {
    const Result<std::string> es256 = record->sign(text);
    const Result<std::string> eddsa = log->sign(text);
    ASSERT_TRUE(es256 && eddsa);
    EXPECT_EQ(record->public_key().verify("ES256", text, *es256), Verdict3::kValid);
    EXPECT_EQ(log->public_key().verify("EdDSA", text, *eddsa), Verdict3::kValid);
  }
  const Result<SigningKey> again = open(SoftToken::uri("object=record"), KeyKind::kP256);
  EXPECT_EQ(again->public_key().thumbprint(), record->public_key().thumbprint());
}

TEST(TokenKey, WhatIsNotThereOrNotTheKindIsSaid) {
  const SoftToken token;
  token.make_key("EC:prime256v1", "record", "01");
  token.make_key("EC:edwards25519", "log", "02");
  token.make_key("EC:secp384r1", "p384", "03");
  token.make_key("rsa:2048", "rsa", "04");
  token.make_key("EC:prime256v1", "twin", "05");
  token.make_key("EC:prime256v1", "twin", "06");
  struct Case {
    std::string uri;
    KeyKind kind;
    const char* expected;
  };
  const Case cases[] = {
      {SoftToken::uri("object=record", "pawl", "/nothing.so"), KeyKind::kP256,
       "not_found: cannot load the PKCS #11 module /nothing.so"},
      {SoftToken::uri("object=record", "other"), KeyKind::kP256,
       "not_found: no such token is there; the module /usr/lib/softhsm/libsofthsm2.so has pawl"},
      {SoftToken::uri("object=gone"), KeyKind::kP256,
       "not_found: the token has no such private key"},
      {SoftToken::uri("object=twin"), KeyKind::kP256,
       "conflict: two private keys of the token fit"},
      {SoftToken::uri("object=twin;id=%06"), KeyKind::kP256, "open"},
      {SoftToken::uri("object=log"), KeyKind::kP256, "malformed: expected an EC key on P-256"},
      {SoftToken::uri("object=p384"), KeyKind::kP256, "malformed: expected an EC key on P-256"},
      {SoftToken::uri("object=rsa"), KeyKind::kP256, "malformed: expected an EC key on P-256"},
      {SoftToken::uri("object=record"), KeyKind::kEd25519, "malformed: expected an Ed25519 key"},
      {SoftToken::uri("object=rsa"), KeyKind::kEd25519, "malformed: expected an Ed25519 key"},
  };
  for (const Case& c : cases) {
    const std::string answer = said(open(c.uri, c.kind));
    EXPECT_TRUE(answer.starts_with(c.expected)) << answer << "\nexpected " << c.expected;
  }
}

// Tokens lock themselves after a few wrong PINs: one that was refused is not tried again.
TEST(TokenKey, ARefusedPinIsNotTriedAgainAndTheRightOneIs) {
  namespace fs = std::filesystem;
  const SoftToken token;
  token.make_key("EC:prime256v1", "record", "01");
  std::string used = SoftToken::kPin;
  const Result<SigningKey> key = open(SoftToken::uri("object=record"), KeyKind::kP256,
                                      [&]() -> Result<std::string> { return used; });
  ASSERT_EQ(said(key), "open");
  used = "999999";
  fs::rename(token.tokens(), token.folder() + "/away");  // the session goes with it
  fs::create_directory(token.tokens());
  Result<std::string> signature = key->sign("x");
  while (signature) {
    signature = key->sign("x");
  }
  fs::remove_all(token.tokens());
  fs::rename(token.folder() + "/away", token.tokens());
  while (signature.error().code != Code::kUnauthenticated) {  // until the module looks again
    std::this_thread::yield();
    signature = key->sign("x");
    ASSERT_FALSE(signature);
  }
  signature = key->sign("x");
  ASSERT_FALSE(signature);
  EXPECT_NE(signature.error().message.find("before, so it is not tried again"), std::string::npos)
      << signature.error().message;
  used = SoftToken::kPin;
  EXPECT_TRUE(key->sign("x"));
}

TEST(TokenKey, AWrongPinIsSaidOnceAndNamesItsPlaceAndNotItself) {
  const SoftToken token;
  token.make_key("EC:prime256v1", "record", "01");
  const std::string uri = SoftToken::uri("object=record");
  std::string used = "999999";
  int asked = 0;
  const PinReader reader = [&]() -> Result<std::string> {
    ++asked;
    return used;
  };
  const std::string first = said(open(uri, KeyKind::kP256, reader));
  EXPECT_TRUE(first.starts_with("unauthenticated: the token refuses the PIN of file:/pin"))
      << first;
  EXPECT_EQ(first.find("999999"), std::string::npos);
  EXPECT_EQ(asked, 1);
  used = SoftToken::kPin;
  EXPECT_EQ(said(open(uri, KeyKind::kP256, reader)), "open");
}

// Pulled out: nothing is signed. Put back: it signs again, and nobody restarted anything.
TEST(TokenKey, ATokenThatWentAwayFailsAndComesBack) {
  namespace fs = std::filesystem;
  const SoftToken token;
  token.make_key("EC:prime256v1", "record", "01");
  token.make_key("EC:edwards25519", "log", "02");
  const Result<SigningKey> record = open(SoftToken::uri("object=record"), KeyKind::kP256);
  const Result<SigningKey> log = open(SoftToken::uri("object=log"), KeyKind::kEd25519);
  ASSERT_EQ(said(record), "open");
  ASSERT_EQ(said(log), "open");
  fs::rename(token.tokens(), token.folder() + "/away");
  fs::create_directory(token.tokens());
  Result<std::string> refused = record->sign("x");
  for (int i = 0; i < 1000 && refused; ++i) {  // until the module looks at its folder
    refused = record->sign("x");
  }
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.starts_with("pkcs11:token=pawl;object=record: "))
      << refused.error().message;
  fs::remove_all(token.tokens());
  fs::rename(token.folder() + "/away", token.tokens());
  Result<std::string> signature = record->sign("x");
  while (!signature) {  // the module begins anew at most once a second
    std::this_thread::yield();
    signature = record->sign("x");
  }
  EXPECT_EQ(record->public_key().verify("ES256", "x", *signature), Verdict3::kValid);
  EXPECT_TRUE(log->sign("x")) << "its session went with the others, and it opens another one";
}

TEST(TokenKey, TwoKeysOfAModuleSignFromManyThreads) {
  const SoftToken token;
  token.make_key("EC:prime256v1", "record", "01");
  token.make_key("EC:edwards25519", "log", "02");
  const Result<SigningKey> record = open(SoftToken::uri("object=record"), KeyKind::kP256);
  const Result<SigningKey> log = open(SoftToken::uri("object=log"), KeyKind::kEd25519);
  ASSERT_TRUE(record && log);
  std::vector<std::thread> threads;
  std::atomic<int> signed_well = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const SigningKey& key = i % 2 == 0 ? *record : *log;
      for (int n = 0; n < 25; ++n) {
        signed_well += key.sign(std::to_string(n)).has_value() ? 1 : 0;  // verified inside
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(signed_well, 100);
}

TEST(Pkcs11Uri, TakesWhatNamesAKeyAndWhereItsPinIs) {
  struct Case {
    std::string text;
    const char* expected;  // of the error; empty: it is one
  };
  const std::string query = "?module-path=/m.so&pin-source=file:/pin";
  const Case cases[] = {
      {"pkcs11:token=t;object=o" + query, ""},
      {"pkcs11:token=t;id=%01%02" + query, ""},
      {"pkcs11:serial=12;object=o?module-path=/m.so&pin-source=credential:pin", ""},
      {"pkcs11:token=My%20token;object=o" + query, ""},
      {"pkcs11:token=t;object=o?module-path=/m.so&pin-value=1234", "a PIN stands in a file"},
      {"pkcs11:token=t;object=o?module-path=/m.so&pin-source=file:/p&pin-value=1", "a PIN stands"},
      {"pkcs11:object=o" + query, "names no token"},
      {"pkcs11:token=t" + query, "names no key"},
      {"pkcs11:token=t;object=o?pin-source=file:/pin", "names no module"},
      {"pkcs11:token=t;object=o?module-path=m.so&pin-source=file:/pin", "names no module"},
      {"pkcs11:token=t;object=o?module-path=/m.so", "where the PIN is"},
      {"pkcs11:token=t;object=o?module-path=/m.so&pin-source=|cat%20/pin", "where the PIN is"},
      {"pkcs11:token=t;colour=red;object=o" + query, "is not known"},
      {"pkcs11:token=%zz;object=o" + query, "not a PKCS #11 URI"},
      {"pkcs11", "not a PKCS #11 URI"},
      {"", "not a PKCS #11 URI"},
  };
  for (const Case& c : cases) {
    const Result<Pkcs11Uri> uri = Pkcs11Uri::parse(c.text);
    if (*c.expected == '\0') {
      EXPECT_TRUE(uri) << c.text << ": " << uri.error().message;
      continue;
    }
    ASSERT_FALSE(uri) << c.text;
    EXPECT_NE(uri.error().message.find(c.expected), std::string::npos)
        << c.text << ": " << uri.error().message;
    EXPECT_EQ(uri.error().message.find("1234"), std::string::npos);
  }
  EXPECT_EQ(Pkcs11Uri::parse("pkcs11:token=t;object=o" + query)->shown(),
            "pkcs11:token=t;object=o");
}

}  // namespace
}  // namespace pawl
