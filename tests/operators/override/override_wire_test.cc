#include "operators/override/override_wire.h"

#include <gtest/gtest.h>

#include <limits>

#include "foundation/jose/jws.h"
#include "foundation/records/names.h"
#include "tests/support/fault_files.h"

namespace pawl::override_ {
namespace {

constexpr std::int64_t kNow = 1'772'064'150;
constexpr std::string_view kSelf = "spiffe://example.org/pawl/gw1";

class OverrideStatement : public testing::Test {
 protected:
  OverrideStatement() {
    EXPECT_TRUE(files_.make_directory("keys"));
    keys_ = Keystore::create(files_, "keys", system_random());
    EXPECT_TRUE(keys_ && keys_->enrol_operator("ada", key_.public_key(), {"operator"}));
  }

  Result<Verified> verify(std::int64_t iat, std::int64_t exp) {
    const json::Object payload{{"aud", kSelf},
                               {"iat", iat},
                               {"exp", exp},
                               {"jti", "019c96f1-2e70-7c4b-9d1a-000000000003"},
                               {"ovr", json::Object{{"verb", "stop"}, {"scope", "all"}}}};
    const auto token =
        jose::sign(key_, names::kTypOverride, key_.public_key().thumbprint(), json::print(payload));
    return verify_statement(*token, *keys_, kSelf, WallTime{kNow * 1'000'000});
  }

  FaultFiles files_;
  SigningKey key_ = *SigningKey::generate(KeyKind::kP256);
  Result<Keystore> keys_ = fail(Code::kNotFound, "not made");
};

TEST_F(OverrideStatement, LivesAtMostFiveMinutes) {
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  const struct {
    const char* name;
    std::int64_t iat;
    std::int64_t exp;
    bool accepted;
  } cases[] = {
      {"fresh", kNow - 10, kNow + 290, true},
      {"a second too long", kNow - 10, kNow + 291, false},
      {"expired", kNow - 300, kNow - 1, false},
      {"from the future", kNow + 31, kNow + 40, false},
      {"ends before it begins", kNow, kNow - 1, false},
      {"before 1970", -1, 200, false},
      // The difference of these two is no 64-bit number.
      {"from the first second to the last", kFirst, kLast, false},
      {"to the last second", kNow, kLast, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(verify(c.iat, c.exp).has_value(), c.accepted) << c.name;
  }
}

}  // namespace
}  // namespace pawl::override_
