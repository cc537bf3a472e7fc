// What counts as success for each return-value contract of OpenSSL 3.
//
// Purpose:    OpenSSL functions disagree on what success looks like. tools/openssl_results.txt says
//             for each that is called which contract it has, and `./test lint` refuses a call whose
//             result does not go through the check of that name.
// Threading:  pure functions.
// Rules:      the return value alone decides; the error queue only supplies a message.
//
// Example:
//   if (!check_one(EVP_DigestInit_ex2(context, md, nullptr))) { the digest did not start }
#pragma once

namespace pawl::openssl {

// Exactly 1 on success.
[[nodiscard]] inline bool check_one(long result) {
  return result == 1;
}
// Positive on success; 0, negative and -2 (not supported) are failures.
[[nodiscard]] inline bool check_positive(int result) {
  return result > 0;
}
// A byte count, exactly as expected.
[[nodiscard]] inline bool check_count(int result, int expected) {
  return result == expected;
}
// 0 on success, or for "equal".
[[nodiscard]] inline bool check_zero(int result) {
  return result == 0;
}
// Null on failure, else owned.
template <class Owner>
[[nodiscard]] bool check_not_null(const Owner& owner) {
  return owner != nullptr;
}

}  // namespace pawl::openssl
