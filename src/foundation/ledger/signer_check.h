// Was each entry signed by a key that might: the log's key records, followed by a verifier.
//
// Purpose:    folds key records in log order (foundation/keys/key_validity.h), trusts the keys that
//             a trusted key let begin, and tells afterwards which entries are suspect because their
//             key is compromised.
// Threading:  add() and fill() by one thread, in log order; find() by any, also meanwhile. A key
//             that was found stays where it is.
// Memory:     32 bytes for each change of the signer and each new second.
// Not errors: a log without key records: its first signer is valid throughout.
// Source:     docs/formats/key_records.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "foundation/keys/key_validity.h"
#include "foundation/ledger/token_check.h"

namespace pawl::ledger {

class SignerCheck {
 public:
  explicit SignerCheck(const Trust* trust) : trust_(trust) {}

  // The verifier's own key, or one that this log let begin; nullptr: neither.
  const PublicKey* find(std::string_view kid) const;
  // The next entry. What is wrong with its signer goes into `check`, unless it is bad already. A
  // key that it lets begin is known to find() from now on.
  void add(std::uint64_t index, TokenCheck& check);
  void fill(Report& report) const;

 private:
  struct Run {  // entries of one signer, side by side
    std::string kid;
    std::uint64_t first = 0, last = 0;
  };
  void note(const std::string& kid, std::uint64_t index, std::int64_t iat);
  std::string judge(const std::string& kid, std::uint64_t index) const;
  void apply(std::uint64_t index, TokenCheck& check);
  std::uint64_t first_since(std::int64_t time_s) const;

  const Trust* trust_;
  KeyValidity keys_;
  mutable Mutex mutex_;
  std::map<std::string, PublicKey, std::less<>> begun_ PAWL_GUARDED_BY(mutex_);
  std::int64_t recorded_s_ = 0;
  std::vector<Run> runs_;
  std::vector<std::pair<std::int64_t, std::uint64_t>> seconds_;  // recorded, since which entry
};

}  // namespace pawl::ledger
