// Where held calls meet the people who decide: the shell around operators/approval/.
//
// Purpose:    says what becomes of a call that the table holds (it may go on and which use it has,
//             it waits, it is refused), records each command's events, and wakes the callers. The
//             state is the fold over records; what is being recorded stands here beside it, so that
//             nothing is asked for, decided or spent twice while a record is under way.
// Threading:  the I/O thread; a new hold waits for the disk, for the arguments must be durable.
// Ownership:  Parts outlive it.
// Errors:     decide(): those of verify_statement() and approval::decide(); kConflict (another
//             decision on it is being recorded), kInvalidParams (what it approves in place of the
//             call's arguments), kDenied (a rule denies the call with these, or holds it on other
//             terms), kUnsupported (a passkey where no relying party is known),
//             kEvidenceUnavailable (its record is not durable: nothing was decided).
// Not errors: a statement on an approval whose callers are gone: it waits for a repeat until its
//             time is over.
// Rule:       a use is taken before its intent and spent by it: at most the granted uses are ever
//             in intents. What was taken and never written is given back; what was written never.
// Source:     docs/formats/approval.md; ACP-DAG-HITL's gates (design, section 8).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/random.h"
#include "foundation/records/approval_use.h"
#include "gateway/held_arguments.h"
#include "gateway/held_calls.h"
#include "gateway/metrics.h"
#include "gateway/person_names.h"
#include "gateway/recorder.h"
#include "operators/approval/approval_state.h"
#include "operators/approval/enrollment.h"
#include "operators/approval/passkey_statement.h"
#include "operators/approval/statement.h"
#include "path/gateway.h"

namespace pawl {

class ForeseenRulings;

struct ApprovalSettings {
  std::chrono::seconds patience{45};      // how long a caller waits for an answer
  std::size_t pending_per_agent = 16;     // approvals
  std::size_t waiting_per_agent = 256;    // calls
  std::size_t waiting_bytes = 128 << 20;  // of the requests of all calls that wait
  std::string address{};                  // where people decide; empty: by command
};

// What becomes of a held call.
struct HeldAnswer {
  enum class Kind { kGranted, kPending, kRefused };
  Kind kind = Kind::kRefused;
  ApprovalUse use{};                       // kGranted, these two
  std::optional<std::string> changed{};    // params that people approved in place of the call's
  std::optional<PendingApproval> pending;  // kPending
  Code code = Code::kDenied;               // kRefused, these two
  std::string reason;
  std::optional<Uuid> decided;  // kRefused: by this approval's end, which the caller is to hear of
};

class ApprovalDesk {
 public:
  using Done = std::function<void(Result<json::Object>)>;
  struct Parts {
    Recorder& recorder;
    Random& random;
    Metrics& metrics;
    const approval::ApprovalState& state;          // the fold's
    const approval::EnrolledOperators& operators;  // the fold's
    HeldArguments& arguments;
    std::function<std::string_view()> policy_digest;
    std::function<bool(const std::string& kid)> is_revoked;         // a key of an operator
    std::function<std::string(const std::string& agent)> owner_of;  // operator; empty: nobody
    ApprovalSettings settings;
  };
  explicit ApprovalDesk(Parts parts);

  // Once, after recovery: ends what was asked under other rules, and erases arguments that a crash
  // left.
  void begin();
  void name_people_by(PersonNames* people) { people_ = people; }
  // Where people use passkeys, which is our own knowledge; without it none decides here.
  using Party = std::function<std::optional<sign_in::RelyingParty>()>;
  void take_passkeys_at(Party party) { party_ = std::move(party); }
  // Who says what the rules make of changed arguments; null: they are judged when the call goes on.
  void judge_changes_by(const ForeseenRulings* rulings) { foreseen_ = rulings; }

  // ---- the path ----
  // `said`: the terms of the rule that holds it; `waited_for`: what it waited for until now.
  HeldAnswer ask(const Action& action, const HoldTerms& said,
                 const std::optional<Uuid>& waited_for);
  // Whether the use that this call has taken still fits it, at a later look at which it is held on
  // these terms.
  bool still_fits(const Action& action, const HoldTerms& said) const;
  // False: too many calls of this agent wait, or too large ones.
  bool wait(const HeldCalls::Caller& caller, std::uint64_t ticket, const Uuid& approval,
            HeldCalls::Wake wake);
  void leave(std::uint64_t ticket) { held_.leave(ticket); }
  // Nothing of the call was written.
  void give_back(const ApprovalUse& use);
  // Its caller has been told how it ended.
  void delivered(const Uuid& approval);
  // What an adapter asks for its caller; see Gateway.
  Result<HeldStanding> standing_of(const Uuid& approval, const Caller& caller) const;
  Status cancel(const Uuid& approval, const Caller& caller);
  // After an approval was decided, ended or told.
  void on_decided(std::function<void(const Uuid&)> handler) { on_decided_ = std::move(handler); }
  std::chrono::microseconds patience() const { return parts_.settings.patience; }

  // ---- people ----
  // `shown`: what proves a signed statement, a key file's token or a passkey's assertion.
  // `changed`: the params that it approves in place of the call's, once somebody signed these;
  // empty: not said. The answer: approval, phase, record, needed (people who are still to agree).
  void decide(const approval::Evidence& shown, const std::string& changed, Done done);
  void decide(const std::string& token, const std::string& changed, Done done) {
    decide(approval::Evidence{token, "", "", "", ""}, changed, std::move(done));
  }
  // An approval as people see it: print_approvals()'s members, `needed`, and `like`: how many
  // pending ones are of the same agent, server, verb and name. `sees`: which ones.
  using Sees = std::function<bool(const approval::Approval&)>;
  json::Array list(const Sees& sees) const;
  const approval::Approval* find(const Uuid& approval) const { return parts_.state.find(approval); }
  // And its `params`, the exact text, and `changed`; with `arguments_problem` where they cannot be
  // read, or where `why_not` says why this person is not shown them.
  Result<json::Object> show(const Uuid& approval, const std::string& why_not = "") const;

  void policy_changed();
  void tick();
  std::size_t waiting() const { return held_.size(); }
  struct Pending {
    std::int64_t count = 0;
    std::int64_t first_expires = 0;  // seconds; 0: none
  };
  Pending pending_now() const;

 private:
  struct Asked {
    approval::Binding binding;
    std::int64_t expires_at;
  };
  Result<std::string> on_behalf_of(const Caller& caller) const;
  bool is_of(const approval::Binding& binding, const Caller& caller) const;
  Result<approval::Binding> binding_of(const Action& action) const;
  // One that a rule on other terms asked for, before that rule or its time ended: nobody spends it.
  bool ended_on_other_terms(const approval::Binding& binding, const HoldTerms& terms);
  // `told`: an earlier one of this call; that it was delivered is being recorded.
  HeldAnswer ask_people(const Action& action, approval::Binding binding, const HoldTerms& terms,
                        const std::optional<Uuid>& told = {});
  HeldAnswer granted(const ApprovalUse& use) const;
  Result<std::string> changed_of(const approval::Approval& approval) const;
  Status keep_changed(const approval::Statement& said, const std::string& changed);
  Status judge_changed(const Uuid& approval, const std::string& params) const;
  bool forget(const ApprovalUse& use);  // nobody has it; false: nobody had
  std::optional<ApprovalUse> take(const approval::Binding& binding);
  std::optional<Uuid> used_by(const Uuid& approval) const;
  void note_use(const ApprovalUse& use, const Uuid& record);
  std::uint32_t highest_taken(const approval::Approval& approval) const;
  const approval::Approval* spendable(const approval::Binding& binding) const;
  HeldAnswer pending(const Uuid& id, std::int64_t expires_at) const;
  Result<approval::VerifiedStatement> signed_by_passkey(const approval::Evidence& shown) const;
  Result<approval::Statement> verified(const approval::Evidence& shown,
                                       approval::Evidence& evidence) const;
  Status is_somebody_else(const approval::Statement& statement) const;
  static bool fits_in_record(const approval::Event& event);
  // One event at a time for each approval. `done` after the state has it.
  // `of`: the call that it is about, where it is at hand.
  void record(const approval::Event& event, const Action* of,
              std::function<void(const Result<RecordRef>&)> done);
  // `bytes`: of the body that it has.
  static void tie_to_request(RecordDraft& draft, const approval::Approval& one, std::size_t bytes);
  void record_end(const approval::Event& event, const Uuid& approval);
  void recorded_change(const Uuid& approval);
  bool still_agreed(const approval::Approval& approval) const;
  void ended(const Uuid& approval);
  void wake(const Uuid& approval);
  std::int64_t now() const;

  Parts parts_;
  PersonNames* people_ = nullptr;
  Party party_;
  const ForeseenRulings* foreseen_ = nullptr;
  HeldCalls held_;
  std::function<void(const Uuid&)> on_decided_;
  std::map<Uuid, Asked> asking_;                   // whose record is under way
  std::set<Uuid> delivering_;                      // the same, which ends no grant
  std::set<Uuid> changing_;                        // of which an event is being recorded
  std::map<Uuid, approval::Event> owed_ends_;      // that wait for it
  std::map<Uuid, std::set<std::uint32_t>> taken_;  // uses that the state has not as spent
  static constexpr std::size_t kMostUsesNoted = 2 * approval::ApprovalState::kMost;
  std::map<std::pair<Uuid, std::uint32_t>, Uuid> used_by_;  // records of calls, by use; soft
};

}  // namespace pawl
