#include "infrastructure/notify/webhook.h"

#include <gtest/gtest.h>

#include <set>

#include "base/files.h"
#include "base/json.h"
#include "tests/support/seeded_random.h"
#include "tests/support/source_dir.h"

namespace pawl::notify {
namespace {

json::Value vector_file() {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/webhook/standard.json");
  return text ? json::parse(*text)->value : json::Value();
}

TEST(Webhook, SignsAsTheStandardsExample) {
  const json::Value vector = vector_file();
  const auto text = [&](std::string_view name) {
    return std::string(json::find_string(vector, {name}).value_or(""));
  };
  const Result<std::string> key = webhook_key(text("secret"));
  ASSERT_TRUE(key.has_value());
  const std::int64_t seconds = json::find(vector, {"timestamp"})->get_int64();
  EXPECT_EQ(webhook_signature(*key, {text("id"), text("body")}, seconds), text("signature"));
  EXPECT_NE(webhook_signature(*key, {text("id"), text("body")}, seconds + 1), text("signature"));
  const http::ClientRequest request =
      webhook_request({"https://hook.example/x", *key}, {text("id"), text("body")},
                      WallTime{seconds * 1'000'000 + 999'999});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body, text("body"));
  EXPECT_EQ(request.headers.get("webhook-id"), text("id"));
  EXPECT_EQ(request.headers.get("webhook-timestamp"), std::to_string(seconds));
  EXPECT_EQ(request.headers.get("webhook-signature"), text("signature"));
}

TEST(Webhook, ASecretIsMarkedAndLongEnough) {
  const std::string fits(32, 'A');  // 24 bytes
  const std::pair<std::string, bool> secrets[] = {
      {"whsec_" + fits, true},
      {fits, false},
      {"whsec_", false},
      {"whsec_AAAA", false},
      {"whsec_" + fits + "!", false},
      {"whsec_" + std::string(88, 'A'), false},  // 66 bytes
      {"", false},
  };
  for (const auto& [secret, good] : secrets) {
    const Result<std::string> key = webhook_key(secret);
    EXPECT_EQ(key.has_value(), good) << secret;
    if (!key && secret.size() > 10) {
      EXPECT_EQ(key.error().message.find(secret), std::string::npos);
    }
  }
}

TEST(Webhook, OnlyTheOriginOfItsAddressIsShown) {
  EXPECT_EQ((Webhook{"https://hook.example:8443/services/SECRET?t=SECRET", ""}.shown()),
            "https://hook.example:8443");
}

TEST(Webhook, DelaysGrowToALimitAndAreSpreadByChance) {
  SeededRandom random(7);
  for (unsigned failures = 1; failures < 70; ++failures) {
    const std::int64_t whole =
        failures > 6 ? kLongestDelay.count() : kFirstDelay.count() << (failures - 1);
    std::set<std::int64_t> seen;
    for (int i = 0; i < 20; ++i) {
      const std::int64_t delay = retry_delay(failures, random).count();
      EXPECT_GE(delay, whole / 2);
      EXPECT_LE(delay, whole);
      seen.insert(delay);
    }
    EXPECT_GT(seen.size(), 10u);
  }
}

}  // namespace
}  // namespace pawl::notify
