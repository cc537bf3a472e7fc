// Nonces of this gateway, for proofs that must be newer than their clock says (RFC 9449, 9).
//
// Purpose:    a text that only this process could have made, for a span of time; nothing is kept.
// Threading:  immutable; any thread. Pure but for its key.
// Not errors: a nonce of the span before: it is good until this one ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pawl::identity {

inline constexpr std::int64_t kNonceSeconds = 300;

class Nonces {
 public:
  // `key`: 32 secret bytes of this start. After a restart no older nonce is good.
  explicit Nonces(std::string key) : key_(std::move(key)) {}
  std::string current(std::int64_t now_s) const;
  bool is_good(std::string_view nonce, std::int64_t now_s) const;

 private:
  std::string of_span(std::int64_t span) const;

  const std::string key_;
};

}  // namespace pawl::identity
