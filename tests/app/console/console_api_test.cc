#include "app/console/console_api.h"

#include <gtest/gtest.h>

#include "app/console/assets.h"
#include "base/encoding.h"
#include "foundation/crypto/sha256.h"

namespace pawl::console {
namespace {

http::Request ask(std::string method, std::string path, std::string codings = "") {
  http::Request out;
  out.method = std::move(method);
  out.path = std::move(path);
  if (!codings.empty()) {
    out.headers.set("Accept-Encoding", codings);
  }
  return out;
}

std::string field(const http::Response& answer, std::string_view name) {
  return std::string(answer.headers.get(name).value_or(""));
}

TEST(ConsoleApi, EachAddressHasItsAnswer) {
  const struct {
    std::string method, path;
    int status;
  } cases[] = {
      {"GET", "/", 302},
      {"GET", "/console", 302},
      {"GET", "/console/", 200},
      {"HEAD", "/console/", 200},
      {"GET", "/console/approvals/019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11", 200},
      {"GET", "/console/offered.json", 200},
      {"GET", "/console/assets/no-such-file.js", 404},
      {"GET", "/console/../secrets.txt", 404},
      {"GET", "/consolefoo", 404},
      {"POST", "/console/", 405},
      {"DELETE", "/", 405},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(answer(ask(one.method, one.path), {}).status, one.status) << one.method << one.path;
  }
}

TEST(ConsoleApi, EachFileIsUnderThePolicyAndHasItsDigest) {
  ASSERT_FALSE(assets().empty());
  for (const Asset& one : assets()) {
    const http::Response got = answer(ask("GET", std::string(one.path)), {});
    EXPECT_EQ(got.body, one.plain) << one.path;
    EXPECT_EQ(field(got, "Content-Security-Policy"), kPolicy) << one.path;
    EXPECT_EQ(field(got, "X-Content-Type-Options"), "nosniff") << one.path;
    EXPECT_EQ(field(got, "Referrer-Policy"), "no-referrer") << one.path;
    EXPECT_EQ(field(got, "Content-Type"), one.type) << one.path;
    if (one.digest != "absent") {
      EXPECT_EQ(digest_text(sha256(one.plain)), one.digest) << one.path;
    }
  }
}

TEST(ConsoleApi, ACompressedFormIsForWhoTakesIt) {
  for (const Asset& one : assets()) {
    const std::string path(one.path);
    const struct {
      std::string codings;
      std::string_view coding, body;
    } cases[] = {
        {"", "", one.plain},
        {"identity", "", one.plain},
        {"br;q=0, gzip;q=0", "", one.plain},
        {"gzip, deflate", one.gzip.empty() ? "" : "gzip", one.gzip.empty() ? one.plain : one.gzip},
        {"gzip, deflate, br", one.brotli.empty() ? "" : "br",
         one.brotli.empty() ? one.plain : one.brotli},
    };
    for (const auto& each : cases) {
      const http::Response got = answer(ask("GET", path, each.codings), {});
      EXPECT_EQ(field(got, "Content-Encoding"), each.coding) << path << " " << each.codings;
      EXPECT_EQ(got.body, each.body) << path << " " << each.codings;
    }
  }
}

TEST(ConsoleApi, WhatIsKnownIsNotSentAgain) {
  http::Request request = ask("GET", "/console/");
  request.headers.set("If-None-Match", field(answer(request, {}), "ETag"));
  const http::Response got = answer(request, {});
  EXPECT_EQ(got.status, 304);
  EXPECT_TRUE(got.body.empty());
}

TEST(ConsoleApi, TheOfferIsWhatTheConfigurationSays) {
  const http::Response got =
      answer(ask("GET", "/console/offered.json"), {.sign_in = true, .oidc = true});
  EXPECT_EQ(got.body, "{\"sign_in\":true,\"accounts\":false,\"oidc\":true}\n");
}

}  // namespace
}  // namespace pawl::console
