// RFC 4226 (appendix D), RFC 6238 (appendix B), RFC 4648 (section 10).
#include "operators/sign_in/totp.h"

#include <gtest/gtest.h>

namespace pawl::sign_in {
namespace {

constexpr std::string_view kSecret = "12345678901234567890";

TEST(Totp, PublishedValues) {
  const char* by_count[] = {"755224", "287082", "359152", "969429", "338314",
                            "254676", "287922", "162583", "399871", "520489"};
  for (std::int64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(totp_code(kSecret, i), by_count[i]) << i;
  }
  const struct {
    std::int64_t time;
    const char* eight;  // digits, as published; six are the last of them
  } by_time[] = {{59, "94287082"},
                 {1'111'111'109, "07081804"},
                 {1'111'111'111, "14050471"},
                 {1'234'567'890, "89005924"},
                 {2'000'000'000, "69279037"},
                 {20'000'000'000, "65353130"}};
  for (const auto& row : by_time) {
    EXPECT_EQ(totp_code(kSecret, row.time / 30), std::string(row.eight).substr(2)) << row.time;
  }
}

TEST(Totp, OneStepOfDriftAndEachStepOnce) {
  const std::int64_t now = 1'795'464'010;
  const std::int64_t step = now / 30;
  for (std::int64_t drift = -3; drift <= 3; ++drift) {
    const auto found = check_code(kSecret, totp_code(kSecret, step + drift), now, 0);
    EXPECT_EQ(found.has_value(), drift >= -1 && drift <= 1) << drift;
    EXPECT_EQ(found.value_or(step + drift), step + drift);
  }
  const std::string code = totp_code(kSecret, step);
  EXPECT_EQ(check_code(kSecret, code, now, step - 1), step);
  EXPECT_EQ(check_code(kSecret, code, now, step), std::nullopt);
  EXPECT_EQ(check_code(kSecret, totp_code(kSecret, step - 1), now, step), std::nullopt);
  EXPECT_EQ(check_code(kSecret, totp_code(kSecret, step + 1), now, step), step + 1);
  EXPECT_EQ(check_code("another secret of 20", code, now, 0), std::nullopt);
  for (const std::string& other :
       {std::string(), code.substr(1), code + "0", " " + code, std::string("abcdef")}) {
    EXPECT_EQ(check_code(kSecret, other, now, 0), std::nullopt) << other;
  }
}

TEST(Totp, TheSecretAsPhonesReadIt) {
  const std::pair<const char*, const char*> published[] = {{"", ""},
                                                           {"f", "MY"},
                                                           {"fo", "MZXQ"},
                                                           {"foo", "MZXW6"},
                                                           {"foob", "MZXW6YQ"},
                                                           {"fooba", "MZXW6YTB"},
                                                           {"foobar", "MZXW6YTBOI"}};
  for (const auto& [bytes, text] : published) {
    EXPECT_EQ(base32(bytes), text);
  }
  EXPECT_EQ(otpauth_url(kSecret, "ada&co"),
            "otpauth://totp/Pawl:ada%26co?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Pawl");
}

}  // namespace
}  // namespace pawl::sign_in
