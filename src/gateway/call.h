// One call on the one path: decide, acquire, forward, evidence (docs/architecture.md).
//
// Purpose:    the state machine that every governed Action goes through; the only caller of
//             Exchange::forward and Exchange::release.
// Threading:  the I/O thread.
// Ownership:  shared: the gateway's table of open calls, the pending completions, the adapter.
// Invariants: forward() only after the intent is durable (for a tool declared read-only: noted in
//             the in-flight journal); release() only after the record is durable; exactly one
//             record for each call; confirmed only if the upstream answered with a result; a second
//             forward() only for a tool that the operator declared idempotent, once, after its
//             connection was lost. A notice of a server that tells too much shares a summary record
//             with others. A repeat is not forwarded; its record names the first call's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/call_trace.h"
#include "gateway/kept_answers.h"
#include "gateway/parent_fetch.h"
#include "gateway/rule_shares.h"
#include "gateway/services.h"
#include "path/exchange.h"

namespace pawl {

class Call;

// What the call asks of the gateway that owns it.
class CallOwner {
 public:
  virtual ~CallOwner() = default;
  enum class Slot { kGranted, kWaiting, kRefused };
  virtual Slot acquire_slot(Call& call) = 0;
  virtual RuleShares& shares() = 0;
  // True: this refusal gets a record of its own.
  virtual bool own_refusal_record(const Action& action, const Refusal& refusal) = 0;
  // False: this notice of a server is one of many, and stands in a summary.
  virtual bool own_notice_record(const Action& action) = 0;
  virtual void keep_outcome(const Action& action, const RecordRef& record, Outcome outcome) = 0;
  // The answer to the call of this record was released, and may be given again.
  virtual void keep_answer(const Uuid& record, const Answer& answer) = 0;
  // What is known of the call that this one repeats; nullptr: its agent made no such call.
  virtual std::unique_ptr<KeptAnswer> kept_for(const Action& action) const = 0;
  virtual void ended(Call& call) = 0;  // gives the slot back; last use of the call
};

class Call final : public CallEvents, public std::enable_shared_from_this<Call> {
 public:
  Call(Services& services, CallOwner& owner, std::uint64_t ticket, Action&& action,
       std::unique_ptr<Exchange> exchange);
  ~Call() override;

  void start();  // identify the workflow, then decide
  // After a wait: the slot is the call's at once, whatever becomes of it; slot_granted() follows
  // and decides anew.
  void take_slot() { holds_slot_ = true; }
  void slot_granted();
  // A stop, a revocation or the end of the process: leaves what may no longer go on.
  void recheck();
  void shut_down();

  const Action& action() const { return action_; }
  std::uint64_t ticket() const { return ticket_; }
  bool holds_slot() const { return holds_slot_; }
  // It waits for people; nothing of it may go on before it is decided anew.
  bool is_held() const { return state_ == State::kHeld; }
  // For people: "fetching parents of tokens", "asking outside", "waiting for people", "waiting",
  // "recording intent", "running", "recording outcome".
  std::string_view stage() const;

  // CallEvents, told by the Exchange.
  void answered(Answer answer) override;
  void lost(Loss loss, std::string detail) override;
  bool event(std::string_view bytes) override;
  bool may_pass(std::string_view message) override;
  void withdrawn(std::string detail) override;
  void stop_waiting() override { out_of_patience(); }
  std::shared_ptr<WriteGate> release_gate() override;
  std::string traceparent() const override;

 private:
  enum class State {
    kNew,
    kFetching,
    kOutside,
    kHeld,
    kWaiting,
    kIntent,
    kForwarding,
    kRecording,
    kEnded
  };
  class ForwardGate;
  class ReleaseGate;
  class AnswerGate;
  friend class ForwardGate;
  friend class ReleaseGate;
  friend class AnswerGate;

  bool refused_by_ledger();
  bool refused_for_a_name();
  Status prepare_name(const std::string& name);
  void take_tokens();  // then judges, or refuses
  bool fetch_parents(const std::vector<WantedToken>& unknown);
  void begin_fetch();
  void parent_fetched(const WantedToken& wanted, const Result<std::string>& text);
  void keep_tokens();
  bool take_policy(WallTime now);  // false: refused
  void keep_policy();
  void judge(WallTime now);
  bool decide();                                 // false: denied_ tells why
  bool released_from_hold();                     // the same, of a call that the table holds
  bool take_changed(const std::string& params);  // decides anew, as what the call is now
  void go_on();         // asks outside, decides, then acquires, waits for people, or refuses
  bool asks_outside();  // true: it waits for the answer
  void outside_answered(const OutsideAnswer& answer);
  void wait_for_people();
  void people_spoke();
  void give_use_back();
  void out_of_patience();
  void acquire();
  void write_intent();
  void answer_repeat();
  void release_repeat(const Result<RecordRef>& record);
  void forward();
  void hand_over();  // to the Exchange, through a gate of its own
  bool may_send_again() const;
  void send_again();
  void close_intent(RecordDraft& draft, bool begun) const;
  void refuse(Refusal refusal);  // nothing was forwarded
  void conclude(Outcome outcome, std::string_view status, std::optional<Answer> answer);
  void finish(Outcome outcome, const Result<RecordRef>& record);
  void unrecorded(Outcome outcome, const Error& why);  // nothing is released without its record
  Refusal refusal_for_loss() const;
  bool can_meet_obligations();  // false: denied_ tells why
  bool take_shares();           // false: refused
  void give_shares_back();
  std::chrono::microseconds patience();
  std::string out_of_time() const;
  bool redact_answer();
  bool answer_fits();
  void meet_obligations(RecordDraft& draft);
  bool held_back();
  void withhold(RecordDraft& draft);
  void give_answer(Outcome outcome, const RecordRef& record);
  std::string_view loss_status();
  BootTime step_done(std::string_view name, BootTime began);  // counts and traces it; ends now
  void told(Outcome outcome, const Refusal* refusal);         // for the trace
  void end();

  Services& services_;
  CallOwner& owner_;
  const std::uint64_t ticket_;
  Action action_;
  Touches touches_;
  std::unique_ptr<ParentFetch> fetch_;  // null: none is fetched
  NewTokens new_tokens_;                // of others, to be recorded before anything of this call is
  std::unique_ptr<Exchange> exchange_;
  State state_ = State::kNew;

  Epochs seen_;
  TableDecision decision_;
  std::optional<Refusal> denied_;       // why the gate or decide said no
  std::optional<Uuid> asked_;           // the approval that this call waits or waited for
  std::optional<Uuid> to_tell_;         // the approval whose end this call's answer tells
  State before_outside_ = State::kNew;  // to which it goes back
  BootTime held_since_;
  bool outside_passed_ = false;  // just now
  bool holds_slot_ = false;
  bool intent_durable_ = false;
  std::optional<Recorder::Note> note_;  // of a read-only call
  bool summed_ = false;                 // a notice of a flooding server: its record is the summary
  bool forwarded_ = false;              // the first byte may have left
  int sends_ = 0;                       // how often that was so
  bool resent_ = false;                 // a second send was tried
  std::vector<std::string> shares_;     // rules under which it counts as open
  std::string hurried_by_;              // the rule that gives it less time; empty: none does
  std::uint64_t events_withheld_ = 0;
  std::uint64_t events_ = 0;
  std::optional<Sha256> event_digest_;  // from the first event on
  std::optional<Answer> answer_;
  bool withheld_ = false;  // what holds it back is in denied_, and in the record
  Loss loss_ = Loss::kConnection;
  std::string loss_detail_;
  BootTime step_began_;
  std::unique_ptr<CallTrace> trace_;  // null: not traced
  std::unique_ptr<ScheduledTask> deadline_;
  std::unique_ptr<ScheduledTask> resend_;
};

}  // namespace pawl
