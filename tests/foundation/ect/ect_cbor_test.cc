#include "foundation/ect/ect_cbor.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "base/encoding.h"
#include "foundation/cose/sign1.h"
#include "foundation/ect/known_tokens.h"
#include "foundation/records/cbor_names.h"
#include "tests/foundation/ect/sample_claims.h"
#include "tests/support/seeded_random.h"

namespace pawl::ect {
namespace {

constexpr std::string_view kHash = "M1K1AE5VZGTbX8dnvVmJ_6Cil2cfUmvZQVz9Et8ohIU";

Claims full_claims() {
  Claims claims = sample_claims();
  claims.wid = sample_id(2);
  claims.pred = {sample_id(3), sample_id(4)};
  claims.inp_hash = kHash;
  claims.out_hash = kHash;
  claims.ext = {
      {"pawl.profile", "urn:pawl:profile:1"},
      {"pol", "allow-reads"},
      {"pol_decision", "approved"},
      {"pol_enforcer", "spiffe://example.org/pdp"},
      {"pol_timestamp", kSampleTime - 1},
      {"com.example.x", json::Object{{"n", 1.5}, {"list", json::Array{1, "a", nullptr}}}}};
  return claims;
}

// Two claims sets are one when their JSON text is, members in any order.
std::string words(const Claims& claims) {
  return json::canonical(json::parse(print(claims))->value);
}

std::string printed(const Claims& claims) {
  const Result<std::string> bytes = print_cbor(claims);
  EXPECT_TRUE(bytes) << bytes.error().message;
  return bytes.value_or("");
}

const SigningKey& key() {
  static const SigningKey kKey = *SigningKey::generate(KeyKind::kP256);
  return kKey;
}

Result<PublicKey> resolve(std::string_view iss, std::string_view kid) {
  return iss == sample_claims().iss && kid == "k1" ? Result<PublicKey>(key().public_key())
                                                   : fail(Code::kNotFound, "no such key");
}

const VerifyOptions kOptions{.now = WallTime{kSampleTime * 1'000'000}, .accept_cbor = true};

std::string text_of(const Result<std::string>& bytes) {
  EXPECT_TRUE(bytes) << bytes.error().message;
  return base64url_encode(bytes.value_or(""));
}

TEST(EctCbor, TheFormsHaveTheSameClaims) {
  for (const Claims& claims : {sample_claims(), full_claims()}) {
    const Result<Claims> back = read_cbor_claims(printed(claims));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(words(*back), words(claims));
    EXPECT_EQ(printed(*back), printed(claims));
  }
}

TEST(EctCbor, KeysAreThoseOfThePage) {
  const Result<cbor::Item> item = cbor::read(printed(full_claims()));
  ASSERT_TRUE(item);
  std::vector<std::int64_t> keys;
  for (const cbor::Member& member : *item->value.get<cbor::Map>()) {
    keys.push_back(*member.key.get<std::int64_t>());
  }
  EXPECT_EQ(keys, (std::vector<std::int64_t>{1, 3, 4, 6, 7, 300, 301, 302, 303, 304, 305, 306, 307,
                                             308, 309}));
}

// A random value of JSON, with what is at the edges more often than chance has it.
json::Value random_value(SeededRandom& random, unsigned depth) {
  static const json::Value kEdges[] = {nullptr,
                                       true,
                                       false,
                                       0,
                                       -1,
                                       23,
                                       24,
                                       -24,
                                       -25,
                                       255,
                                       256,
                                       65535,
                                       65536,
                                       std::numeric_limits<std::int64_t>::max(),
                                       std::numeric_limits<std::int64_t>::min(),
                                       std::numeric_limits<std::uint64_t>::max(),
                                       0.5,
                                       -0.5,
                                       1.1,
                                       65504.5,
                                       1e-7,
                                       5e-324,
                                       1e21,
                                       1e300,
                                       9007199254740992.0,
                                       9007199254740994.0,
                                       1e17,
                                       "",
                                       "a",
                                       "\xc3\xbc",
                                       "\xf0\x90\x85\x91",
                                       boost::json::string(24, 'x'),
                                       boost::json::string(256, 'y')};
  const std::uint64_t die = random.below(depth == 0 ? 6 : 8);
  if (die < 6) {
    return kEdges[random.below(std::size(kEdges))];
  }
  json::Array array;
  json::Object object;
  for (std::uint64_t i = random.below(4); i > 0; --i) {
    array.push_back(random_value(random, depth - 1));
    object[std::to_string(random.below(50)) + "k"] = random_value(random, depth - 1);
  }
  return die == 6 ? json::Value(array) : json::Value(object);
}

Claims random_claims(SeededRandom& random) {
  Claims claims = random.coin() ? full_claims() : sample_claims();
  for (std::uint64_t i = random.below(5); i > 0; --i) {
    claims.ext["m" + std::to_string(i)] = random_value(random, 3);
  }
  if (random.coin()) {
    static const json::Value kDecisions[] = {"approved", "rejected", "pending_human_review",
                                             "escalated"};
    claims.ext["pol"] = "p";
    claims.ext["pol_decision"] = kDecisions[random.below(4)];
  }
  for (std::uint64_t i = random.below(4); i > 0; --i) {
    claims.pred.push_back(sample_id(static_cast<std::uint8_t>(10 + i)));
  }
  claims.aud.resize(1 + random.below(3), "https://other.example");
  return claims;
}

// JSON, CBOR and JSON again; and signed in either form.
TEST(EctCbor, AnyClaimsComeBackAsTheyWere) {
  SeededRandom random(7);
  unsigned taken = 0;
  for (int round = 0; round < 2000; ++round) {
    const Claims made = random_claims(random);
    const Result<jose::Jws> jws = jose::decode(*jose::sign(key(), "exec+jwt", "k1", print(made)));
    const Result<Token> json_form = read(*jws);
    if (!json_form) {
      ASSERT_FALSE(check_claims(made)) << json_form.error().message;
      continue;
    }
    ++taken;
    const Result<Claims> back = read_cbor_claims(printed(json_form->claims));
    ASSERT_TRUE(back) << back.error().message << ": " << print(made);
    ASSERT_EQ(words(*back), words(json_form->claims));
    ASSERT_EQ(printed(*back), printed(json_form->claims)) << print(made);
  }
  EXPECT_GT(taken, 1500U);
}

TEST(EctCbor, ATokenVerifiesWhereTheFormIsTaken) {
  const std::string text = text_of(issue_cbor(key(), "k1", full_claims()));
  EXPECT_TRUE(looks_cbor(text));
  const Result<Token> token = verify(text, resolve, kOptions);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(words(token->claims), words(full_claims()));
  EXPECT_EQ(token->dialect, Dialect::kEctCbor00);
  EXPECT_EQ(token->level, Level::kL2);
  EXPECT_EQ(token->kid, "k1");
  EXPECT_EQ(token->compact, text);

  VerifyOptions by_default = kOptions;
  by_default.accept_cbor = false;
  const Result<Token> refused = verify(text, resolve, by_default);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.starts_with("bad_form:")) << refused.error().message;
}

TEST(EctCbor, WhatIsIssuedKeepsTheLimits) {
  Claims claims = sample_claims();
  claims.exec_act = "";
  EXPECT_FALSE(issue_cbor(key(), "k1", claims));
  EXPECT_FALSE(issue_cbor(key(), "", sample_claims()));
}

TEST(EctCbor, NoBitOfWhatWasSignedCanChange) {
  const Result<std::string> bytes = issue_cbor(key(), "k1", sample_claims());
  for (std::size_t bit = 0; bit < bytes->size() * 8; ++bit) {
    std::string altered = *bytes;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(verify(base64url_encode(altered), resolve, kOptions)) << bit;
  }
}

using Change = std::function<void(cbor::Map&)>;

Change set(std::int64_t name, cbor::Value value) {
  return [name, value](cbor::Map& map) {
    std::erase_if(map, [&](const cbor::Member& one) { return one.key == cbor::Value{name}; });
    map.push_back({cbor::Value{name}, value});
  };
}
Change drop(std::int64_t name) {
  return [name](cbor::Map& map) {
    std::erase_if(map, [&](const cbor::Member& one) { return one.key == cbor::Value{name}; });
  };
}
cbor::Value text(std::string value) {
  return {std::move(value)};
}
cbor::Value bytes(std::string value) {
  return {cbor::Bytes{std::move(value)}};
}
cbor::Value ext(std::string name, cbor::Value value) {
  return {cbor::Map{{text(std::move(name)), std::move(value)}}};
}

struct Row {
  std::string reason;  // "": it is taken
  Change change;
};

TEST(EctCbor, RefusesWithTheReasonsOfThePage) {
  const std::string id16(16, '\x11');
  const Row rows[] = {
      {"", [](cbor::Map&) {}},
      {"", set(2, text("somebody"))},  // sub
      {"", set(5, {false})},           // nbf, of any type
      {"", set(99999, text("unknown"))},
      {"", set(3, text("https://one.example"))},
      {"missing_claim", drop(1)},
      {"missing_claim", drop(3)},
      {"missing_claim", drop(4)},
      {"missing_claim", drop(6)},
      {"missing_claim", drop(7)},
      {"missing_claim", drop(301)},
      {"missing_claim", drop(302)},
      {"bad_iss", set(1, bytes("x"))},
      {"bad_iss", set(1, text(""))},
      {"bad_aud", set(3, {cbor::Map{}})},
      {"bad_aud", set(3, {cbor::Array{}})},
      {"bad_aud", set(3, {cbor::Array{bytes("x")}})},
      {"bad_exp", set(4, {1.5})},
      {"bad_exp", set(4, {kSampleTime})},
      {"bad_iat", set(6, text("now"))},
      {"bad_iat", set(6, {std::int64_t{-1}})},
      {"bad_jti", set(7, text("019c96f1-2e70-7c4b-9d1a-000000000001"))},
      {"bad_jti", set(7, bytes("short"))},
      {"bad_jti", set(7, bytes(std::string(16, '\0')))},
      {"bad_wid", set(300, bytes("short"))},
      {"", set(300, bytes(id16))},
      {"bad_exec_act", set(301, {true})},
      {"bad_act", set(301, text(""))},
      {"bad_pred", set(302, bytes(id16))},
      {"bad_pred", set(302, {cbor::Array{text("x")}})},
      {"", set(302, {cbor::Array{bytes(id16), bytes(id16)}})},
      {"too_many_parents", set(302, {cbor::Array(101, bytes(id16))})},
      {"bad_hash", set(307, bytes(std::string(32, 'h')))},
      {"bad_hash",
       set(307, {cbor::Array{cbor::Value{std::int64_t{-44}}, bytes(std::string(32, 'h'))}})},
      {"bad_hash",
       set(308, {cbor::Array{cbor::Value{std::int64_t{-16}}, bytes(std::string(31, 'h'))}})},
      {"bad_hash", set(308, {cbor::Array{cbor::Value{std::int64_t{-16}}, bytes("")}})},
      {"bad_policy", set(303, text("alone"))},
      {"bad_policy", set(304, {std::int64_t{0}})},
      {"bad_policy", set(304, {std::int64_t{3}})},
      {"bad_policy", set(304, {std::int64_t{-1}})},
      {"bad_policy", set(304, text("approved"))},
      {"bad_policy", set(305, {std::int64_t{1}})},
      {"bad_policy", set(306, {kSampleTime + 1})},
      {"bad_ext", set(309, {cbor::Array{}})},
      {"bad_ext", set(309, {cbor::Map{{{std::int64_t{1}}, text("x")}}})},
      {"bad_ext", set(309, ext("x", bytes("no JSON")))},
      {"bad_ext", set(309, ext("x", {cbor::Array{ext("y", bytes("deep"))}}))},
      {"ext_too_large", set(309, ext("x", text(std::string(4096, 'x'))))},
      {"ext_too_deep",
       set(309, ext("1", ext("2", ext("3", ext("4", {cbor::Array{{cbor::Array{}}}})))))},
  };
  for (const Row& row : rows) {
    const Result<cbor::Item> item = cbor::read(printed(sample_claims()));
    cbor::Map map = *item->value.get<cbor::Map>();
    row.change(map);
    const Result<Claims> claims = read_cbor_claims(*cbor::write(cbor::Value{map}));
    if (row.reason.empty()) {
      EXPECT_TRUE(claims) << claims.error().message;
      continue;
    }
    ASSERT_FALSE(claims) << row.reason;
    EXPECT_EQ(claims.error().code, Code::kTokenInvalid);
    EXPECT_TRUE(claims.error().message.starts_with(row.reason + ":")) << claims.error().message;
  }
}

TEST(EctCbor, ATextThatStandsUnderBothNamesIsAmbiguous) {
  Claims claims = sample_claims();
  claims.ext = {{"pol", "p"}, {"pol_decision", "approved"}};
  cbor::Map map = *cbor::read(printed(claims))->value.get<cbor::Map>();
  set(309, ext("pol", text("p")))(map);
  const Result<Claims> back = read_cbor_claims(*cbor::write(cbor::Value{map}));
  ASSERT_FALSE(back);
  EXPECT_TRUE(back.error().message.starts_with("ambiguous:")) << back.error().message;
}

struct HeaderRow {
  std::string reason;
  std::function<void(cose::Draft&)> change;
};

TEST(EctCbor, TheHeaderIsJudgedBeforeTheKeyIsLookedUp) {
  const cbor::Map typ = {{cbor::Value{cose::kTyp}, text(std::string(names::kCoseTypEct))}};
  const HeaderRow rows[] = {
      {"", [](cose::Draft&) {}},
      {"",
       [](cose::Draft& draft) {
         draft.tags = {61, 18};
       }},
      {"bad_type", [](cose::Draft& draft) { draft.protected_header = {}; }},
      {"bad_type",
       [&](cose::Draft& draft) {
         draft.protected_header = {};
         draft.unprotected_header = typ;
       }},
      {"bad_type",
       [](cose::Draft& draft) {
         draft.protected_header = {{cbor::Value{cose::kTyp}, text("application/act+cwt")}};
       }},
      {"missing_kid", [](cose::Draft& draft) { draft.kid = ""; }},
      {"unknown_key", [](cose::Draft& draft) { draft.kid = "k2"; }},
      {"malformed", [](cose::Draft& draft) { draft.is_detached = true; }},
      {"malformed", [](cose::Draft& draft) { draft.payload = "{}"; }},
      {"malformed", [](cose::Draft& draft) { draft.payload += '\0'; }},
      {"missing_claim", [](cose::Draft& draft) { draft.payload = "\xa0"; }},
      {"malformed", [](cose::Draft& draft) { draft.payload = std::string("\xa1\x18\x01\x00", 4); }},
  };
  for (const HeaderRow& row : rows) {
    cose::Draft draft;
    draft.protected_header = typ;
    draft.kid = "k1";
    draft.payload = printed(sample_claims());
    row.change(draft);
    const Result<Token> token = verify(text_of(cose::sign(key(), draft)), resolve, kOptions);
    if (row.reason.empty()) {
      EXPECT_TRUE(token) << token.error().message;
      continue;
    }
    ASSERT_FALSE(token) << row.reason;
    EXPECT_TRUE(token.error().message.starts_with(row.reason + ":")) << token.error().message;
  }
  VerifyOptions other = kOptions;
  other.algorithms = {"EdDSA"};
  const Result<Token> alg =
      verify(text_of(issue_cbor(key(), "k1", sample_claims())), resolve, other);
  ASSERT_FALSE(alg);
  EXPECT_TRUE(alg.error().message.starts_with("bad_alg:")) << alg.error().message;
}

TEST(EctCbor, AnIdStandsForOneForm) {
  KnownTokens known(10);
  const Result<std::string> json_form = issue(key(), "k1", sample_claims());
  const Result<Token> first = verify(*json_form, resolve, kOptions);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(known.note(*first));
  const Result<Token> second =
      verify(text_of(issue_cbor(key(), "k1", sample_claims())), resolve, kOptions);
  ASSERT_TRUE(second);
  EXPECT_FALSE(known.note(*second));

  // The same claims signed again are the same token.
  KnownTokens others(10);
  ASSERT_TRUE(others.note(*second));
  const Result<Token> again =
      verify(text_of(issue_cbor(key(), "k1", sample_claims())), resolve, kOptions);
  ASSERT_TRUE(again);
  EXPECT_NE(again->compact, second->compact);
  EXPECT_TRUE(others.note(*again));
}

TEST(EctCbor, AnythingElseDoesNotLookLikeIt) {
  for (const std::string_view other :
       {"", "0", "0A", "0oRY.", "eyJhbGciOiJFUzI1NiJ9.e30.AA", "!", "0oRY=", "2D0S"}) {
    EXPECT_FALSE(looks_cbor(other)) << other;
  }
  EXPECT_FALSE(looks_unsigned("0oRY"));
}

}  // namespace
}  // namespace pawl::ect
