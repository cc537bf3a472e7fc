// Which key may sign which record of a log: a fold over its key records, in log order.
//
// Purpose:    validity by index. The first signer is valid from the start; a key begins behind the
//             record that a valid key signed about it, and ends with its retirement. What a
//             compromised key signed since T is suspect, and so is everything of a key that such a
//             signature let begin, unless an operator vouched for that key.
// Threading:  plain value.
// Errors:     apply(): kBadSignature (proven wrong: the record may not say this), kTooLarge.
// Not errors: a second compromise of one key: the earlier time counts; a compromise of a key of an
//             earlier log, which this one does not know otherwise.
// Time:       "recorded" is the latest iat up to a record, in log order: who signs later than
// others
//             cannot be earlier by saying so.
// Source:     docs/formats/key_records.md.
//
// Example:
//   KeyValidity keys;
//   keys.begin(first_kid, recorded_s);
//   if (keys.judge(kid, index, recorded_s) == KeyValidity::Answer::kRetired) { the entry is bad }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "foundation/crypto/signing_key.h"
#include "foundation/records/key_record.h"

namespace pawl {

class KeyValidity {
 public:
  static constexpr std::size_t kMost = 1000;

  struct Key {
    std::string kid;
    std::string jwk;                     // text; empty: the first key, whom somebody else knows
    std::uint64_t from = 0;              // the first index that it may sign
    std::optional<std::uint64_t> until;  // the first that it may not; 0: none of this log
    std::int64_t until_s = 0;            // when it was retired
    std::optional<std::int64_t> compromised_since_s;
    bool vouched = false;      // by an operator, who reported another key
    std::string activated_by;  // empty: the first
    std::int64_t activated_s = 0;
    bool may_sign() const { return !until; }
  };
  enum class Answer { kValid, kNotYet, kRetired, kSuspect, kUnknown };
  // What of a key is suspect: what was recorded since from_s, on account of a compromise since
  // since_s.
  struct Suspicion {
    std::int64_t from_s = 0, since_s = 0;
  };

  // Of a log that begins: `kid` signs its first record. Of the keys of the log before it alone goes
  // on; others that were valid end with that log.
  Status begin(const std::string& kid, std::int64_t recorded_s);
  // A record whose own signer may sign at `index`.
  Status apply(std::uint64_t index, std::string_view signed_by, std::int64_t recorded_s,
               const KeyRecord& record);
  // What a later log says of a key: it may only become worse, or vouched for.
  void learn(const Key& later);

  Answer judge(std::string_view kid, std::uint64_t index, std::int64_t recorded_s) const;
  std::optional<Suspicion> suspicion(std::string_view kid) const;
  const Key* find(std::string_view kid) const;
  const std::vector<Key>& all() const { return keys_; }  // in the order of their beginning

  json::Array print() const;
  static Result<KeyValidity> read(const json::Value* list);  // null: none

 private:
  Key* known(std::string_view kid);
  Status add(std::uint64_t index, std::string_view signed_by, std::int64_t recorded_s,
             const KeyRecord& record);
  Status compromise(std::uint64_t index, std::string_view signed_by, std::int64_t recorded_s,
                    const KeyRecord& record);

  std::vector<Key> keys_;
};

// The public key that a record brings, if it is one that can sign records and has this kid (its RFC
// 7638 thumbprint). kBadSignature.
Result<PublicKey> key_of_record(const KeyRecord& record);

}  // namespace pawl
