// Where stops are ordered and lifted: the core of the operator path (design, section 2).
//
// Purpose:    makes a stop effective first (publish, advance the gate), durable second (journal),
//             recorded third; makes a resume recorded first and effective last.
// Threading:  the override thread. `to_path` posts to the I/O thread and returns at once.
// Ownership:  board, gate and keys outlive it.
// Errors:     resume: kForbidden, kTokenInvalid, kNotFound, kConflict (the statement names another
//             scope, or a stop that is being lifted), kOverloaded (too many lifts that are still
//             to be remembered), kEvidenceUnavailable (its record is not durable: nothing was
//             lifted). stop_signed: kConflict (the statement was used, and its stop lifted).
// Rule:       each statement counts once. A stop's is its own id, which is remembered after the
// lift
//             (override/lifted_stops.h); a resume names its stops, and those do not come back.
// Not errors: a stop that is in force already: the answer holds the one in force, and it is written
// to the journal if it is not there; a stop whose journal write failed: it is in force,
// and the answer says so.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/latest_time.h"
#include "foundation/keys/keystore.h"
#include "gateway/dispatch_gate.h"
#include "gateway/revocation_desk.h"
#include "operators/override/compromise_wire.h"
#include "operators/override/lifted_stops.h"
#include "operators/override/override_journal.h"
#include "operators/override/override_wire.h"
#include "operators/override/resolution_wire.h"
#include "operators/override/stop_board.h"

namespace pawl {

struct StopReceipt {
  override_::Stop stop;
  bool journaled = false;  // survives kill -9 and a power cut
  std::string problem;     // why not, for people
};

// What the path does with it, on the I/O thread.
struct PathHooks {
  std::function<void(override_::Stop stop, bool journaled, std::string statement)> stopped;
  // Records the resume; done(status) is called on any thread.
  std::function<void(override_::Verified statement, std::function<void(Status)> done)> record_lift;
  // Records it, if its call waits for one; done(id of the new record) is called on any thread.
  std::function<void(override_::VerifiedResolution resolution,
                     std::function<void(Result<Uuid>)> done)>
      record_resolution;
  // Records that a key is compromised, and changes keys if it must; done(the keys) on any thread.
  std::function<void(override_::VerifiedCompromise compromise,
                     std::function<void(Result<json::Object>)> done)>
      record_compromise;
  std::function<void()> recheck;
  RevocationHooks revocations{};
};

class StopDesk {
 public:
  StopDesk(StopBoard& board, DispatchGate& gate, const Keystore& keys,
           std::unique_ptr<override_::OverrideJournal> journal, override_::StopSet in_force,
           override_::LiftedStops lifted, std::string audience, const LatestTime& time,
           Random& random, PathHooks hooks, override_::RevokedSet revoked = {});

  // A narrow scope; `by` says who asked.
  Result<StopReceipt> stop(const override_::Scope& scope, std::string reason, std::string by);
  // Any scope, signed by an operator.
  Result<StopReceipt> stop_signed(const std::string& token);
  // `done` on the override thread.
  void resume(const std::string& token, std::function<void(std::function<void()>)> back,
              std::function<void(Result<std::vector<override_::Stop>>)> done);

  // What a person found out about an unknown outcome; `done` on the override thread.
  void resolve(const std::string& token, std::function<void(std::function<void()>)> back,
               std::function<void(Result<Uuid>)> done);

  // That a record key is compromised; `done` on the override thread.
  void compromised(const std::string& token, std::function<void(std::function<void()>)> back,
                   std::function<void(Result<json::Object>)> done);

  const override_::StopSet& in_force() const { return stops_; }
  RevocationDesk& revocations() { return revocations_; }
  const RevocationDesk& revocations() const { return revocations_; }

 private:
  StopReceipt apply(override_::Stop stop, std::string statement);
  void journal(StopReceipt& receipt);
  // As the verifier found it, unless its signer's key was revoked.
  template <class Statement>
  Result<Statement> in_force(Result<Statement> verified) const;
  Status usable_once(const override_::Statement& statement) const;
  Result<std::vector<override_::Stop>> to_lift(const override_::Statement& statement) const;
  void lift(const std::vector<override_::Stop>& stops);

  StopBoard& board_;
  DispatchGate& gate_;
  const Keystore& keys_;
  std::unique_ptr<override_::OverrideJournal> journal_;
  override_::StopSet stops_;
  override_::LiftedStops lifted_;
  std::vector<Uuid> lifting_;  // their record is being written
  std::string audience_;
  const LatestTime& time_;
  Random& random_;
  PathHooks hooks_;
  RevocationDesk revocations_;
};

}  // namespace pawl
