// What a record says of somebody else's token, and whether that is what the token says.
#include "foundation/ect/received_token.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/files.h"
#include "foundation/ect/ect_cbor.h"
#include "tests/foundation/ect/sample_claims.h"
#include "tests/support/source_dir.h"

namespace pawl::ect {
namespace {

const SigningKey& key() {
  static const SigningKey made = *SigningKey::generate(KeyKind::kP256);
  return made;
}

Claims words() {
  Claims claims = sample_claims();
  claims.iss = "https://planner.example";
  claims.pred = {sample_id(7)};
  claims.wid = sample_id(9);
  return claims;
}

// As the gateway records it.
Claims record_of(const std::string& text) {
  const Result<Token> token = read_any(text);
  Claims record = sample_claims();
  record.jti = sample_id(2);
  record.exec_act = "token.received";
  record.pred = token->claims.pred;
  record.wid = token->claims.wid;
  record.ext["pawl.profile"] = "urn:pawl:profile:1";
  record.ext["pawl.token"] = json::Object{
      {"iss", token->claims.iss},          {"id", token->claims.jti.text()},
      {"iat", token->claims.iat},          {"payload", digest_text(payload_digest(*token))},
      {"level", level_name(token->level)}, {"token", text}};
  return record;
}

json::Object& body_of(Claims& record) {
  return record.ext["pawl.token"].as_object();
}

TEST(ReceivedToken, OfEachFormIsReadAndSaysWhatTheTokenSays) {
  const std::string forms[] = {*issue(key(), "p1", words()), base64url_encode(print(words())),
                               base64url_encode(*issue_cbor(key(), "p1", words()))};
  for (const std::string& text : forms) {
    const Claims record = record_of(text);
    const std::optional<ReceivedToken> received = read_received_token(record);
    ASSERT_TRUE(received) << text;
    EXPECT_EQ(received->id, words().jti);
    EXPECT_EQ(received->issuer, words().iss);
    EXPECT_EQ(received->iat, words().iat);
    EXPECT_EQ(received->text, text);
    EXPECT_TRUE(received->approved);
    EXPECT_TRUE(check_received(*received, record)) << text;
  }
  EXPECT_EQ(read_received_token(record_of(forms[0]))->payload,
            read_received_token(record_of(forms[1]))->payload)
      << "one payload, signed or not, is one token";
}

TEST(ReceivedToken, ARecordThatSaysSomethingElseThanItsTokenIsFound) {
  const Claims good = record_of(*issue(key(), "p1", words()));
  struct Case {
    const char* name;
    void (*change)(Claims&);
  };
  const Case cases[] = {
      {"id", [](Claims& r) { body_of(r)["id"] = sample_id(3).text(); }},
      {"iss", [](Claims& r) { body_of(r)["iss"] = "https://other.example"; }},
      {"iat", [](Claims& r) { body_of(r)["iat"] = 1; }},
      {"payload", [](Claims& r) { body_of(r)["payload"] = digest_text(sha256("x")); }},
      {"approved", [](Claims& r) { body_of(r)["approved"] = false; }},
      {"level", [](Claims& r) { body_of(r)["level"] = "L3"; }},
      {"pred", [](Claims& r) { r.pred.clear(); }},
      {"wid", [](Claims& r) { r.wid.reset(); }},
      {"cannot be read", [](Claims& r) { body_of(r)["token"] = "x.y.z"; }},
  };
  for (const Case& c : cases) {
    Claims record = good;
    c.change(record);
    const std::optional<ReceivedToken> received = read_received_token(record);
    ASSERT_TRUE(received) << c.name;
    const Status same = check_received(*received, record);
    ASSERT_FALSE(same) << c.name;
    EXPECT_NE(same.error().message.find(c.name), std::string::npos) << same.error().message;
  }
}

TEST(ReceivedToken, WhatIsNoSuchRecordIsNotRead) {
  const Claims good = record_of(*issue(key(), "p1", words()));
  struct Case {
    const char* name;
    void (*change)(Claims&);
  };
  const Case cases[] = {
      {"another kind", [](Claims& r) { r.exec_act = "tool.call"; }},
      {"another's kind", [](Claims& r) { r.ext.erase("pawl.profile"); }},
      {"no body", [](Claims& r) { r.ext.erase("pawl.token"); }},
      {"no id", [](Claims& r) { body_of(r)["id"] = "x"; }},
      {"no issuer", [](Claims& r) { body_of(r).erase("iss"); }},
      {"no payload", [](Claims& r) { body_of(r).erase("payload"); }},
      {"no time", [](Claims& r) { body_of(r)["iat"] = "x"; }},
  };
  for (const Case& c : cases) {
    Claims record = good;
    c.change(record);
    EXPECT_FALSE(read_received_token(record)) << c.name;
  }
}

TEST(ReceivedToken, EveryRecordOfTheVectorsIsJudgedAsThePageSays) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/ect/received.json");
  ASSERT_TRUE(text) << text.error().message;
  const Result<json::Parsed> parsed = json::parse(*text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const json::Array& cases = json::find(parsed->value, {"cases"})->get_array();
  ASSERT_GT(cases.size(), 20U);
  for (const json::Value& one : cases) {
    const std::string name(json::find_string(one, {"name"}).value_or(""));
    const std::string expect(json::find_string(one, {"expect"}).value_or(""));
    const Result<Token> record =
        read_unsigned(base64url_encode(json::print(*json::find(one, {"record"}))));
    ASSERT_TRUE(record) << name << ": " << record.error().message;
    const std::optional<ReceivedToken> received = read_received_token(record->claims);
    ASSERT_EQ(received.has_value(), expect != "none") << name;
    const Status same = received ? check_received(*received, record->claims) : Status{};
    EXPECT_EQ(same.has_value(), expect == "ok" || expect == "none") << name;
    if (!same) {
      EXPECT_NE(same.error().message.find(expect), std::string::npos)
          << name << ": " << same.error().message;
    }
  }
}

}  // namespace
}  // namespace pawl::ect
