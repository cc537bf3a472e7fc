// SHA-256 (FIPS 180-4) by OpenSSL.
// Threading: any thread. Errors: none; a failing library call is fatal.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace pawl {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
// The digest of the parts as if they were one text.
Digest sha256(std::initializer_list<std::string_view> parts);
inline std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
// 43 characters of base64url: the hash form of ECT (docs/formats/ect.md).
std::string digest_text(const Digest& digest);

// Incremental form, for streams.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  Digest finish();  // once

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

Digest hmac_sha256(std::string_view key, std::string_view bytes);
// True when equal; takes the same time wherever the first difference stands.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace pawl
