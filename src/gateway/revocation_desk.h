// Where revocations are ordered and lifted: the StopDesk's other half.
//
// Purpose:    as of a stop: effective first (publish, advance the gate), durable second (journal),
//             recorded third; a lift is recorded first and effective last.
// Threading:  the override thread. The hooks post to the I/O thread and return at once.
// Ownership:  the parts outlive it, and it is told `back` on its own thread.
// Errors:     revoke: kTokenInvalid, kBadSignature, kForbidden, kConflict (its id is that of
// another
//             target, or was lifted; the instance's own record key), kOverloaded (kMost are in
//             force). lift: the same, kNotFound, kEvidenceUnavailable (nothing was lifted).
// Not errors: what is revoked already under the same id: the answer holds the one in force, and it
//             is written to the journal if it is not there; a revocation whose journal write
//             failed: it is in force, and the answer says so.
// Rule:       an operator signs every revocation: unlike a stop, most cannot be taken back.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/latest_time.h"
#include "foundation/keys/keystore.h"
#include "gateway/dispatch_gate.h"
#include "operators/override/lifted_stops.h"
#include "operators/override/override_journal.h"
#include "operators/override/revocation_wire.h"
#include "operators/override/stop_board.h"

namespace pawl {

struct RevocationReceipt {
  override_::Revocation revocation;
  bool journaled = false;  // survives kill -9 and a power cut
  std::string problem;     // why not, for people
};

// What the path does with it, on the I/O thread; `done` is called on any thread.
struct RevocationHooks {
  // Ends what is open, and records it.
  std::function<void(override_::Revocation revocation, bool journaled, std::string kid,
                     std::string statement, std::function<void(Status)> done)>
      revoked;
  std::function<void(override_::VerifiedRevocation statement, std::function<void(Status)> done)>
      record_lift;
};

class RevocationDesk {
 public:
  static constexpr std::size_t kMost = 4096;
  using Back = std::function<void(std::function<void()>)>;

  struct Parts {
    StopBoard& board;
    DispatchGate& gate;
    const Keystore& keys;
    override_::OverrideJournal& journal;
    override_::LiftedStops& lifted;
    const std::string& audience;
    const LatestTime& time;
    const RevocationHooks& hooks;
  };
  RevocationDesk(Parts parts, override_::RevokedSet in_force);

  Result<RevocationReceipt> revoke(const std::string& token, const Back& back);
  // `done` on the override thread.
  void lift(const std::string& token, const Back& back,
            std::function<void(Result<std::vector<override_::Revocation>>)> done);

  const override_::RevokedSet& in_force() const { return revoked_; }
  // kForbidden: what this operator's key signs counts no more.
  Status check_signer(const std::string& kid) const;

 private:
  Result<override_::VerifiedRevocation> verified(const std::string& token) const;
  Status usable_once(const override_::RevocationStatement& statement) const;
  Result<std::vector<override_::Revocation>> to_lift(
      const override_::RevocationStatement& statement) const;
  void journal(RevocationReceipt& receipt);
  void publish();

  Parts parts_;
  override_::RevokedSet revoked_;
  std::vector<Uuid> lifting_;  // their record is being written
};

}  // namespace pawl
