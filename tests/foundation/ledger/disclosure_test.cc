#include "foundation/ledger/disclosure.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "foundation/ect/ect.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/records/names.h"
#include "foundation/sd_jwt/sd_jwt_issue.h"
#include "tests/support/seeded_random.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kOrigin = "example.org/pawl/n1";
constexpr std::int64_t kNow = 1'800'000'000;

// A log of two entries, the second a record.
struct Log {
  Log() {
    ect::Claims claims;
    claims.iss = "spiffe://example.org/pawl/n1";
    claims.aud = {"spiffe://example.org/pawl/n1/ledger"};
    claims.iat = 1'772'064'150;
    claims.exp = claims.iat + 600;
    claims.jti = *Uuid::parse("019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e5f");
    claims.wid = *Uuid::parse("5b1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60718");
    claims.exec_act = "tool.call";
    claims.ext = json::parse(R"({"pawl.profile":"urn:pawl:profile:1","pol":"p",)"
                             R"("pol_decision":"approved","pawl.domain":{"domain":"bank.example"},)"
                             R"("pawl.tool":{"agent":"triage","tool":"read_file"}})")
                     ->value.get_object();
    draft.record = *jose::decode(*ect::issue(key, "k1", claims));
    leaves = {hash_leaf("entry 0"), hash_leaf(draft.record.compact)};
    draft.proof = proof(log_key);
    draft.iat = kNow;
    draft.exp = kNow + 600;
    const std::string jwk = key.public_key().to_jwk();
    trust.token_keys = *jose::JwkSet::parse(R"({"keys":[{"kid":"k1",)" + jwk.substr(1) + "]}");
    trust.log_vkey = *vkey_of(kOrigin, log_key.public_key());
  }
  std::string proof(const SigningKey& signer, std::uint64_t index = 1) const {
    const NoteSigner head = *NoteSigner::make(std::string(kOrigin), signer);
    return print_proof(
        {.extra = {},
         .index = index,
         .path = {leaves[1 - index]},
         .checkpoint = *head.sign(print_head({std::string(kOrigin), 2, root_of(leaves), {}}))});
  }
  std::string made() {
    SeededRandom random(1);
    return *make_disclosure(key, "k1", draft, random);
  }
  ShownRecord verified(const std::string& text) {
    return verify_disclosure(text, trust, WallTime{kNow * 1'000'000});
  }

  SigningKey key = *SigningKey::generate(KeyKind::kP256);
  SigningKey log_key = *SigningKey::generate(KeyKind::kEd25519);
  std::vector<Digest> leaves;
  Trust trust;
  DisclosureDraft draft;
};

std::string shown_text(const json::Object& claims) {
  json::Object out = claims;
  for (const char* name : {"iat", "exp", "iss", "jti"}) {
    out.erase(name);
  }
  out["ect_ext"].get_object().erase(names::kExtDisclosure);
  return json::canonical(out);
}

TEST(Disclosure, OnlyWhatIsNamedIsShown) {
  Log log;
  for (
      const auto& [names, expected] : {
          std::pair<std::vector<std::string>, std::string>{
              {},
              R"({"ect_ext":{"pawl.profile":"urn:pawl:profile:1","pawl.tool":{}},"exec_act":"tool.call"})"},
          {{"tool"},
           R"({"ect_ext":{"pawl.profile":"urn:pawl:profile:1","pawl.tool":{"tool":"read_file"}},"exec_act":"tool.call"})"},
          {{"pawl.domain", "wid"},
           R"({"ect_ext":{"pawl.domain":{"domain":"bank.example"},"pawl.profile":"urn:pawl:profile:1","pawl.tool":{}},)"
           R"("exec_act":"tool.call","wid":"5b1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60718"})"},
          {{"/ect_ext/pol", "pred"},
           R"({"ect_ext":{"pawl.profile":"urn:pawl:profile:1","pawl.tool":{},"pol":"p"},"exec_act":"tool.call","pred":[]})"},
      }) {
    log.draft.shown = names;
    const std::string text = log.made();
    const ShownRecord shown = log.verified(text);
    EXPECT_EQ(shown.report.verdict, Verdict::kGood) << shown.report.reason;
    EXPECT_EQ(shown_text(shown.claims), expected);
    EXPECT_EQ(shown.withheld, 7U - names.size());
    EXPECT_EQ(disclosure_origin(text), kOrigin);
    EXPECT_TRUE(looks_like_disclosure(text));
  }
  log.draft.shows_all = true;
  log.draft.shown = {};
  EXPECT_EQ(log.verified(log.made()).withheld, 0U);
  log.draft.shows_all = false;
  log.draft.shown = {"nobody"};
  SeededRandom random(1);
  EXPECT_EQ(make_disclosure(log.key, "k1", log.draft, random).error().code, Code::kInvalidParams);
}

TEST(Disclosure, WhatDoesNotHoldSaysWhy) {
  struct Case {
    const char* name;
    std::function<void(Log&)> change;
    Verdict verdict;
    const char* reason;
  };
  const Case cases[] = {
      {"as it is", [](Log&) {}, Verdict::kGood, "the instance shows part of entry 1"},
      {"another log's head",
       [](Log& log) { log.draft.proof = log.proof(*SigningKey::generate(KeyKind::kEd25519)); },
       Verdict::kBad, "the checkpoint of its proof"},
      {"another entry", [](Log& log) { log.draft.proof = log.proof(log.log_key, 0); },
       Verdict::kBad, "entry 0: the proof does not lead"},
      {"no proof", [](Log& log) { log.draft.proof = "x"; }, Verdict::kBad,
       "its proof does not parse"},
      {"expired", [](Log& log) { log.draft.exp = kNow; }, Verdict::kBad, "expired"},
      {"a key that the trust file has not", [](Log& log) { log.trust.token_keys = {}; },
       Verdict::kUnknown, "no token key with kid"},
      {"another key under its name",
       [](Log& log) {
         const std::string jwk = SigningKey::generate(KeyKind::kP256)->public_key().to_jwk();
         log.trust.token_keys =
             *jose::JwkSet::parse(R"({"keys":[{"kid":"k1",)" + jwk.substr(1) + "]}");
       },
       Verdict::kBad, "bad_signature"},
      {"another root was pinned",
       [](Log& log) {
         log.trust.pinned_size = 2;
         log.trust.pinned_root = base64_encode(std::string(32, 'x'));
       },
       Verdict::kBad, "another root was pinned"},
  };
  for (const Case& one : cases) {
    Log log;
    one.change(log);
    const ShownRecord shown = log.verified(log.made());
    EXPECT_EQ(shown.report.verdict, one.verdict) << one.name << ": " << shown.report.reason;
    EXPECT_NE(shown.report.reason.find(one.reason), std::string::npos)
        << one.name << ": " << shown.report.reason;
  }
  Log log;
  EXPECT_EQ(verify_disclosure(log.made(), std::nullopt, {}).report.verdict, Verdict::kUnknown);
  SeededRandom random(2);
  const std::string other =
      *sd_jwt::issue(log.key, json::Object{{"a", 1}}, {.typ = "JWT", .kid = "k1"}, random);
  EXPECT_NE(log.verified(other).report.reason.find("bad_type"), std::string::npos);
}

}  // namespace
}  // namespace pawl::ledger
