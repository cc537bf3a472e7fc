// What a record says about the keys that sign records: the wire form of
// docs/formats/key_records.md.
//
// Purpose:    reads the bodies of `key.activated`, `key.retired` and `key.compromised`, and what
//             `ledger.opened` says of the first key; prints the bodies. Who may sign follows from
//             them (foundation/keys/key_validity.h).
// Threading:  pure functions, plain values.
// Errors:     kMalformed: a key record that does not say what it must.
// Not errors: a token of another kind, or without Pawl's profile, or a ledger.opened of old that
//             names no key (nullopt).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace pawl {

inline constexpr std::size_t kMaxKidBytes = 128;  // a thumbprint has 43
inline constexpr std::size_t kMaxKeyReasonBytes = 512;

struct KeyRecord {
  enum class What { kOpened, kActivated, kRetired, kCompromised };
  What what = What::kActivated;
  std::string kid{};  // of the key that it is about
  // Compromised: signatures since this second are suspect, and the key that the operator vouches
  // for (empty: none).
  std::int64_t since_s = 0;
  std::string next{};
  json::Object jwk{};  // of the key that begins: kid, or next; empty: none is brought
  std::string reason{}, operator_name{}, operator_kid{}, statement{};

  // The key that this record lets sign from now on; empty: none.
  const std::string& begins() const { return what == What::kActivated ? kid : next; }
};

Result<std::optional<KeyRecord>> read_key_record(std::string_view exec_act,
                                                 const json::Value& payload);
json::Object print_key_record(const KeyRecord& record);

}  // namespace pawl
