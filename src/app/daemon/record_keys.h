// The keys that sign this instance's records: which is in use, and how it is changed.
//
// Purpose:    rotation, retirement and compromise as records first, as files second, as signatures
//             third: the old key signs that the new one begins; when that is durable the keystore
//             adopts the new one; it signs from then on, and records that the old one is retired.
// Threading:  the I/O thread.
// Ownership:  the parts outlive it.
// Errors:     kConflict (another change is under way, the log is being switched, the key is in use
//             or was retired), kNotFound (no such key), kEvidenceUnavailable (nothing changed),
//             kIo (the new key may sign and does not yet; a start ends the change).
// Not errors: a crash at any moment: settle() and begin() of the next start end what it cut off.
// Source:     docs/formats/key_records.md.
#pragma once

#include <functional>
#include <string>

#include "foundation/keys/keystore.h"
#include "gateway/decisions.h"
#include "gateway/parent_tokens.h"
#include "gateway/recorder.h"
#include "operators/override/compromise_wire.h"

namespace pawl {

class RecordKeys {
 public:
  using Done = std::function<void(Result<json::Object>)>;
  struct Parts {
    Keystore& keys;
    Recorder& recorder;
    ParentTokens& parents;
    const Decisions& decisions;
    std::function<std::string()> why_not;  // why no change may begin now; empty: it may
  };
  // Before anything is signed. kForbidden: the instance key may not sign this log.
  static Status settle(Keystore& keys, const KeyValidity& validity);

  explicit RecordKeys(Parts parts);
  // Retires what a crash left valid and unused.
  void begin();
  bool busy() const { return busy_; }

  void rotate(Done done);
  void retire(const std::string& kid, Done done);
  // Makes the key that would follow, so that an operator can vouch for it.
  Result<json::Object> prepare();
  void compromised(const override_::VerifiedCompromise& verified, Done done);
  json::Object list() const;
  // Those that others may verify our tokens with: in use and former ones, none that is compromised.
  std::string jwk_set() const;

 private:
  Status may_begin() const;
  Status prepare_next();
  Result<KeyRecord> compromise_of(const override_::VerifiedCompromise& verified) const;
  void record(std::string_view kind, const KeyRecord& record,
              std::function<void(const Result<RecordRef>&)> then);
  void adopt(Done done);
  void retire_unused(Done done);
  void end(const Done& done, Result<json::Object> result);
  void tell_parents();

  Parts parts_;
  bool busy_ = false;
};

// One key of `pawl keys list`: kid, state, from, until, compromised_since.
json::Object shown_key(const KeyValidity::Key& key, const std::string& in_use);

}  // namespace pawl
