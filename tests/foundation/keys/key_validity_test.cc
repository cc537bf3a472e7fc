#include "foundation/keys/key_validity.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

using Answer = KeyValidity::Answer;

json::Value vectors() {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/keys/validity.json");
  return json::parse(text.value()).value().value;
}

std::string_view text_at(const json::Value& value, std::string_view name) {
  return json::find_string(value, {name}).value_or("");
}

std::int64_t number_at(const json::Value& value, std::string_view name) {
  return json::find(value, {name})->get_int64();
}

const json::Value& list_at(const json::Value& value, std::string_view name) {
  return *json::find(value, {name});
}

// The record's payload, as a ledger would hold it.
json::Value payload_of(const json::Value& record, const json::Value& keys) {
  const auto kid = [&](std::string_view member) {
    return json::find_string(keys, {text_at(record, member), "kid"}).value_or("");
  };
  const bool is_first = text_at(record, "what") == "ledger.opened";
  json::Object body{{is_first ? "token_key" : "kid", kid("key")}};
  if (json::find(record, {"since"}) != nullptr) {
    body["since"] = number_at(record, "since");
  }
  if (json::find(record, {"next"}) != nullptr) {
    body["next"] = kid("next");
  }
  if (json::find(record, {"brings"}) != nullptr) {
    body["jwk"] = *json::find(keys, {text_at(record, "brings"), "jwk"});
  }
  json::Object ext{{"pawl.profile", "urn:pawl:profile:1"}};
  ext[is_first ? "pawl.ledger" : "pawl.key"] = std::move(body);
  return json::Object{{"ect_ext", std::move(ext)}};
}

Status apply(KeyValidity& validity, const json::Value& record, const json::Value& keys) {
  const Result<std::optional<KeyRecord>> read =
      read_key_record(text_at(record, "what"), payload_of(record, keys));
  if (!read || !*read) {
    return fail(read ? Error{Code::kInternal, "no key record"} : read.error());
  }
  return validity.apply(static_cast<std::uint64_t>(number_at(record, "index")),
                        *json::find_string(keys, {text_at(record, "signed_by"), "kid"}),
                        number_at(record, "recorded"), **read);
}

std::string_view name_of(Answer answer) {
  constexpr std::string_view kNames[] = {"valid", "not_yet", "retired", "suspect", "unknown"};
  return kNames[static_cast<std::size_t>(answer)];
}

void check_answers(const KeyValidity& validity, const json::Value& one, const json::Value& keys) {
  for (const json::Value& asked : list_at(one, "answers").get_array()) {
    const auto kid = json::find_string(keys, {text_at(asked, "key"), "kid"});
    EXPECT_EQ(name_of(validity.judge(*kid, static_cast<std::uint64_t>(number_at(asked, "index")),
                                     number_at(asked, "recorded"))),
              text_at(asked, "answer"))
        << text_at(one, "name") << ": " << json::print(asked);
  }
}

// The same table is read by tests/e2e/verify/key_records.test.mjs.
TEST(KeyValidity, TheTable) {
  const json::Value table = vectors();
  const json::Value& keys = list_at(table, "keys");
  ASSERT_GT(list_at(table, "cases").get_array().size(), 20u);
  for (const json::Value& one : list_at(table, "cases").get_array()) {
    SCOPED_TRACE(std::string(text_at(one, "name")));
    KeyValidity validity;
    ASSERT_TRUE(
        validity.begin(std::string(*json::find_string(keys, {text_at(one, "first"), "kid"})), 100));
    for (const json::Value& record : list_at(one, "records").get_array()) {
      const Status applied = apply(validity, record, keys);
      const auto refused = json::find_string(record, {"refused"});
      EXPECT_EQ(applied.has_value(), !refused) << (applied ? "" : applied.error().message);
      if (refused && !applied) {
        EXPECT_NE(applied.error().message.find(*refused), std::string::npos)
            << applied.error().message;
      }
    }
    check_answers(validity, one, keys);
    const json::Value printed = json::parse(json::print(validity.print()))->value;
    const Result<KeyValidity> again = KeyValidity::read(&printed);
    ASSERT_TRUE(again);
    EXPECT_EQ(json::print(again->print()), json::print(validity.print()));
    check_answers(*again, one, keys);
  }
}

TEST(KeyValidity, GoesOnInTheNextLogWithWhatMaySign) {
  const json::Value table = vectors();
  const json::Value& keys = list_at(table, "keys");
  const std::string a(*json::find_string(keys, {"A", "kid"}));
  const std::string b(*json::find_string(keys, {"B", "kid"}));
  KeyValidity validity;
  ASSERT_TRUE(validity.begin(a, 100));
  const json::Value rotation = list_at(table, "cases").get_array()[3];
  for (const json::Value& record : list_at(rotation, "records").get_array()) {
    ASSERT_TRUE(apply(validity, record, keys));
  }
  EXPECT_EQ(validity.begin(a, 100).error().code, Code::kBadSignature) << "it was retired";
  ASSERT_TRUE(validity.begin(b, 1000));
  EXPECT_EQ(validity.judge(b, 0, 1000), Answer::kValid);
  EXPECT_EQ(validity.judge(a, 0, 1000), Answer::kRetired);
  EXPECT_EQ(validity.find(a)->until_s, 501);
  EXPECT_EQ(validity.begin("x", 1000).error().code, Code::kBadSignature) << "nobody activated it";
}

// A change of keys that was cut off, and then the log was renewed: a reader of the new log alone
// knows its first signer only.
TEST(KeyValidity, OnlyTheFirstSignerGoesOnInTheNextLog) {
  const json::Value table = vectors();
  const json::Value& keys = list_at(table, "keys");
  const std::string a(*json::find_string(keys, {"A", "kid"}));
  const std::string b(*json::find_string(keys, {"B", "kid"}));
  KeyValidity validity;
  ASSERT_TRUE(validity.begin(a, 100));
  const json::Value rotation = list_at(table, "cases").get_array()[3];
  ASSERT_TRUE(apply(validity, list_at(rotation, "records").get_array()[0], keys));
  ASSERT_TRUE(validity.begin(a, 700));
  EXPECT_EQ(validity.judge(a, 1, 700), Answer::kValid);
  EXPECT_EQ(validity.judge(b, 1, 700), Answer::kRetired);
  EXPECT_EQ(validity.find(b)->until_s, 700);
}

TEST(KeyValidity, ALaterLogMakesItWorseOrVouches) {
  KeyValidity validity;
  ASSERT_TRUE(validity.begin("k", 100));
  KeyValidity::Key later;
  later.kid = "k";
  later.compromised_since_s = 300;
  validity.learn(later);
  later.compromised_since_s = 400;
  validity.learn(later);
  EXPECT_EQ(validity.judge("k", 5, 299), Answer::kValid);
  EXPECT_EQ(validity.judge("k", 5, 300), Answer::kSuspect);
  later.kid = "unheard of";
  validity.learn(later);
  EXPECT_EQ(validity.all().size(), 1u);
}

TEST(KeyRecord, RefusesWhatDoesNotSayWhatItMust) {
  const std::pair<const char*, const char*> cases[] = {
      {"key.activated", R"({"kid":"k"})"},
      {"key.activated", R"({"jwk":{"kty":"EC"}})"},
      {"key.activated", R"({"kid":7,"jwk":{"kty":"EC"}})"},
      {"key.retired", R"({})"},
      {"key.retired", R"("k")"},
      {"key.compromised", R"({"kid":"k"})"},
      {"key.compromised", R"({"kid":"k","since":-1})"},
      {"key.compromised", R"({"kid":"k","since":"now"})"},
      {"key.compromised", R"({"kid":"k","since":1,"next":"k"})"},
      {"key.compromised", R"({"kid":"k","since":1,"jwk":{"kty":"EC"}})"},
  };
  for (const auto& [kind, body] : cases) {
    const std::string text =
        R"({"ect_ext":{"pawl.profile":"urn:pawl:profile:1","pawl.key":)" + std::string(body) + "}}";
    const auto read = read_key_record(kind, json::parse(text)->value);
    EXPECT_EQ(read ? Code::kInternal : read.error().code, Code::kMalformed) << kind << body;
  }
  for (const char* other : {"tool.call", "ledger.opened", "key.retired"}) {
    const auto none = read_key_record(other, json::Object{});
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none) << other;
  }
}

TEST(KeyRecord, PrintsWhatItReads) {
  KeyRecord record;
  record.what = KeyRecord::What::kCompromised;
  record.kid = "old";
  record.since_s = 1795464000;
  record.next = "new";
  record.jwk = {{"kty", "EC"}};
  record.reason = "stolen";
  record.operator_name = "ann";
  record.operator_kid = "o";
  record.statement = "t";
  json::Object ext{{"pawl.profile", "urn:pawl:profile:1"}};
  ext["pawl.key"] = print_key_record(record);
  const auto read = read_key_record("key.compromised", json::Object{{"ect_ext", std::move(ext)}});
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(json::print(print_key_record(**read)), json::print(print_key_record(record)));
  EXPECT_EQ((*read)->begins(), "new");
}

}  // namespace
}  // namespace pawl
