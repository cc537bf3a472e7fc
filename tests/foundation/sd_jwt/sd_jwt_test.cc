#include "foundation/sd_jwt/sd_jwt.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/crypto/sha256.h"
#include "foundation/sd_jwt/sd_jwt_issue.h"
#include "tests/support/seeded_random.h"

namespace pawl::sd_jwt {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr const char* kVerifier = "https://verifier.example";

const SigningKey& issuer() {
  static const SigningKey key = *SigningKey::generate(KeyKind::kP256);
  return key;
}
const SigningKey& holder() {
  static const SigningKey key = *SigningKey::generate(KeyKind::kP256);
  return key;
}
Result<PublicKey> issuer_key(const jose::Jws& jws) {
  return jws.kid == "k" ? Result<PublicKey>(issuer().public_key())
                        : fail(Code::kNotFound, "no such key");
}
json::Object holder_jwk() {
  return json::parse(holder().public_key().to_jwk())->value.get_object();
}

VerifyOptions unbound() {
  return {.now = WallTime{kNow * 1'000'000}, .types = {"example+sd-jwt"}};
}
VerifyOptions bound() {
  VerifyOptions out = unbound();
  out.key_binding = KeyBinding{kVerifier, "n-1"};
  return out;
}

// A token made by hand, so that it may be wrong: `payload` with digests of `disclosures` put in for
// "$0", "$1", ... in it and in later disclosures.
struct HandMade {
  std::vector<std::string> disclosures{};  // JSON
  std::string payload{};
  std::string typ = "example+sd-jwt";
  std::string kid = "k";

  static std::string filled(std::string text, const std::vector<std::string>& digests) {
    for (std::size_t i = 0; i < digests.size(); ++i) {
      const std::string mark = "$" + std::to_string(i);
      for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
        text.replace(at, mark.size(), digests[i]);
      }
    }
    return text;
  }
  std::string text() const {
    std::vector<std::string> digests;
    std::string sent;
    for (const std::string& one : disclosures) {
      const std::string encoded = base64url_encode(filled(one, digests));
      digests.push_back(digest_text(sha256(encoded)));
      sent += encoded + "~";
    }
    return *jose::sign(issuer(), typ, kid, filled(payload, digests)) + "~" + sent;
  }
};

std::string reason_of(const std::string& text, const VerifyOptions& options) {
  const Result<Verified> shown = verify(text, issuer_key, options);
  return shown ? "ok" : shown.error().message.substr(0, shown.error().message.find(':'));
}

std::string deep(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(SdJwt, EveryRefusalHasItsReason) {
  const std::string name = R"(["s","name","x"])";
  struct Case {
    const char* name;
    HandMade made;
    const char* reason;
  };
  const Case cases[] = {
      {"one member", {{name}, R"({"_sd":["$0"],"_sd_alg":"sha-256"})"}, "ok"},
      {"no hash algorithm named", {{name}, R"({"_sd":["$0"]})"}, "ok"},
      {"nothing disclosable", {{}, R"({"a":1})"}, "ok"},
      {"an empty _sd", {{}, R"({"_sd":[]})"}, "ok"},
      {"decoys and withheld ones", {{}, R"({"_sd":["x","y"],"a":[{"...":"z"}]})"}, "ok"},
      {"an element", {{R"(["s",{"a":1}])"}, R"({"a":[1,{"...":"$0"}]})"}, "ok"},
      {"within another",
       {{R"(["s","b",2])", R"(["s","a",{"_sd":["$0"]}])"}, R"({"_sd":["$1"]})"},
       "ok"},
      {"another hash algorithm", {{name}, R"({"_sd":["$0"],"_sd_alg":"sha-512"})"}, "bad_hash_alg"},
      {"a hash algorithm that is no text", {{}, R"({"_sd_alg":256})"}, "bad_hash_alg"},
      {"_sd is no array", {{name}, R"({"_sd":"$0"})"}, "bad_digests"},
      {"a digest is no text", {{}, R"({"_sd":[7]})"}, "bad_digests"},
      {"the digest of an element is no text", {{}, R"({"a":[{"...":7}]})"}, "bad_digests"},
      {"an element with a second key", {{}, R"({"a":[{"...":"x","b":1}]})"}, "bad_digests"},
      {"... outside an array", {{}, R"({"a":{"...":"x"}})"}, "bad_digests"},
      {"one digest twice in an array", {{name}, R"({"_sd":["$0","$0"]})"}, "duplicate_digest"},
      {"one digest at two places",
       {{name}, R"({"_sd":["$0"],"a":{"_sd":["$0"]}})"},
       "duplicate_digest"},
      {"one decoy twice", {{}, R"({"_sd":["x"],"a":[{"...":"x"}]})"}, "duplicate_digest"},
      {"one digest in payload and disclosure",
       {{name, R"(["s","a",{"_sd":["$0"]}])"}, R"({"_sd":["$0","$1"]})"},
       "duplicate_digest"},
      {"one disclosure twice", {{name, name}, R"({"_sd":["$0"]})"}, "duplicate_disclosure"},
      {"a disclosure that nothing refers to", {{name}, R"({"a":1})"}, "unreferenced_disclosure"},
      {"its holder is withheld",
       {{R"(["s","b",2])"}, R"({"_sd":["x"]})"},
       "unreferenced_disclosure"},
      {"the name _sd", {{R"(["s","_sd",["x"]])"}, R"({"_sd":["$0"]})"}, "reserved_name"},
      {"the name ...", {{R"(["s","...","x"])"}, R"({"_sd":["$0"]})"}, "reserved_name"},
      {"a name that is there", {{name}, R"({"name":1,"_sd":["$0"]})"}, "name_taken"},
      {"two of one name", {{name, R"(["t","name","y"])"}, R"({"_sd":["$0","$1"]})"}, "name_taken"},
      {"a member without a name", {{R"(["s","x"])"}, R"({"_sd":["$0"]})"}, "bad_disclosure"},
      {"an element with a name", {{name}, R"({"a":[{"...":"$0"}]})"}, "bad_disclosure"},
      {"a disclosure of one part", {{R"(["s"])"}, R"({"_sd":["$0"]})"}, "bad_disclosure"},
      {"a disclosure of four parts", {{R"(["s","a",1,2])"}, R"({"_sd":["$0"]})"}, "bad_disclosure"},
      {"a disclosure that is no array", {{R"({"a":1})"}, R"({"_sd":["$0"]})"}, "bad_disclosure"},
      {"a salt that is no text", {{R"([7,"a",1])"}, R"({"_sd":["$0"]})"}, "bad_disclosure"},
      {"a name that is no text", {{R"(["s",7,1])"}, R"({"_sd":["$0"]})"}, "bad_disclosure"},
      {"a disclosure that is no JSON", {{"[1,"}, R"({"_sd":["$0"]})"}, "bad_disclosure"},
      {"another type", {{}, R"({"a":1})", "dc+sd-jwt"}, "bad_type"},
      {"an unknown key", {{}, R"({"a":1})", "example+sd-jwt", "l"}, "unknown_key"},
      {"expired", {{}, R"({"exp":1800000000})"}, "expired"},
      {"not expired yet", {{}, R"({"exp":1800000001})"}, "ok"},
      {"expired, as disclosed", {{R"(["s","exp",1])"}, R"({"_sd":["$0"]})"}, "expired"},
      {"to come", {{}, R"({"nbf":1800000031})"}, "not_yet"},
      {"a time that is no number", {{}, R"({"exp":"soon"})"}, "bad_time"},
      {"too deep", {{}, R"({"a":)" + deep(kMaxDepth) + "}"}, "too_deep"},
      {"as deep as may be", {{}, R"({"a":)" + deep(kMaxDepth - 1) + "}"}, "ok"},
      {"too deep where it is put",
       {{R"(["s","b",)" + deep(12) + "]"},
        R"({"a":)" + std::string(12, '[') + R"({"_sd":["$0"]})" + std::string(12, ']') + "}"},
       "too_deep"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(reason_of(one.made.text(), unbound()), one.reason) << one.name;
  }
}

TEST(SdJwt, TextsThatAreNoneAndBoundsHaveTheirReason) {
  const std::string good = HandMade{{}, R"({"a":1})"}.text();
  std::string many = good;
  for (std::size_t i = 0; i <= kMaxDisclosures; ++i) {
    many += base64url_encode(R"(["s",)" + std::to_string(i) + "]") + "~";
  }
  std::string digests = R"({"_sd":[)";
  for (std::size_t i = 0; i <= kMaxDigests; ++i) {
    digests += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\"";
  }
  std::string other_signature = good;
  other_signature[good.size() - 10] = good[good.size() - 10] == 'A' ? 'B' : 'A';
  for (const auto& [name, text, reason] : {
           std::tuple<const char*, std::string, const char*>{"as it is", good, "ok"},
           {"empty", "", "malformed"},
           {"a JWT alone", good.substr(0, good.size() - 1), "malformed"},
           {"no JWT", "~", "malformed"},
           {"an empty disclosure", good + "~", "bad_disclosure"},
           {"padding", good + "WyJzIiwxXQ==~", "bad_disclosure"},
           {"its signature changed", other_signature, "bad_signature"},
           {"too many disclosures", many, "too_many_disclosures"},
           {"a long disclosure", good + std::string(kMaxDisclosureBytes + 1, 'A') + "~",
            "too_large"},
           {"too long", good + std::string(kMaxBytes, 'A'), "too_large"},
           {"too many digests", HandMade{{}, digests + "]}"}.text(), "too_many_digests"},
           {"a key binding that nobody asked for", good + "e30.e30.AA", "key_binding_unexpected"},
       }) {
    EXPECT_EQ(reason_of(text, unbound()), reason) << name;
  }
  VerifyOptions options = unbound();
  options.algorithms = {"EdDSA"};
  EXPECT_EQ(reason_of(good, options), "bad_alg");
  options.algorithms = {};
  EXPECT_EQ(reason_of(good, options), "bad_alg");
  options = unbound();
  options.audience = "me";
  EXPECT_EQ(reason_of(good, options), "wrong_audience");
  EXPECT_EQ(reason_of(HandMade{{}, R"({"aud":["you","me"]})"}.text(), options), "ok");
  EXPECT_EQ(reason_of(HandMade{{}, R"({"aud":"you"})"}.text(), options), "wrong_audience");
  // Of a disclosure not one byte may differ.
  const std::string disclosed = HandMade{{R"(["s","a","x"])"}, R"({"_sd":["$0"]})"}.text();
  const std::string forged = base64url_encode(R"(["s","a","y"])");
  EXPECT_EQ(reason_of(disclosed.substr(0, disclosed.find('~') + 1) + forged + "~", unbound()),
            "unreferenced_disclosure");
}

std::string issued(bool with_holder = true) {
  SeededRandom random(1);
  Draft draft{.typ = "example+sd-jwt", .kid = "k", .disclosable = {"/a", "/list/1", "/o/p", "/o"}};
  if (with_holder) {
    draft.holder_jwk = holder_jwk();
  }
  const json::Object claims{{"iss", "i"},
                            {"a", "x"},
                            {"list", json::Array{1, 2, 3}},
                            {"o", json::Object{{"p", true}, {"q", nullptr}}}};
  return *issue(issuer(), claims, draft, random);
}

TEST(SdJwt, WhatIsDisclosedIsReadAndNothingElse) {
  const std::string all = issued();
  for (const auto& [pointers, claims, withheld] : {
           std::tuple<std::vector<std::string>, const char*, std::size_t>{
               {}, R"({"iss":"i","list":[1,3]})", 3},
           {{"/a"}, R"({"a":"x","iss":"i","list":[1,3]})", 2},
           {{"/list/1"}, R"({"iss":"i","list":[1,2,3]})", 2},
           {{"/o"}, R"({"iss":"i","list":[1,3],"o":{"q":null}})", 3},
           {{"/o/p"}, R"({"iss":"i","list":[1,3],"o":{"p":true,"q":null}})", 2},
           {{"/o/p", "/a", "/list/1"},
            R"({"a":"x","iss":"i","list":[1,2,3],"o":{"p":true,"q":null}})",
            0},
       }) {
    const Result<std::string> shown = present(all, pointers);
    ASSERT_TRUE(shown) << shown.error().message;
    const Result<Verified> read = verify(*shown, issuer_key, unbound());
    ASSERT_TRUE(read) << read.error().message;
    json::Object seen = read->claims;
    EXPECT_TRUE(seen.erase("cnf") > 0);
    EXPECT_EQ(json::canonical(seen), claims);
    EXPECT_EQ(read->withheld, withheld) << claims;
    for (const char* word : {"\"a\"", "\"p\"", "\"o\""}) {  // not in the issuer's part
      EXPECT_EQ(parse(*shown)->jws.payload_text.find(word), std::string::npos);
    }
  }
}

TEST(SdJwt, SaltsAndDecoysAreFreshAndDigestsSorted) {
  SeededRandom random(7);
  const json::Object claims{{"a", 1}, {"b", 1}, {"o", json::Object{{"c", 1}}}};
  const Draft draft{.disclosable = {"/a", "/b", "/o/c", "/o"}, .decoys = 3};
  const SdJwt first = *parse(*issue(issuer(), claims, draft, random));
  const SdJwt second = *parse(*issue(issuer(), claims, draft, random));
  std::set<std::string> salts;
  for (const SdJwt* token : {&first, &second}) {
    for (const Disclosure& one : token->disclosures) {
      EXPECT_EQ(base64url_decode(one.salt)->size(), kSaltBytes);
      salts.insert(one.salt);
    }
    const json::Array& digests = token->jws.payload.at("_sd").get_array();
    EXPECT_EQ(digests.size(), 3U + 3U);
    for (std::size_t i = 1; i < digests.size(); ++i) {
      EXPECT_LT(digests[i - 1].get_string(), digests[i].get_string());
    }
    const Result<Processed> done = process(*token);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(json::canonical(done->claims), json::canonical(claims));
  }
  EXPECT_EQ(salts.size(), 8U);
}

TEST(SdJwt, WhatCannotBeIssuedSaysWhy) {
  SeededRandom random(1);
  const auto error = [&](json::Object claims, std::vector<std::string> pointers) {
    const Result<std::string> made =
        issue(issuer(), claims, {.disclosable = std::move(pointers)}, random);
    return made ? "ok" : made.error().message;
  };
  const json::Object claims{{"iss", "i"}, {"a", json::Array{1}}, {"s", "t"}};
  EXPECT_EQ(error(claims, {"/s"}), "ok");
  for (const auto& [pointer, what] :
       {std::pair<std::string, std::string>{"/iss", "/iss: stays visible"},
        {"/cnf", "/cnf: stays visible"},
        {"/x", "/x: there is no such member"},
        {"/a/1", "/a/1: there is no such member"},
        {"/a/00", "/a/00: there is no such member"},
        {"/a/-", "/a/-: there is no such member"},
        {"/s/0", "/s/0: there is no such member"},
        {"s", "s: expected a JSON Pointer"},
        {"", ": expected a JSON Pointer"},
        {"/~2", "/~2: '~' in a JSON Pointer"}}) {
    EXPECT_TRUE(error(claims, {pointer}).starts_with(what)) << error(claims, {pointer});
  }
  EXPECT_EQ(error(claims, {"/s", "/s"}), "/s: is named twice");
  for (const char* name : {"_sd", "_sd_alg", "..."}) {
    EXPECT_TRUE(error({{"o", json::Object{{name, 1}}}}, {}).starts_with("the claims hold"));
  }
  EXPECT_TRUE(error({{"a", std::string(kMaxDisclosureBytes, 'x')}}, {"/a"})
                  .starts_with("/a: is more than a disclosure may hold"));
}

TEST(SdJwt, AKeyBindingAnswersOneRequest) {
  const std::string shown = *present(issued(), {"/a"});
  const Result<std::string> good = bind(shown, holder(), {kVerifier, "n-1"}, kNow);
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(reason_of(*good, bound()), "ok");
  EXPECT_EQ(reason_of(*good, unbound()), "key_binding_unexpected");
  EXPECT_EQ(reason_of(shown, bound()), "key_binding_missing");
  const auto hash = [](const std::string& text) { return digest_text(sha256(text)); };
  const auto hand = [&](const std::string& typ, const std::string& claims, const SigningKey& key) {
    return shown + *jose::sign(key, typ, "", claims);
  };
  const auto said = [&](std::int64_t iat, const std::string& aud, const std::string& nonce,
                        const std::string& sd_hash, const std::string& more = "") {
    return R"({"iat":)" + std::to_string(iat) + R"(,"aud":)" + aud + R"(,"nonce":)" + nonce +
           R"(,"sd_hash":")" + sd_hash + "\"" + more + "}";
  };
  const std::string aud = "\"" + std::string(kVerifier) + "\"";
  for (const auto& [name, text, reason] : {
           std::tuple<const char*, std::string, const char*>{
               "by hand", hand("kb+jwt", said(kNow, aud, "\"n-1\"", hash(shown)), holder()), "ok"},
           {"another type", hand("JWT", said(kNow, aud, "\"n-1\"", hash(shown)), holder()),
            "key_binding_type"},
           {"another key", hand("kb+jwt", said(kNow, aud, "\"n-1\"", hash(shown)), issuer()),
            "key_binding_signature"},
           {"another nonce", hand("kb+jwt", said(kNow, aud, "\"n-2\"", hash(shown)), holder()),
            "key_binding_nonce"},
           {"a nonce that is no text", hand("kb+jwt", said(kNow, aud, "1", hash(shown)), holder()),
            "key_binding_nonce"},
           {"another audience",
            hand("kb+jwt", said(kNow, "\"you\"", "\"n-1\"", hash(shown)), holder()),
            "key_binding_audience"},
           {"a list of audiences",
            hand("kb+jwt", said(kNow, "[" + aud + "]", "\"n-1\"", hash(shown)), holder()),
            "key_binding_audience"},
           {"old", hand("kb+jwt", said(kNow - 301, aud, "\"n-1\"", hash(shown)), holder()),
            "key_binding_time"},
           {"to come", hand("kb+jwt", said(kNow + 31, aud, "\"n-1\"", hash(shown)), holder()),
            "key_binding_time"},
           {"expired",
            hand("kb+jwt", said(kNow, aud, "\"n-1\"", hash(shown), ",\"exp\":1"), holder()),
            "key_binding_time"},
           {"of other disclosures",
            hand("kb+jwt", said(kNow, aud, "\"n-1\"", hash(*present(issued(), {}))), holder()),
            "key_binding_hash"},
           {"no JWT", shown + "x.y.z", "key_binding_malformed"},
           {"one disclosure less", *present(issued(), {}) + good->substr(shown.size()),
            "key_binding_hash"},
       }) {
    EXPECT_EQ(reason_of(text, bound()), reason) << name;
  }
  const std::string nobody = issued(false);
  EXPECT_EQ(reason_of(nobody + "x.y.z", bound()), "holder_key");
  EXPECT_FALSE(bind(nobody, holder(), {kVerifier, "n-1"}, kNow));
  EXPECT_FALSE(bind(*good, holder(), {kVerifier, "n-1"}, kNow)) << "it is bound already";
  const Result<std::string> other = bind(shown, issuer(), {kVerifier, "n-1"}, kNow);
  EXPECT_EQ(other.error().code, Code::kInvalidParams);
  EXPECT_FALSE(present(*good, {})) << "a holder gets no presentation (7.2)";
  EXPECT_FALSE(present(shown, {"/o"})) << "what was withheld is not there";
}

}  // namespace
}  // namespace pawl::sd_jwt
