#include "operators/sign_in/session.h"

#include <gtest/gtest.h>

#include <set>

#include "operators/sign_in/attempts.h"
#include "operators/sign_in/challenges.h"
#include "tests/support/seeded_random.h"

namespace pawl::sign_in {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

BootTime at(std::int64_t seconds) {
  return BootTime{(1000 + seconds) * kSecond};
}

Uuid id_of(std::uint8_t number) {
  Uuid out;
  out.bytes[15] = number;
  return out;
}

Person person(const std::string& name = "ada") {
  return {name, {{Role::kOperator, {}}}, "password+totp"};
}

class SessionsTest : public testing::Test {
 protected:
  SeededRandom random_;
  Sessions sessions_{random_};
};

TEST_F(SessionsTest, ATokenStandsForItsPersonAndNothingElseDoes) {
  const Sessions::Opened opened = *sessions_.open(person(), id_of(1), at(0));
  EXPECT_EQ(opened.token.size(), 43u);
  EXPECT_EQ(opened.session.csrf.size(), 43u);
  EXPECT_NE(opened.token, opened.session.csrf);
  const Session* found = sessions_.find(opened.token, at(1));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->person.name, "ada");
  EXPECT_EQ(found->id, id_of(1));
  for (const std::string& other : {std::string(), opened.session.csrf, opened.token + "A",
                                   opened.token.substr(1), id_of(1).text()}) {
    EXPECT_EQ(sessions_.find(other, at(1)), nullptr) << other;
  }
  EXPECT_FALSE(sessions_.close(id_of(2)));
  EXPECT_TRUE(sessions_.close(id_of(1)));
  EXPECT_EQ(sessions_.find(opened.token, at(1)), nullptr);
}

// Who is called the same at a provider, or here, neither pushes out nor ends the others' sessions.
TEST_F(SessionsTest, PeopleOfOneNameAreNotOne) {
  Person first = person(), second = person();
  first.provider = ProviderIdentity{"https://idp.example.org", "1"};
  second.provider = ProviderIdentity{"https://idp.example.org", "2"};
  const std::string own = sessions_.open(first, id_of(1), at(0))->token;
  for (std::uint8_t i = 0; i <= Sessions::kMostOfOne; ++i) {
    ASSERT_TRUE(sessions_.open(second, id_of(10 + i), at(1)));
    ASSERT_TRUE(sessions_.open(person(), id_of(30 + i), at(1)));
  }
  sessions_.close_of("ada");
  EXPECT_NE(sessions_.find(own, at(2)), nullptr);
  EXPECT_EQ(sessions_.list(at(2)).size(), 1 + Sessions::kMostOfOne);
  EXPECT_FALSE(is_same(first, second));
  EXPECT_FALSE(is_same(first, person()));
  second.provider = first.provider;
  second.name = "another";
  EXPECT_TRUE(is_same(first, second));
}

TEST_F(SessionsTest, EndsWhenIdleOrOld) {
  const std::string idle = sessions_.open(person(), id_of(1), at(0))->token;
  EXPECT_NE(sessions_.find(idle, at(899)), nullptr);
  EXPECT_NE(sessions_.find(idle, at(899 + 899)), nullptr);  // each use counts
  EXPECT_EQ(sessions_.find(idle, at(899 + 899 + 900)), nullptr);
  EXPECT_EQ(sessions_.find(idle, at(899 + 899)), nullptr);  // it does not come back

  const std::string used = sessions_.open(person(), id_of(2), at(0))->token;
  std::int64_t now = 0;
  for (; now < 8 * 3600; now += 600) {
    EXPECT_NE(sessions_.find(used, at(now)), nullptr) << now;
  }
  EXPECT_EQ(sessions_.find(used, at(now)), nullptr);
}

TEST_F(SessionsTest, AreBounded) {
  std::set<std::string> tokens;
  std::string first;
  for (std::uint8_t i = 0; i < Sessions::kMostOfOne + 1; ++i) {
    const std::string token = sessions_.open(person(), id_of(i), at(i))->token;
    first = first.empty() ? token : first;
    tokens.insert(token);
  }
  EXPECT_EQ(tokens.size(), Sessions::kMostOfOne + 1);
  EXPECT_EQ(sessions_.size(), Sessions::kMostOfOne);
  EXPECT_EQ(sessions_.find(first, at(20)), nullptr);  // that was not used for the longest time
  for (std::size_t i = sessions_.size(); i < Sessions::kMost; ++i) {
    ASSERT_TRUE(sessions_.open(person("p" + std::to_string(i)), {}, at(20)));
  }
  const auto more = sessions_.open(person("one more"), {}, at(20));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::kOverloaded);
  EXPECT_TRUE(sessions_.open(person("one more"), {}, at(20 + 900)));  // all others are over
  EXPECT_EQ(sessions_.size(), 1u);
}

TEST_F(SessionsTest, AreListedWithoutTheirTokensAndEndWithTheirPerson) {
  ASSERT_TRUE(sessions_.open(person("bob"), id_of(2), at(1)));
  ASSERT_TRUE(sessions_.open(person("ada"), id_of(1), at(0)));
  ASSERT_TRUE(sessions_.open(person("ada"), id_of(3), at(2)));
  const std::vector<Session> all = sessions_.list(at(3));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].id, id_of(1));
  EXPECT_EQ(all[2].id, id_of(3));
  sessions_.close_of("ada");
  EXPECT_EQ(sessions_.list(at(3)).size(), 1u);
  EXPECT_TRUE(sessions_.list(at(1000)).empty());
}

TEST(AttemptsTest, FailuresDelayAndNobodyIsLockedOut) {
  Attempts attempts;
  const std::int64_t expected[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60};
  for (const std::int64_t seconds : expected) {
    EXPECT_EQ(attempts.delay("ada", at(0)).count(), seconds);
    attempts.failed("ada", at(0));
  }
  EXPECT_EQ(attempts.delay("bob", at(0)).count(), 0);
  EXPECT_EQ(attempts.delay("ada", at(899)).count(), 60);
  EXPECT_EQ(attempts.delay("ada", at(900)).count(), 0);
  attempts.failed("ada", at(900));
  EXPECT_EQ(attempts.delay("ada", at(900)).count(), 0);  // of before nothing is left
  for (int i = 0; i < 8; ++i) {
    attempts.failed("ada", at(900));
  }
  EXPECT_GT(attempts.delay("ada", at(900)).count(), 0);
  attempts.succeeded("ada");
  EXPECT_EQ(attempts.delay("ada", at(900)).count(), 0);
}

TEST(AttemptsTest, ManyNamesTakeNoMoreRoom) {
  Attempts attempts;
  for (int i = 0; i < 6; ++i) {
    attempts.failed("ada", at(10'000));
  }
  for (std::size_t i = 0; i < Attempts::kMost + 10; ++i) {
    attempts.failed(std::string(5000, 'x') + std::to_string(i), at(9'000));
  }
  EXPECT_GT(attempts.delay("ada", at(10'000)).count(), 0);  // the last to fail
}

TEST(ChallengesTest, CountOnceAndForTwoMinutes) {
  SeededRandom random;
  Challenges challenges(random);
  const Digest one = challenges.make(at(0));
  const Digest late = challenges.make(at(0));
  EXPECT_NE(one, late);
  EXPECT_TRUE(challenges.take(one, at(119)));
  EXPECT_FALSE(challenges.take(one, at(119)));
  EXPECT_FALSE(challenges.take(late, at(120)));
  EXPECT_FALSE(challenges.take(Digest{}, at(0)));
  const Digest oldest = challenges.make(at(1));
  for (std::size_t i = 0; i < Challenges::kMost; ++i) {
    challenges.make(at(2));
  }
  EXPECT_FALSE(challenges.take(oldest, at(2)));
}

}  // namespace
}  // namespace pawl::sign_in
