#include "infrastructure/identity/jwks_source.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/log.h"
#include "tests/support/fault_files.h"
#include "tests/support/stepped_clock.h"

namespace pawl::identity {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::string set_of(const std::string& kid) {
  static const std::string key = SigningKey::generate(KeyKind::kP256).value().public_key().to_jwk();
  return R"({"keys":[)" + json::with_member(key, json::whole(key), "kid", json::quote(kid)) + "]}";
}

bool has(KeySource& source, std::string_view kid) {
  const auto keys = source.keys();
  return keys != nullptr && keys->find(kid) != nullptr;
}

class FileKeys : public testing::Test {
 protected:
  void write(const std::string& text) {
    ASSERT_TRUE(files_.make_directory("/keys"));
    ASSERT_TRUE(write_file(files_, "/keys/jwks.json", text));
  }

  FaultFiles files_;
  SteppedClock clock_;
  FileKeySource source_{files_, "/keys/jwks.json", clock_};
};

TEST_F(FileKeys, AMissingFileGivesNoKeys) {
  EXPECT_EQ(source_.keys(), nullptr);
  EXPECT_EQ(source_.status().keys, 0U);
  EXPECT_NE(source_.status().last_failure, "");
}

TEST_F(FileKeys, AChangedFileIsReadAgain) {
  write(set_of("one"));
  EXPECT_TRUE(has(source_, "one"));
  write(set_of("two"));
  EXPECT_TRUE(has(source_, "one"));  // looked a moment ago
  clock_.step(seconds(5));
  EXPECT_TRUE(has(source_, "two"));
  EXPECT_FALSE(has(source_, "one"));
  EXPECT_EQ(source_.status().last_failure, "");
}

// Who keeps what a set verified knows by this that the set did not change.
TEST_F(FileKeys, TheSameTextIsTheSameSet) {
  write(set_of("one"));
  const auto first = source_.keys();
  clock_.step(seconds(5));
  EXPECT_EQ(source_.keys(), first);
  write(set_of("two"));
  clock_.step(seconds(5));
  EXPECT_NE(source_.keys(), first);
}

TEST_F(FileKeys, AnUnknownKeyLooksAtOnceButNotTwiceASecond) {
  write(set_of("one"));
  EXPECT_TRUE(has(source_, "one"));
  write(set_of("two"));
  source_.unknown_key();
  EXPECT_FALSE(has(source_, "two"));
  clock_.step(seconds(1));
  source_.unknown_key();
  EXPECT_TRUE(has(source_, "two"));
}

TEST_F(FileKeys, ABadFileKeepsTheLastGoodSetUntilItIsTooOld) {
  write(set_of("one"));
  EXPECT_TRUE(has(source_, "one"));
  for (const char* bad :
       {"", "not JSON", R"({"keys":[]})", R"({"keys":[{"kty":"oct","k":"AA"}]})"}) {
    write(bad);
    clock_.step(seconds(5));
    EXPECT_TRUE(has(source_, "one")) << bad;
    EXPECT_NE(source_.status().last_failure, "") << bad;
  }
  clock_.step(hours(24));
  EXPECT_FALSE(has(source_, "one"));
  EXPECT_EQ(source_.status().keys, 0U);
  write(set_of("two"));
  clock_.step(seconds(5));
  EXPECT_TRUE(has(source_, "two"));
}

TEST_F(FileKeys, AFailureIsToldOnceAndItsEndToo) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  for (const char* text : {"bad", "bad", "good"}) {
    write(text == std::string("good") ? set_of("one") : text);
    clock_.step(seconds(5));
    source_.keys();
  }
  set_log_sink([](LogLevel, std::string_view) {});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find("key_set_unreadable"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("/keys/jwks.json"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("key_set_read"), std::string::npos) << lines[1];
}

TEST_F(FileKeys, SettingTheWallClockBackRevivesNothing) {
  write(set_of("one"));
  EXPECT_TRUE(has(source_, "one"));
  write("gone");
  clock_.step(hours(25));
  clock_.step_wall(-hours(48));
  EXPECT_FALSE(has(source_, "one"));
}

class UrlKeys : public testing::Test {
 protected:
  using Answer = std::function<void(Result<std::string>)>;

  std::shared_ptr<UrlKeySource> make() {
    const Fetch fetch = [this](const std::string& url, Answer done) {
      EXPECT_EQ(url, "https://issuer.example/jwks");
      open_.push_back(std::move(done));
    };
    return UrlKeySource::create("https://issuer.example/jwks", fetch, clock_).value();
  }
  // Answers the one open fetch.
  void answer(Result<std::string> text) {
    ASSERT_EQ(open_.size(), 1U);
    const Answer done = std::move(open_.front());
    open_.clear();
    done(std::move(text));
  }

  SteppedClock clock_;
  std::vector<Answer> open_;
};

TEST_F(UrlKeys, TheFirstFetchStartsWithTheSource) {
  const auto source = make();
  EXPECT_EQ(source->keys(), nullptr);
  answer(set_of("one"));
  EXPECT_TRUE(has(*source, "one"));
  EXPECT_TRUE(open_.empty());
}

TEST_F(UrlKeys, OneFetchAtATimeAndNoneWithinTheInterval) {
  const auto source = make();
  for (int i = 0; i < 100; ++i) {
    source->unknown_key();
    source->keys();
    clock_.step(seconds(1));
  }
  answer(set_of("one"));  // still the first
  source->unknown_key();
  EXPECT_EQ(open_.size(), 1U);
  answer(set_of("two"));
  EXPECT_TRUE(has(*source, "two"));
  for (int i = 0; i < 29; ++i) {
    source->unknown_key();
    clock_.step(seconds(1));
  }
  EXPECT_TRUE(open_.empty());
  clock_.step(seconds(1));
  source->unknown_key();
  EXPECT_EQ(open_.size(), 1U);
}

TEST_F(UrlKeys, AnOldSetIsFetchedAgainWhileItStillServes) {
  const auto source = make();
  answer(set_of("one"));
  clock_.step(seconds(299));
  source->keys();
  EXPECT_TRUE(open_.empty());
  clock_.step(seconds(1));
  EXPECT_TRUE(has(*source, "one"));
  answer(set_of("two"));
  EXPECT_TRUE(has(*source, "two"));
}

TEST_F(UrlKeys, AFailureKeepsTheSetUntilItIsTooOld) {
  const auto source = make();
  answer(set_of("one"));
  clock_.step(seconds(300));
  EXPECT_TRUE(has(*source, "one"));
  answer(fail(Code::kUpstreamUnavailable, "refused"));
  EXPECT_TRUE(has(*source, "one"));
  EXPECT_EQ(source->status().last_failure, "refused");
  clock_.step(hours(24));
  EXPECT_FALSE(has(*source, "one"));
}

TEST_F(UrlKeys, AnAnswerAfterTheSourceIsGoneIsDropped) {
  auto source = make();
  source.reset();
  answer(set_of("one"));
}

TEST(UrlKeySource, TheUrlMustBeOneThatNobodyCanForge) {
  const std::pair<const char*, bool> cases[] = {
      {"https://issuer.example/jwks", true},
      {"HTTPS://issuer.example/jwks?x=1", true},
      {"http://127.0.0.1:8080/jwks", true},
      {"http://localhost/jwks", true},
      {"http://[::1]/jwks", true},
      {"http://issuer.example/jwks", false},
      {"http://localhost.issuer.example/jwks", false},
      {"https://user@issuer.example/jwks", false},
      {"https:///jwks", false},
      {"file:///etc/jwks", false},
      {"issuer.example/jwks", false},
      {"", false},
  };
  SteppedClock clock;
  for (const auto& [url, good] : cases) {
    const auto source = UrlKeySource::create(
        url, [](const std::string&, std::function<void(Result<std::string>)>) {}, clock);
    EXPECT_EQ(source.has_value(), good) << url;
  }
}

}  // namespace
}  // namespace pawl::identity
