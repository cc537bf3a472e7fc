#include "foundation/crypto/password_hash.h"

#include <sodium.h>

#include <cerrno>
#include <charconv>

namespace pawl {
namespace {

constexpr std::string_view kPrefix = "$argon2id$v=19$";
constexpr std::uint32_t kMostKib = 1 << 20;
constexpr std::uint32_t kMostPasses = 10;

bool ready() {
  static const bool is_ready = sodium_init() >= 0;
  return is_ready;
}

// Takes "m=262144," from the front; 0: it is not there.
std::uint32_t take_number(std::string_view& text, std::string_view name, char end) {
  std::uint32_t out = 0;
  if (!text.starts_with(name)) {
    return 0;
  }
  text.remove_prefix(name.size());
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  if (error != std::errc() || !text.starts_with(end)) {
    return 0;
  }
  text.remove_prefix(1);
  return out;
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  std::string out(crypto_pwhash_STRBYTES, '\0');
  if (!ready() ||
      crypto_pwhash_str(out.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE) != 0) {
    return fail(Code::kOverloaded, "a password cannot be hashed: not enough memory");
  }
  out.resize(out.find('\0'));
  return out;
}

bool is_password_hash(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() >= crypto_pwhash_STRBYTES ||
      text.find('\0') != text.npos) {
    return false;
  }
  text.remove_prefix(kPrefix.size());
  const std::uint32_t kib = take_number(text, "m=", ',');
  const std::uint32_t passes = take_number(text, "t=", ',');
  const std::uint32_t lanes = take_number(text, "p=", '$');
  const std::size_t salt = text.find('$');
  return kib > 0 && kib <= kMostKib && passes > 0 && passes <= kMostPasses && lanes == 1 &&
         salt != text.npos && salt > 0 && salt + 1 < text.size();
}

Result<bool> check_password(const std::string& hash, std::string_view password) {
  if (!is_password_hash(hash)) {
    return fail(Code::kUndecidable, "not a hash of a password");
  }
  errno = 0;
  if (ready() && crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0) {
    return true;
  }
  return ready() && errno != ENOMEM
             ? Result<bool>(false)
             : fail(Code::kUndecidable, "a password cannot be checked: not enough memory");
}

}  // namespace pawl
