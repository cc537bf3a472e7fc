#include "foundation/jose/header_memo.h"

#include <gtest/gtest.h>

#include "tests/foundation/crypto/vectors.h"

namespace pawl::jose {
namespace {

const std::vector<std::string> kEs256 = {"ES256"};
const std::vector<std::string> kAll = {"ES256", "ES384", "EdDSA", "RS256", "PS256"};

const SigningKey& key() {
  static const SigningKey kKey = *SigningKey::generate(KeyKind::kP256);
  return kKey;
}

// A compact text of these three raw parts.
std::string compact(std::string_view header, std::string_view payload, std::string_view signature) {
  return base64url_encode(header) + '.' + base64url_encode(payload) + '.' +
         base64url_encode(signature);
}

// Correctly signed by key(), whatever the header says.
std::string signed_text(std::string_view header, std::string_view payload) {
  const std::string input = base64url_encode(header) + '.' + base64url_encode(payload);
  return input + '.' + base64url_encode(*key().sign(input));
}

std::string outcome(const std::string& text, const PublicKey& with,
                    const std::vector<std::string>& allowed) {
  const Result<Jws> jws = decode(text);
  if (!jws) {
    return "decode: " + std::string(code_name(jws.error().code));
  }
  const Status status = verify(*jws, with, allowed);
  return status ? "valid" : std::string(code_name(status.error().code));
}

TEST(JwsTest, PublishedTokensVerify) {
  int seen = 0;
  for (const json::Value& row : testing::vectors("jose.json", "signatures")) {
    const std::string name = testing::text_of(row, "name");
    if (name.rfind("rfc7515", 0) == 0) {
      const PublicKey with = *PublicKey::from_jwk(*json::find(row, {"jwk"}));
      const std::string text =
          testing::text_of(row, "message") + '.' + testing::text_of(row, "signature");
      EXPECT_EQ(outcome(text, with, {testing::text_of(row, "alg")}), "valid") << name;
      EXPECT_EQ(json::find_string(decode(text)->payload, {"iss"}), "joe") << name;
      ++seen;
    }
  }
  EXPECT_EQ(seen, 2);
}

TEST(JwsTest, SignedTextDecodesAndVerifies) {
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kEd25519}) {
    const SigningKey signer = *SigningKey::generate(kind);
    const std::string payload = R"({"jti":"1","n":[1,2.0]})";
    const Result<std::string> text = sign(signer, "exec+jwt", "k\"1", payload);
    ASSERT_TRUE(text.has_value());
    const Result<Jws> decoded = decode(*text);
    ASSERT_TRUE(decoded.has_value());
    const Jws jws = *decoded;  // a copy reads its own text
    EXPECT_EQ(jws.alg, kind == KeyKind::kP256 ? "ES256" : "EdDSA");
    EXPECT_EQ(jws.typ, "exec+jwt");
    EXPECT_EQ(jws.kid, "k\"1");
    EXPECT_EQ(jws.payload_text, payload);
    EXPECT_EQ(jws.signature.size(), 64u);
    EXPECT_EQ(jws.compact, *text);
    EXPECT_EQ(jws.signing_input().data(), jws.compact.data());
    EXPECT_TRUE(verify(jws, signer.public_key(), {jws.alg}).has_value());
  }
}

TEST(JwsTest, HeaderIsInOneFixedForm) {
  const std::string text = *sign(key(), "exec+jwt", "kid-1", "{}");
  EXPECT_EQ(*base64url_decode(text.substr(0, text.find('.'))),
            R"({"alg":"ES256","kid":"kid-1","typ":"exec+jwt"})");
  const std::string bare = *sign(key(), "", "", "{}");
  EXPECT_EQ(*base64url_decode(bare.substr(0, bare.find('.'))), R"({"alg":"ES256"})");
}

TEST(JwsTest, ManyTokensUnderOneHeaderAreLikeEachAlone) {
  const std::string header = encoded_header(key(), "exec+jwt", "k1");
  for (const std::string payload : {"{}", R"({"jti":"1"})", R"({"jti":"22"})"}) {
    const Result<std::string> text = sign_under(header, key(), payload);
    ASSERT_TRUE(text);
    const std::string alone = sign(key(), "exec+jwt", "k1", payload).value();
    EXPECT_EQ(text->substr(0, text->rfind('.')), alone.substr(0, alone.rfind('.')));
    EXPECT_EQ(outcome(*text, key().public_key(), kEs256), "valid");
  }
}

TEST(JwsTest, WhatIsNoTokenDoesNotDecode) {
  const std::string good = *sign(key(), "t", "k", R"({"a":1})");
  const std::string es256 = R"({"alg":"ES256"})";
  const std::string header = good.substr(0, good.find('.'));
  const std::string rest = good.substr(good.find('.'));
  struct Case {
    const char* name;
    std::string text;
  };
  const Case cases[] = {
      {"empty", ""},
      {"no dot", "abc"},
      {"one dot", "a.b"},
      {"two dots alone", ".."},
      {"three dots", good + "."},
      {"five parts (JWE)", "a.b.c.d.e"},
      {"no signature", good.substr(0, good.rfind('.') + 1)},
      {"JSON serialization", R"({"payload":"","signatures":[]})"},
      {"white space before", " " + good},
      {"new line after", good + "\n"},
      {"padded", good + "=="},
      {"alphabet of plain base64", header + ".e30+" + good.substr(good.rfind('.'))},
      {"alg none", compact(R"({"alg":"none"})", "{}", "")},
      {"alg none with a signature", compact(R"({"alg":"none"})", "{}", std::string(64, 's'))},
      {"alg None", compact(R"({"alg":"None"})", "{}", "x")},
      {"HS256", signed_text(R"({"alg":"HS256"})", "{}")},
      {"HS512", signed_text(R"({"alg":"HS512"})", "{}")},
      {"ES512", signed_text(R"({"alg":"ES512"})", "{}")},
      {"no alg", signed_text(R"({"typ":"t"})", "{}")},
      {"alg no string", signed_text(R"({"alg":["ES256"]})", "{}")},
      {"kid no string", signed_text(R"({"alg":"ES256","kid":1})", "{}")},
      {"typ null", signed_text(R"({"alg":"ES256","typ":null})", "{}")},
      {"crit", signed_text(R"({"alg":"ES256","crit":["exp"],"exp":1})", "{}")},
      {"crit empty", signed_text(R"({"alg":"ES256","crit":[]})", "{}")},
      {"b64 with crit", signed_text(R"({"alg":"ES256","b64":false,"crit":["b64"]})", "{}")},
      {"alg twice", signed_text(R"({"alg":"none","alg":"ES256"})", "{}")},
      {"alg twice by escape", signed_text(R"({"alg":"ES256","\u0061lg":"none"})", "{}")},
      {"header no object", signed_text(R"("ES256")", "{}")},
      {"header no JSON", signed_text("alg", "{}")},
      {"header with bytes after", signed_text(es256 + "x", "{}")},
      {"header too deep", signed_text(R"({"alg":"ES256","x":[[[[[[[[[]]]]]]]]]})", "{}")},
      {"payload empty", signed_text(es256, "")},
      {"payload an array", signed_text(es256, "[]")},
      {"payload a claim twice", signed_text(es256, R"({"sub":"a","sub":"b"})")},
      {"payload bad UTF-8", signed_text(es256, "{\"a\":\"\xff\"}")},
      {"over the limit", *sign(key(), "t", "k", R"({"a":")" + std::string(64 * 1024, 'a') + "\"}")},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(outcome(c.text, key().public_key(), kAll), "decode: token_invalid") << c.name;
  }
  EXPECT_EQ(outcome(good, key().public_key(), kEs256), "valid");
  EXPECT_EQ(outcome(header + rest, key().public_key(), kEs256), "valid");
}

TEST(JwsTest, EveryReSpellingOfTheLastCharactersIsRefused) {
  const std::string good = *sign(key(), "t", "k", R"({"a":1})");
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const char c : alphabet) {
    std::string other = good;
    other.back() = c;
    if (other != good) {
      EXPECT_NE(outcome(other, key().public_key(), kEs256), "valid") << other.back();
    }
  }
}

TEST(JwsTest, UnknownHeaderMembersAndKeysInTheHeaderChangeNothing) {
  const SigningKey intruder = *SigningKey::generate(KeyKind::kP256);
  const std::string header = R"({"alg":"ES256","x":1,"jku":"https://e.example/k","jwk":)" +
                             intruder.public_key().to_jwk() + "}";
  const std::string input = base64url_encode(header) + "." + base64url_encode("{}");
  EXPECT_EQ(
      outcome(input + "." + base64url_encode(*intruder.sign(input)), key().public_key(), kEs256),
      "bad_signature");
  EXPECT_EQ(outcome(signed_text(header, "{}"), key().public_key(), kEs256), "valid");
}

TEST(JwsTest, OnlyAnAllowedAlgorithmThatFitsTheKeyVerifies) {
  PublicKey rsa = key().public_key();
  PublicKey p384 = key().public_key();
  for (const json::Value& row : testing::vectors("jose.json", "signatures")) {
    const std::string alg = testing::text_of(row, "alg");
    if (alg == "RS256" || alg == "ES384") {
      (alg == "RS256" ? rsa : p384) = *PublicKey::from_jwk(*json::find(row, {"jwk"}));
    }
  }
  const PublicKey ed25519 = SigningKey::generate(KeyKind::kEd25519)->public_key();
  const PublicKey stranger = SigningKey::generate(KeyKind::kP256)->public_key();
  const std::string es256 = *sign(key(), "t", "k", "{}");
  struct Case {
    const char* name;
    std::string text;
    PublicKey with;
    std::vector<std::string> allowed;
    const char* outcome;
  };
  const Case cases[] = {
      {"fits", es256, key().public_key(), kEs256, "valid"},
      {"nothing allowed", es256, key().public_key(), {}, "token_invalid"},
      {"not allowed", es256, key().public_key(), {"EdDSA", "ES384"}, "token_invalid"},
      {"RSA key, ES256 header", es256, rsa, kAll, "token_invalid"},
      {"P-384 key, ES256 header", es256, p384, kAll, "token_invalid"},
      {"Ed25519 key, ES256 header", es256, ed25519, kAll, "token_invalid"},
      {"P-256 key, ES384 header", signed_text(R"({"alg":"ES384"})", "{}"), key().public_key(), kAll,
       "token_invalid"},
      {"P-256 key, RS256 header", signed_text(R"({"alg":"RS256"})", "{}"), key().public_key(), kAll,
       "token_invalid"},
      {"another key", es256, stranger, kEs256, "bad_signature"},
      {"another payload",
       es256.substr(0, es256.find('.')) + ".eyJhIjoxfQ" + es256.substr(es256.rfind('.')),
       key().public_key(), kEs256, "bad_signature"},
      {"signature of zeros", compact(R"({"alg":"ES256"})", "{}", std::string(64, '\0')),
       key().public_key(), kEs256, "bad_signature"},
      {"signature cut", es256.substr(0, es256.size() - 6), key().public_key(), kEs256,
       "bad_signature"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(outcome(c.text, c.with, c.allowed), c.outcome) << c.name;
  }
}

// What was read with a memo is what is read without, whatever was read before.
TEST(Jws, AMemoOfTheHeaderChangesNothing) {
  const SigningKey signer = *SigningKey::generate(KeyKind::kP256);
  const std::string one = *sign(signer, "exec+jwt", "k1", R"({"a":1})");
  const std::string two = *sign(signer, "other", "k2", R"({"a":2})");
  const std::string bad = base64url_encode(R"({"alg":"none"})") + one.substr(one.find('.'));
  const std::string crit =
      base64url_encode(R"({"alg":"ES256","crit":["x"],"kid":"k1"})") + one.substr(one.find('.'));
  HeaderMemo memo;
  for (const std::string& token :
       {one, one, two, bad, one, crit, crit, two, std::string(".e30.AA"), one}) {
    const Result<Jws> plain = decode(token);
    const Result<Jws> with = decode(token, 64 * 1024, memo);
    ASSERT_EQ(plain.has_value(), with.has_value());
    if (!plain) {
      EXPECT_EQ(plain.error().message, with.error().message);
      continue;
    }
    EXPECT_EQ(plain->alg, with->alg);
    EXPECT_EQ(plain->typ, with->typ);
    EXPECT_EQ(plain->kid, with->kid);
    EXPECT_EQ(plain->payload_text, with->payload_text);
    EXPECT_EQ(plain->signature, with->signature);
    EXPECT_EQ(plain->compact, with->compact);
  }
}

}  // namespace
}  // namespace pawl::jose
