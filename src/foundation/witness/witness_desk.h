// A witness at work: each question is decided, made durable and answered as one step.
//
// Purpose:    add_checkpoint() and the newest cosigned checkpoint of each log, without HTTP.
// Threading:  one thread. That is what makes check and write one step: of two logs' requests with
//             the same old size the second is decided on what the first has left.
// Ownership:  Files outlives it.
// Errors:     open(): as WitnessState::open(), and kInvalidParams (the same key twice). A question
//             always has an answer: 503 when what was decided could not be made durable, and for
//             every question after that.
// Not errors: heads of logs that are no longer listed; they are kept. Evidence that could not be
//             kept: the answer is the same.
//
// Example:
//   Result<WitnessDesk> desk = WitnessDesk::open(files, folder, {log_key});
//   Decision answer = desk->add_checkpoint(body, clock.wall().seconds());
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/ledger/kept_evidence.h"
#include "foundation/witness/witness_state.h"

namespace pawl::witness {

class WitnessDesk {
 public:
  // A log's origin is the name of its keys; several keys may have one name.
  static Result<WitnessDesk> open(Files& files, const std::string& folder,
                                  const std::vector<ledger::VerifierKey>& logs);

  struct Answer {
    Decision decision;
    std::string origin;  // of the checkpoint; empty: it could not be read
    std::uint64_t size = 0;
    std::string evidence;  // path, where decision.evidence was kept; or why it was not
  };
  Answer add_checkpoint(std::string_view body, std::int64_t now_s);

  // By the lowercase hex SHA-256 of a log's origin. kNotFound: nothing of such a log was cosigned.
  Result<std::string> checkpoint(std::string_view origin_hash) const;

  const WitnessState& state() const { return state_; }

 private:
  WitnessDesk(Files& files, const std::string& folder, WitnessState state,
              std::map<std::string, std::vector<ledger::VerifierKey>> logs)
      : files_(&files),
        evidence_(ledger::evidence_folder(folder)),
        state_(std::move(state)),
        logs_(std::move(logs)) {}

  std::string kept(const ledger::Equivocation& evidence,
                   const std::vector<ledger::VerifierKey>& keys);

  Files* files_;
  std::string evidence_;  // folder
  WitnessState state_;
  std::map<std::string, std::vector<ledger::VerifierKey>> logs_;  // by origin
};

}  // namespace pawl::witness
