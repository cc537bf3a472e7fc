// The digests of one record in their salted form.
//
// Purpose:    collects what becomes the member `pawl.salted` of a record, or of an intent: the id
// of
//             the key, and each digest by its name.
// Threading:  the I/O thread.
// Ownership:  the salts outlive it.
// Errors:     has_key(): why there is none. Digests that are added then are left out; they are
// never
//             put down plain instead.
// Not errors: an object that is off: nothing is asked of the salts, and text() is empty.
// Source:     docs/formats/salted_digests.md.
//
// Example:    SaltedDigests salted(salts, id, now); salted.add(names::kSaltedInp, digest);
//             out.raw(names::kExtSalted, salted.text());
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "foundation/crypto/sha256.h"
#include "gateway/digest_salts.h"

namespace pawl {

// A salted digest as it stands somewhere.
struct SaltedDigest {
  std::string key{};     // id
  std::string digest{};  // 43 characters
};

class SaltedDigests {
 public:
  SaltedDigests() = default;  // off
  SaltedDigests(DigestSalts& salts, const Uuid& record, WallTime now)
      : salts_(&salts), record_(record), now_(now) {}
  // Goes on from an intent's input, with its key. `salts` may be null: nothing is added then.
  SaltedDigests(DigestSalts* salts, const Uuid& record, const SaltedDigest& input);

  bool is_on() const { return is_made_ || salts_ != nullptr; }
  Status has_key();
  void add(std::string_view of, const Digest& plain);
  // The same of a digest's 43 characters; empty: there is nothing to add.
  void add_text(std::string_view of, const std::string& plain);
  // JSON; empty when there is nothing to say. "{}": digests were left out.
  std::string text() const;

 private:
  DigestSalts* salts_ = nullptr;
  Uuid record_;
  WallTime now_;
  bool is_made_ = false;  // with a key of before
  std::string key_;
  std::string members_;
  bool left_out_ = false;
};

// Whether `salted`, which stands in `record` as its input, is of the digest `plain` (43
// characters).
bool is_salted_input(DigestSalts* salts, const Uuid& record, const SaltedDigest& salted,
                     std::string_view plain);

}  // namespace pawl
