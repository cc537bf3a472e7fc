// The governed heart of a daemon: ledger, decisions, controls and the gateway, without any
// listener.
//
// Purpose:    open() recovers everything that decides; what opens listeners comes after it.
// Threading:  constructed and used on the I/O thread; stops arrive from the override thread through
//             the StopDesk made by take_stop_desk().
// Ownership:  owns all of it; Files, Clock, Random and the loop outlive it.
#pragma once

#include <cstdlib>
#include <memory>
#include <set>
#include <string>

#include "app/config/config.h"
#include "app/daemon/agent_tally.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/open_log.h"
#include "app/daemon/process_records.h"
#include "app/daemon/record_keys.h"
#include "app/daemon/rule_activation.h"
#include "app/daemon/state_changes.h"
#include "base/latest_time.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/ledger.h"
#include "gateway/approval_desk.h"
#include "gateway/decisions.h"
#include "gateway/enrollment_desk.h"
#include "gateway/foreseen_rulings.h"
#include "gateway/gateway_core.h"
#include "gateway/parent_tokens.h"
#include "gateway/policy_tokens.h"
#include "gateway/stop_desk.h"

namespace pawl {

struct GovernanceOptions {
  const Config* config = nullptr;
  DataFolder folder;
  KeySources keys{};              // where the keystore's keys come from
  bool allow_unverified = false;  // serve --dev
  ledger::Options ledger{};       // origin and reserve are taken from the configuration
  std::function<const mcp::ServerConfig*(const std::string&)> server_config;
  RecordLookup lookup;
  ForeignKeys foreign_keys{};            // of trusted_tokens; empty: only our own tokens
  PolicyKeys policy_keys{};              // of policy_tokens; empty: nobody's count
  RecordedTasks::Older older_records{};  // parents that are not in memory
  std::function<bool()> older_records_ready{};
  TokenSource token_source{};  // parents from their issuers
  OutsidePoints outside{};     // decision points; empty: nobody is asked
  bool ledger_threads = true;  // false: simulations, see ledger::Options::threads
  std::function<void(std::uint64_t)> log_switched{};  // the log of this number is frozen now
  SpanSink* spans = nullptr;                          // null: no traces
  Recorder::Observer recorded{};                      // after the decisions have it
  // A switch to the next log ended without any: there is nothing to go on with. Must not return.
  std::function<void()> log_lost = [] { std::_Exit(EXIT_FAILURE); };
};

class Governance {
 public:
  static Result<std::unique_ptr<Governance>> open(Files& files, Clock& clock, Random& random,
                                                  Scheduler& scheduler, GovernanceOptions options);
  ~Governance();

  // Writes what start-up owes the ledger (start_records.cc), then done.
  void begin(std::function<void(Status)> done);
  // Puts the configured rules into force, or says where they are wrong and keeps the old ones.
  Status reload_rules();
  // {result, changed, before, rules}; `rules` as in the status.
  Result<json::Object> reloaded_rules();
  // For the override listener; once.
  std::unique_ptr<StopDesk> take_stop_desk();
  // Drains, lets `close_servers` end the processes of servers and waits a moment for them, records
  // the end behind what `owed` records, closes the ledger's snapshot; then done.
  void finish(
      std::function<void()> done, std::function<void()> close_servers = [] {},
      std::function<void()> owed = [] {});
  void tick();

  GatewayCore& gateway() { return *gateway_; }
  // Freezes the log and goes on as a new one, without losing a call. Answers with its number; it is
  // in use when status()["ledger"]["log"] says so. kConflict, kEvidenceUnavailable: not now.
  Result<std::uint64_t> switch_log();
  ledger::Ledger& ledger() { return log_->ledger(); }
  ScrubService& scrub() { return log_->scrub(); }
  Keystore& keys() { return *keys_; }
  RecordKeys& record_keys() { return *record_keys_; }
  ApprovalDesk& approvals() { return *approvals_; }
  EnrollmentDesk& enrollment() { return *enrollment_; }
  const ForeseenRulings& foreseen() const { return *foreseen_; }
  ProcessRecords& processes() { return *processes_; }
  Recorder& recorder() { return *recorder_; }
  Metrics& metrics() { return metrics_; }
  // For every judgement of an expiry outside of the path.
  Clock& latest_time() { return latest_time_; }
  const Instance& instance() const { return recorder_->instance(); }
  const Decisions& decisions() const { return decisions_; }
  std::shared_ptr<const override_::StopSet> stops() const { return stop_board_.snapshot(); }
  std::shared_ptr<const rules::RuleSet> rules() const { return rule_board_.snapshot(); }
  const Activated& policy() const { return policy_; }
  const AgentTally& tally() const { return tally_; }
  json::Value status() const;

 private:
  Governance(Files& files, Clock& clock, Random& random, Scheduler& scheduler,
             GovernanceOptions options);
  Status open_keys();
  Status open_ledger();
  Status open_in_flight();
  Status open_stops();
  Status open_rules();
  void look_who_signs_rules();
  void build_path();
  void open_approvals();
  TokenControlOptions token_control() const;
  void record_state(std::string_view kind, const json::Object& body,
                    std::function<void(const Result<RecordRef>&)> done);
  void record_opening();
  Result<std::vector<StateChange>> state_changes() const;
  std::vector<StateChange> changed_accounts() const;
  void record_changes(std::function<void(Status)> done);
  void record_recovered(std::function<void(Status)> done);
  void await_processes(const std::function<void()>& done);
  void record_end(std::function<void()> done);
  void go_on_as_next();
  void put_into_force(Activated activated);
  json::Object rules_status() const;
  void record_policy();
  PathHooks path_hooks();
  void record_resolution(const override_::VerifiedResolution& verified,
                         std::function<void(Result<Uuid>)> done);
  void record_stop(const override_::Stop& stop, bool journaled, const std::string& statement);
  void record_unrecorded();
  RevocationHooks revocation_hooks();
  void open_revocations();
  struct Unrecorded {
    override_::Revocation revocation;
    json::Object more;  // of its record's body
    std::function<void(Status)> done;
  };
  void record_revocation(Unrecorded owed);
  void record_unrecorded_revocations();
  void recorded(std::uint64_t index, const RecordDraft& draft, std::string_view token);

  Files& files_;
  Clock& clock_;
  LatestTime latest_time_;
  Random& random_;
  Scheduler& scheduler_;
  GovernanceOptions options_;
  std::unique_ptr<Keystore> keys_;
  Metrics metrics_;
  Decisions decisions_;
  ledger::Recovery recovery_;
  std::vector<ledger::Intent> open_notes_;  // reads that a killed process left without outcome
  std::set<Uuid> resolving_;                // unknown outcomes whose resolution is being recorded
  std::size_t recovered_unknowns_ = 0;
  std::uint64_t snapshot_at_ = 0;
  StopBoard stop_board_;
  RuleBoard rule_board_;
  DispatchGate gate_;
  std::unique_ptr<override_::OverrideJournal> journal_;
  override_::StopSet stops_;
  override_::RevokedSet revoked_;  // as of the start; what is in force later stands on the board
  std::vector<override_::Stop> unrecorded_stops_;   // of the journal; the ledger has no record
  std::vector<Unrecorded> unrecorded_revocations_;  // and what the ledger could not take
  std::unique_ptr<OpenLog> log_;
  std::unique_ptr<ledger::InFlightJournal> in_flight_;
  std::unique_ptr<Recorder> recorder_;
  std::shared_ptr<ProcessRecords> processes_;  // nobody else holds it
  std::unique_ptr<ScheduledTask> patience_;    // with processes, at the end
  bool awaits_processes_ = false;
  std::function<void()> owed_;  // writes what has to stand before the record of the end
  std::unique_ptr<ControlTable> controls_;
  std::unique_ptr<ParentTokens> parents_;
  std::unique_ptr<PolicyTokens> policies_;
  std::unique_ptr<RecordKeys> record_keys_;
  std::unique_ptr<Causality> causality_;
  std::unique_ptr<HeldArguments> held_arguments_;
  std::unique_ptr<EnrollmentDesk> enrollment_;
  std::unique_ptr<ForeseenRulings> foreseen_;
  std::unique_ptr<ApprovalDesk> approvals_;
  std::unique_ptr<GatewayCore> gateway_;
  std::unique_ptr<RuleActivation> activation_;
  std::vector<Operator> rule_signers_;  // operators, as of the last reload
  AgentTally tally_;
  Activated policy_;        // the set in force
  std::string policy_set_;  // "NAME/VERSION"; empty: it has no header
  bool switching_ = false;  // to the next log
  bool finishing_ = false;
  BootTime switch_again_{0};
  BootTime started_;
  BootTime rules_since_;
  std::string reload_error_;  // why the files are not what is in force; empty: they are
};

}  // namespace pawl
