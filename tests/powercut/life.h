// One life of a real daemon's heart on a disk that fails: from its start to its end or the fault.
//
// Purpose:    Governance (keys, ledger, journal, gateway, recovery), the StopDesk and a scripted
//             upstream, without sockets. What it acknowledges goes into Promises.
// Threading:  the test's thread, which also pumps the ledger: the same script makes the same calls
//             to the disk.
// Ownership:  files and promises outlive it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/daemon/governance.h"
#include "tests/powercut/promises.h"
#include "tests/powercut/step_scheduler.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl::powercut {

enum class Step {
  kCall,          // answered with a result
  kCallFailed,    // answered with an error
  kCallLost,      // forwarded, then the connection died
  kCallReadOnly,  // a note, no intent
  kReadLeftOpen,
  kCallDenied,    // no rule allows it
  kCallLeftOpen,  // forwarded, never answered
  kBurst,         // four calls at once
  kStop,          // narrow, not signed
  kStopSigned,    // wide
  kResume,        // the oldest stop
  kRevoke,        // an agent, always signed
  kRestore,       // the oldest of them
  kReload,        // the other set of rules
  kSnapshot,
  kEnrolAgent,
  kEnrolOperator,
  kReceipt,    // of the newest record
  kRenew,      // the log, with calls before, in and after the switch
  kDayLater,   // the log is old, and the daemon renews it by itself
  kScrub,      // one pass, to its end
  kRotateKey,  // of the instance, with calls before, in and after the change
  kRoomAgain,  // the disk is not full any more, and a second passes
  kFinish,     // a clean end
};

inline const std::string kData = "srv/data";
inline const std::string kHeadFile = "srv/head/head.note";

class Life {
 public:
  struct Options {
    std::uint64_t number = 1;  // of this life; ids and clock follow from it
    std::size_t segment_bytes = 16u << 20;
    bool disk_may_be_full = false;  // stops must be durable all the same
    bool renews = false;            // with a head file, and a new log after a day
  };
  Life(FaultFiles& files, Promises& promises, Options options);
  ~Life();

  // Opens, recovers, and is ready; or the reason why not.
  Status start();
  void run(const std::vector<Step>& script);  // until the power is off, or it gave up
  void step(Step step);
  // Empty, or what should have worked with a full disk or after it.
  const std::string& broken() const { return broken_; }

  Governance& governance() { return *governance_; }
  bool stopped_by_damage() const;
  // A call now: true when it was released.
  bool call_passes();
  const override_::StopSet& stops() const { return desk_->in_force(); }
  const override_::RevokedSet& revoked() const { return desk_->revocations().in_force(); }

  static void put_rules(FaultFiles& files, int version);

 private:
  struct Call;
  class Upstream;
  struct GaveUp {};
  enum class Answer { kResult, kError, kLost, kNever };

  std::shared_ptr<Call> submit(const std::string& tool, Answer answer, bool read_only = false);
  void do_step(Step step);
  void renew();
  void scrub();
  void rotate_key();
  void note_heads();
  void note_record(const RecordRef& record);
  void room_again();
  void burst();
  void resume_oldest();
  void resumed(const std::vector<Uuid>& ids);
  void stop(bool is_signed);
  void revoke();
  void restore_oldest();
  std::string revocation(const std::string& target, std::vector<Uuid> lifts);
  void enrol_agent();
  void finish();
  void settle();
  std::string statement(override_::Verb verb, const override_::Scope& scope,
                        const std::vector<Uuid>& stops);
  void note_stop(const Result<StopReceipt>& receipt);

  FaultFiles& files_;
  Promises& promises_;
  const Options options_;
  SteppedClock clock_;
  SeededRandom random_;
  Config config_;
  StepScheduler scheduler_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Governance> governance_;
  std::unique_ptr<StopDesk> desk_;
  int stop_number_ = 0;
  int agent_number_ = 0;
  int rules_version_ = 1;
  std::uint64_t log_number_ = 1;
  bool gave_up_ = false;  // it lost its log in a switch: the process ends there
  std::string broken_;
};

}  // namespace pawl::powercut
