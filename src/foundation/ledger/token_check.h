// Checks one entry of a log: its form, its signature, and what it says of itself.
//
// Threading:  pure; by many threads at a time.
// Errors:     a value: what is wrong with the entry, or cannot be decided.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "foundation/ledger/verify.h"
#include "foundation/records/key_record.h"

namespace pawl::ledger {

struct TokenCheck {
  enum class What { kGood, kBad, kUnknown };
  What what = What::kGood;
  std::string reason;  // unless kGood
  std::string id;      // jti, empty when unreadable
  std::string outcome;
  bool verified = false;  // the signature was checked
  bool picked = false;    // see EntryLook
  // What the check of signers needs (signer_check.h), when it is a record that can be read.
  bool is_record = false;
  std::string kid, iss;
  std::int64_t iat = 0;
  std::optional<KeyRecord> key_record;
};
using KeyOfKid = std::function<const PublicKey*(std::string_view kid)>;  // nullptr: unknown
// `frame_id`: the id under which the token stands in a segment. Without trust no signature is
// checked. `keys`: where a kid's key is found; empty: among the trust's own.
TokenCheck check_token(std::string_view token, const std::optional<Uuid>& frame_id,
                       const Trust* trust, const KeyOfKid& keys = {}, const EntryLook& look = {});

}  // namespace pawl::ledger
