// What the signer signs: records and checkpoints of one instance, and nothing else.
//
// Purpose:    a gateway that was taken over cannot have arbitrary texts signed: no token of another
//             issuer, no record of an unknown kind or another time, no second head of one size.
//             It can still have false records signed, and a larger head that does not continue the
//             one before: the signer sees no entries. That is its bound.
// Threading:  one thread.
// Errors:     kForbidden, with what was expected. Nothing is remembered of a refusal.
// Not errors: the same text twice; a checkpoint of a later log of this instance (ORIGIN/N).
// Time:       a record's iat is within kMostSkew of the clock that the caller brings.
// Source:     docs/formats/signer.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "foundation/crypto/sha256.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::signer {

inline constexpr std::int64_t kMostSkew = 300;  // seconds

class Signable {
 public:
  struct Instance {
    std::string issuer;  // the `iss` of its records
    std::string origin;  // of its first log
    std::string kid;     // of the record key
    PublicKey record_key, log_key;
    std::map<std::string, PublicKey> former_keys{};  // record keys of before, by kid
  };
  explicit Signable(Instance instance) : instance_(std::move(instance)) {}

  // What the record key signs: the signing input of a record or of a JWS receipt, or the
  // Sig_structure of a statement over a record that the key, or one before it, signed.
  Status record(std::string_view message, WallTime now) const;
  // What the log key signs: a checkpoint's text, which goes on from the one before, of a log that
  // is known or follows the newest one; the
  // Sig_structure of a receipt over a head that was signed lately; or a snapshot's text, of no
  // more entries than were signed.
  Status checkpoint(std::string_view message);

  static constexpr std::size_t kMostLogs = 1'000;

  // The newest head of each log, to go on from after a restart.
  struct Head {
    std::uint64_t size = 0;
    Digest root{};
  };
  const std::map<std::string, Head>& heads() const { return heads_; }
  void remember(const std::string& origin, const Head& head) { heads_[origin] = head; }

 private:
  static constexpr std::size_t kMostRecent = 65'536;

  bool is_own_origin(const std::string& origin) const;
  Status check_new_log(const std::string& origin) const;
  Status note(std::string_view text);
  Status receipt_of_head(std::string_view structure) const;
  Status snapshot(std::string_view text) const;

  const Instance instance_;
  std::map<std::string, Head> heads_;
  std::map<std::uint64_t, Digest> recent_;  // of the log in use, by size
  std::string recent_of_;
};

}  // namespace pawl::signer
