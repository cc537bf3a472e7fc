#include "foundation/ect/ect.h"
#include "foundation/ect/ect_issue.h"

#include <gtest/gtest.h>

#include "tests/foundation/ect/sample_claims.h"

namespace pawl::ect {
namespace {

std::string reason(const Error& error) {
  return error.message.substr(0, error.message.find(':'));
}

SigningKey test_key() {
  static const SigningKey key = SigningKey::generate(KeyKind::kP256).value();
  return key;
}

KeyResolver resolver() {
  return [](std::string_view iss, std::string_view kid) -> Result<PublicKey> {
    if (iss == "spiffe://example.org/pawl/gw1" && kid == "gw1") {
      return test_key().public_key();
    }
    return fail(Code::kNotFound, "no such key");
  };
}

TEST(EctPrint, MembersStandInTheOrderOfTheDraft) {
  Claims claims = sample_claims();
  EXPECT_EQ(print(claims),
            R"({"iss":"spiffe://example.org/pawl/gw1","aud":["spiffe://example.org/pawl/ledger"],)"
            R"("iat":1772064150,"exp":1772064750,"jti":"019c96f1-2e70-7c4b-9d1a-000000000001",)"
            R"("exec_act":"tool.call","pred":[]})");
  claims.wid = sample_id(9);
  claims.pred = {sample_id(2), sample_id(3)};
  claims.inp_hash = std::string(43, 'A');
  claims.out_hash = std::string(43, 'A');
  claims.exec_act = "say \"hi\"\n";
  claims.ext["pawl.profile"] = "urn:pawl:profile:1";
  const std::string text = print(claims);
  EXPECT_NE(text.find(R"("exp":1772064750,"jti":"019c96f1-2e70-7c4b-9d1a-000000000001",)"
                      R"("wid":"019c96f1-2e70-7c4b-9d1a-000000000009",)"
                      R"("exec_act":"say \"hi\"\n",)"
                      R"("pred":["019c96f1-2e70-7c4b-9d1a-000000000002",)"
                      R"("019c96f1-2e70-7c4b-9d1a-000000000003"],"inp_hash":"AAA)"),
            std::string::npos)
      << text;
  EXPECT_TRUE(text.ends_with(R"(,"ect_ext":{"pawl.profile":"urn:pawl:profile:1"}})")) << text;
}

TEST(EctIssue, DialectsDifferInTheTypeAndTwoNamesOnly) {
  Claims claims = sample_claims();
  claims.pred = {sample_id(2)};
  claims.ext["pol"] = "default";
  claims.ext["pol_decision"] = "approved";
  const std::string old_form =
      *DialectIssuer(test_key(), "gw1", Dialect::kEct00).issue(claims, json::print(claims.ext));
  const Result<jose::Jws> jws = jose::decode(old_form);
  EXPECT_EQ(jws->typ, "wimse-exec+jwt");
  std::string text = jws->payload_text;
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"par\":", "\"pred\":"},
                                 {"\"ext\":", "\"ect_ext\":"}}) {
    ASSERT_NE(text.find(from), std::string::npos) << text;
    text.replace(text.find(from), from.size(), to);
  }
  EXPECT_EQ(text, print(claims));
  const Result<Token> token =
      verify(old_form, resolver(),
             {.now = WallTime{kSampleTime * 1'000'000}, .audience = claims.aud.front()});
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->dialect, Dialect::kEct00);
  EXPECT_EQ(print(token->claims), print(claims));
}

TEST(EctIssue, WhatIsIssuedVerifiesAndReadsBack) {
  Claims claims = sample_claims();
  claims.wid = sample_id(9);
  claims.pred = {sample_id(2)};
  claims.out_hash = std::string(43, 'A');
  claims.ext["pol"] = "default";
  claims.ext["pol_decision"] = "rejected";
  const Result<std::string> compact = issue(test_key(), "gw1", claims);
  ASSERT_TRUE(compact) << compact.error().message;
  const Result<Token> token =
      verify(*compact, resolver(),
             {.now = WallTime{kSampleTime * 1'000'000}, .audience = claims.aud.front()});
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->dialect, Dialect::kEct01);
  EXPECT_EQ(token->kid, "gw1");
  EXPECT_EQ(print(token->claims), print(claims));
}

TEST(EctIssue, RefusesWhatItWouldNotAccept) {
  struct Case {
    const char* name;
    void (*spoil)(Claims&);
    const char* expect;
  };
  const Case cases[] = {
      {"no issuer", [](Claims& c) { c.iss.clear(); }, "bad_iss"},
      {"a long issuer", [](Claims& c) { c.iss = std::string(2049, 'x'); }, "bad_iss"},
      {"no audience", [](Claims& c) { c.aud.clear(); }, "bad_aud"},
      {"an empty audience",
       [](Claims& c) {
         c.aud = {"a", ""};
       },
       "bad_aud"},
      {"65 audiences", [](Claims& c) { c.aud.assign(65, "a"); }, "bad_aud"},
      {"the nil id", [](Claims& c) { c.jti = Uuid{}; }, "bad_jti"},
      {"the nil workflow", [](Claims& c) { c.wid = Uuid{}; }, "bad_wid"},
      {"no act", [](Claims& c) { c.exec_act.clear(); }, "bad_act"},
      {"a long act", [](Claims& c) { c.exec_act = std::string(257, 'x'); }, "bad_act"},
      {"before 1970", [](Claims& c) { c.iat = -1; }, "bad_iat"},
      {"no lifetime", [](Claims& c) { c.exp = c.iat; }, "bad_exp"},
      {"101 parents", [](Claims& c) { c.pred.assign(101, sample_id(2)); }, "too_many_parents"},
      {"a hex hash", [](Claims& c) { c.inp_hash = std::string(64, 'a'); }, "bad_hash"},
      {"a decision alone", [](Claims& c) { c.ext["pol_decision"] = "approved"; }, "bad_policy"},
      {"a policy that is no string",
       [](Claims& c) {
         c.ext["pol"] = 1;
         c.ext["pol_decision"] = "approved";
       },
       "bad_policy"},
      {"a large extension", [](Claims& c) { c.ext["x"] = std::string(4096, 'x'); },
       "ext_too_large"},
      {"a deep extension", [](Claims& c) { c.ext["x"] = json::parse("[[[[[1]]]]]").value().value; },
       "ext_too_deep"},
  };
  for (const Case& one : cases) {
    Claims claims = sample_claims();
    one.spoil(claims);
    const Result<std::string> token = issue(test_key(), "gw1", claims);
    ASSERT_FALSE(token) << one.name;
    EXPECT_EQ(reason(token.error()), one.expect) << one.name << ": " << token.error().message;
  }
  EXPECT_EQ(reason(issue(test_key(), "", sample_claims()).error()), "missing_kid");
}

TEST(EctIssue, TheExtensionMayBeGivenAsText) {
  const SigningKey key = test_key();
  const Issuer issuer(key, "gw1");
  Claims claims = sample_claims();
  claims.ext["x"] = "y";
  const std::string payload = print(claims);
  const std::string ext_text = json::print(std::exchange(claims.ext, {}));
  EXPECT_EQ(jose::decode(issuer.issue(claims, ext_text).value())->payload_text, payload);
  const std::string large = R"({"x":")" + std::string(4096, 'x') + R"("})";
  EXPECT_EQ(reason(issuer.issue(claims, large).error()), "ext_too_large");
  const std::string deepest = R"({"x":[[[["["]]]]})", deeper = R"({"x":[[[[["["]]]]]})";
  for (const Dialect dialect : {Dialect::kEct00, Dialect::kEct01}) {
    const DialectIssuer either(key, "gw1", dialect);
    EXPECT_TRUE(either.issue(claims, deepest));
    EXPECT_EQ(reason(either.issue(claims, deeper).error()), "ext_too_deep");
  }
  EXPECT_TRUE(issuer.issue(claims, deepest));
  EXPECT_EQ(reason(issuer.issue(claims, deeper).error()), "ext_too_deep");
}

TEST(EctPresented, AudienceAndTimesHaveSharpEdges) {
  struct Case {
    const char* name;
    std::int64_t now;
    const char* audience;
    bool check_times;
    const char* expect;  // empty: fine
  };
  const Claims claims = sample_claims();
  const char* ledger = "spiffe://example.org/pawl/ledger";
  const Case cases[] = {
      {"at once", kSampleTime, ledger, true, ""},
      {"in the last second", claims.exp - 1, ledger, true, ""},
      {"at exp", claims.exp, ledger, true, "expired"},
      {"30 s early", kSampleTime - 30, ledger, true, ""},
      {"31 s early", kSampleTime - 31, ledger, true, "not_yet"},
      {"recorded long ago", claims.exp + 200'000, ledger, false, ""},
      {"a part of an audience", kSampleTime, "spiffe://example.org/pawl", true, "wrong_audience"},
      {"another audience, recorded", kSampleTime, "other", false, "wrong_audience"},
      {"archived: no audience asked", kSampleTime, "", true, ""},
  };
  for (const Case& one : cases) {
    const Status status = check_presented(claims, {.now = WallTime{one.now * 1'000'000},
                                                   .audience = one.audience,
                                                   .check_times = one.check_times});
    EXPECT_EQ(status ? "" : reason(status.error()), one.expect) << one.name;
  }
  Claims lasting = claims;
  lasting.exp = kSampleTime + 86'400;
  EXPECT_TRUE(check_presented(lasting, {.now = WallTime{(kSampleTime + 900) * 1'000'000}}));
  const Status old = check_presented(lasting, {.now = WallTime{(kSampleTime + 901) * 1'000'000}});
  EXPECT_EQ(reason(old.error()), "too_old");
}

TEST(EctVerify, AnEmptyAllowListAllowsNothing) {
  const std::string token = issue(test_key(), "gw1", sample_claims()).value();
  const Result<Token> refused =
      verify(token, resolver(), {.now = WallTime{kSampleTime * 1'000'000}, .algorithms = {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(reason(refused.error()), "bad_alg");
}

TEST(EctVerify, ARingOfKeysThatCannotAnswerIsNotAProof) {
  const std::string token = issue(test_key(), "gw1", sample_claims()).value();
  const KeyResolver broken = [](std::string_view, std::string_view) -> Result<PublicKey> {
    return fail(Code::kUndecidable, "the key store does not answer");
  };
  const Result<Token> refused = verify_signed(token, broken, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUndecidable);
}

TEST(EctRead, AMissingParentListIsARootOnlyWhenAsked) {
  std::string payload = print(sample_claims());
  payload = json::without_member(payload, json::whole(payload), "pred");
  const std::string token = jose::sign(test_key(), "exec+jwt", "gw1", payload).value();
  VerifyOptions options{.now = WallTime{kSampleTime * 1'000'000}};
  EXPECT_EQ(reason(verify(token, resolver(), options).error()), "missing_claim");
  options.missing_parents_is_root = true;
  const Result<Token> read = verify(token, resolver(), options);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->claims.pred.empty());
}

TEST(EctRead, AParentNamedTwiceCountsOnce) {
  std::string payload = print(sample_claims());
  const std::string id = json::quote(sample_id(2).text());
  payload = json::with_member(payload, json::whole(payload), "pred", "[" + id + "," + id + "]");
  const std::string token = jose::sign(test_key(), "exec+jwt", "gw1", payload).value();
  const Result<Token> read = verify(token, resolver(), {.now = WallTime{kSampleTime * 1'000'000}});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->claims.pred, std::vector<Uuid>{sample_id(2)});
}

Result<Token> read_as(std::string_view typ, std::string_view payload) {
  return verify(jose::sign(test_key(), typ, "gw1", payload).value(), resolver(),
                {.now = WallTime{kSampleTime * 1'000'000}});
}

std::string with(const std::string& payload, std::string_view name, std::string_view value) {
  return json::with_member(payload, json::whole(payload), name, value);
}

TEST(EctRead, AHundredParentsAreTheLimitHoweverTheyRepeat) {
  const std::string id = json::quote(sample_id(2).text());
  std::string list = "[" + id;
  for (std::size_t i = 0; i < kMaxParents; ++i) {
    list += "," + id;
  }
  const Result<Token> read = read_as("exec+jwt", with(print(sample_claims()), "pred", list + "]"));
  EXPECT_EQ(read ? "" : reason(read.error()), "too_many_parents");
}

TEST(EctRead, TheExtensionIsReadUnderTheNamesOfItsDialect) {
  struct Case {
    const char* name;
    const char* typ;
    const char* ext;  // the texts of the members; empty: it is not there
    const char* ect_ext;
    const char* expect;  // the value of its member "at", or the reason
  };
  const char* one = R"({"at":"one"})";
  const char* two = R"({"at":"two"})";
  const Case cases[] = {
      {"-01", "exec+jwt", "", two, "two"},
      {"-01, the old name", "exec+jwt", one, "", ""},
      {"-00", "wimse-exec+jwt", one, "", "one"},
      {"-00, the new name", "wimse-exec+jwt", "", two, "two"},
      {"-00, both alike", "wimse-exec+jwt", one, one, "one"},
      {"-00, both differ", "wimse-exec+jwt", one, two, "ambiguous"},
      {"-01, both differ", "exec+jwt", one, two, "ambiguous"},
      {"no object", "wimse-exec+jwt", "[]", "", "bad_ext"},
  };
  for (const Case& c : cases) {
    std::string payload = print(sample_claims());
    for (const auto& [name, text] : {std::pair{"ext", c.ext}, {"ect_ext", c.ect_ext}}) {
      payload = *text == '\0' ? payload : with(payload, name, text);
    }
    const Result<Token> read = read_as(c.typ, payload);
    const json::Value* at = read ? read->claims.ext.if_contains("at") : nullptr;
    EXPECT_EQ(!read           ? reason(read.error())
              : at == nullptr ? ""
                              : std::string(at->get_string()),
              c.expect)
        << c.name;
  }
}

TEST(EctRead, WhatIsNoClaimOfTheDraftsIsIgnored) {
  const std::string payload = print(sample_claims());
  for (const auto& [name, value] : {std::pair{"nbf", "4102444800"},
                                    {"sub", "7"},
                                    {"tid", "\"x\""},
                                    {"target", "[]"},
                                    {"par", "[]"}}) {
    const Result<Token> read = read_as("exec+jwt", with(payload, name, value));
    ASSERT_TRUE(read) << name << ": " << read.error().message;
    EXPECT_EQ(print(read->claims), payload) << name;
  }
}

// Not as it came: white space and escapes of the sender do not count.
TEST(EctRead, TheExtensionIsCountedInItsCompactForm) {
  std::string escaped;
  for (int i = 0; i < 1000; ++i) {
    escaped += "\\u00e9";
  }
  const std::string payload = print(sample_claims());
  EXPECT_TRUE(read_as("exec+jwt",
                      with(payload, "ect_ext", "{\"x\":" + std::string(kMaxExtBytes, ' ') + "1}")));
  EXPECT_TRUE(read_as("exec+jwt", with(payload, "ect_ext", "{\"x\":\"" + escaped + "\"}")));
}

}  // namespace
}  // namespace pawl::ect
