// Asks the witnesses of a policy to cosign our published checkpoints (C2SP tlog-witness).
//
// Purpose:    a round every `every`: each witness that is not still being asked gets the newest
//             published checkpoint with a proof from what it cosigned last. One that is slow, dead
//             or lying costs nothing but its own line.
// Threading:  the I/O thread. Nothing waits for a witness.
// Ownership:  the parts outlive it; answers that come after its end are dropped.
// Errors:     none upward: each witness has a state (of()), with what it last got wrong.
// Conflicts:  a witness that knows more entries than the log has, or another history of it. It is
//             proven when its own newest checkpoint, signed by the log's key, shows it; then it
//             stays until the end of the process, else until the witness cosigns again.
//
// Example:
//   WitnessClient client(parts, {60s, 10s});
//   client.tick();                          // about once a second
//   client.of(0).trouble                    // "answers 404: ..."
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "foundation/ledger/cosigned.h"
#include "infrastructure/http/client.h"

namespace pawl {

struct WitnessConflict {
  std::string what;  // for people
  bool is_proven = false;
  std::string evidence;  // proven: a checkpoint of this log that its entries do not give
  std::string file;      // that the log's key signed both histories; empty: nothing to show it by
};

struct WitnessState {
  bool is_asked = false;               // its answer is not there yet
  std::optional<std::uint64_t> known;  // size that it cosigned last, as far as we know
  std::string cosigned;                // the checkpoint of ours that it cosigned last
  std::optional<BootTime> cosigned_at;
  std::string trouble;                           // empty: its last answer was good
  std::uint64_t cosignatures = 0, failures = 0;  // since the start
  std::optional<WitnessConflict> conflict;
};

class WitnessClient {
 public:
  using Fetch =
      std::function<void(http::ClientRequest, std::function<void(Result<http::Response>)>)>;
  struct Parts {
    Clock& clock;
    const ledger::Ledger& ledger;
    ledger::CosignedHead& cosigned;
    Fetch fetch;
    // A checkpoint that our entries do not give, and whose it is: the path of evidence, or "".
    std::function<std::string(const std::string& note, const std::string& found_by)> raise;
  };
  struct Times {
    std::chrono::seconds every{60}, timeout{10};
  };
  WitnessClient(Parts parts, Times times);

  void tick();
  const WitnessState& of(std::size_t witness) const { return witnesses_.at(witness); }

 private:
  struct Question {
    std::size_t witness = 0;
    std::string checkpoint;
    std::uint64_t size = 0, old_size = 0;
    bool may_repeat = true;  // with the old size that the witness names
  };
  void begin_round(const std::string& checkpoint, std::uint64_t size);
  void ask(Question question);
  void answered(Question question, const Result<http::Response>& answer);
  void conflicting(const Question& question, std::uint64_t size);
  void look_closer(std::size_t witness, WitnessConflict claim);
  void judge_claim(std::size_t witness, WitnessConflict claim, const Result<http::Response>& shown);
  void failed(std::size_t witness, std::string why);
  void send(std::size_t witness, const std::string& path, std::string body,
            std::function<void(const Result<http::Response>&)> done);

  Parts parts_;
  const Times times_;
  const ledger::VerifierKey log_;
  std::vector<WitnessState> witnesses_;  // in the policy's order
  std::optional<BootTime> last_round_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace pawl
