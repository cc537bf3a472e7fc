// Checks entries and checkpoints of a log one by one, many at a time.
//
// Purpose:    the costly part of verification: one signature each, on all cores.
// Threading:  a LogChecker by one thread; it starts threads of its own in flush() and joins them.
// Memory:     the entries of one chunk, and 24 bytes for each entry seen (to find one id twice).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "foundation/ledger/note.h"
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
                       const Trust* trust, const KeyOfKid& keys = {});

class SignerCheck;

class LogChecker {
 public:
  LogChecker(const Trust* trust, const VerifierKey* log_key);
  ~LogChecker();

  void add_entry(std::uint64_t index, const std::optional<Uuid>& frame_id, std::string_view token);
  void add_checkpoint(std::uint64_t size, std::string_view note);
  void flush();
  // After the last flush: the first entry whose id an earlier one has.
  void find_duplicates();

  const std::string& first_bad() const { return first_bad_; }  // empty: none
  const std::string& first_unknown() const { return first_unknown_; }
  void fill(Report& report) const;

 private:
  struct Item {
    std::uint64_t number = 0;  // entry index, or checkpoint size
    bool is_checkpoint = false;
    std::optional<Uuid> frame_id;
    std::string bytes;
  };
  void add(Item item);
  TokenCheck check(const Item& item) const;
  void check_all(std::vector<TokenCheck>& checks, const std::vector<std::size_t>& which);
  // The kid of a key that can be used from now on; empty: none.
  std::string note(const Item& item, TokenCheck& check);

  const Trust* trust_;
  const VerifierKey* log_key_;
  std::unique_ptr<SignerCheck> signers_;
  std::vector<Item> items_;
  std::size_t bytes_ = 0;
  std::string last_note_;
  std::vector<std::pair<Uuid, std::uint64_t>> ids_;
  std::string first_bad_;
  std::string first_unknown_;
  std::uint64_t entries_ = 0;
  std::uint64_t verified_ = 0;
  std::map<std::string, std::uint64_t> outcomes_;
};

}  // namespace pawl::ledger
