// Turns what happened into signed records and hands them to the ledger.
//
// Purpose:    the only place that issues our ECTs; keeps the recorder's time, which never goes
// back. Threading:  the I/O thread; completions come on it too. Ownership:  ledger (until go_on()
// names another), keys, clock and random outlive the Recorder. Errors:     kEvidenceUnavailable:
// nothing was recorded, and nothing may be released. Lost key:   when the key does not sign (a
// token that was pulled out), closed_because() says so and
//             nothing governed begins. Outcomes of what was begun wait for the key, in order; other
//             records fail at once. tick() notices that its holder is gone (SigningKey::look)
//             before a signature fails, and asks the key until it signs again.
// Source:     docs/formats/records.md, docs/formats/ect.md.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_text.h"
#include "base/random.h"
#include "foundation/crypto/signing_key.h"
#include "foundation/ect/ect_issue.h"
#include "foundation/ledger/in_flight.h"
#include "foundation/ledger/ledger.h"
#include "foundation/records/outcome.h"
#include "gateway/body_store.h"
#include "gateway/salted_digests.h"
#include "path/action.h"
#include "path/exchange.h"

namespace pawl {

// How records are written, beside what they say.
struct RecordForm {
  ect::Dialect dialect = ect::Dialect::kEct01;
  std::string domain_facts{};  // JSON of pawl.domain (exec_audit.h); empty: none
};

// Events that came before the answer.
struct StreamEvidence {
  std::uint64_t count = 0;
  Digest digest{};  // over their bytes in order
};

struct Instance {
  std::string domain;  // trust domain
  std::string node;    // this instance
  std::string spiffe() const { return "spiffe://" + domain + "/pawl/" + node; }
  std::string ledger() const { return "spiffe://" + domain + "/pawl/" + node + "/ledger"; }
  std::string agent(const std::string& id) const { return spiffe_agent_id(domain, id); }
};

// Everything of a record but time, issuer and signature.
struct RecordDraft {
  Uuid id;
  std::string_view kind;  // exec_act, of kinds.h
  std::optional<Uuid> workflow;
  std::vector<Cause> causes;
  std::string agent;  // added to the audience; empty for records of our own state
  // Plain, these and the next three; the recorder salts them where that is asked for.
  std::string inp_hash, out_hash;
  std::string given_hash{};  // of what the caller got, where rules oblige; else empty
  std::optional<StreamEvidence> events;
  std::optional<Digest> root;     // of a summary
  SaltedDigest salted_input{};    // as its intent had it; empty: that was plain, or there is none
  std::string pol, pol_decision;  // both or none
  // Of ect_ext["pawl." + area], at most four levels deep; bounded by the recorder.
  json::ObjectText body{1024};
  // The weakest level of what it came from, as far as that was presented.
  ect::Level level = ect::Level::kL3;
  bool closes_intent = false;
  bool leaves_open = false;      // its outcome is unknown, or a task goes on
  bool spends_approval = false;  // it repeats what its intent consumed
  bool works_on_node = false;    // it was sent under a policy token, and its outcome counts there
  // The decisions (decisions.h) fold it, whatever its kind is.
  bool changes_decisions() const { return leaves_open || spends_approval || works_on_node; }

  void put_outcome(Outcome outcome) {
    body.text("outcome", outcome_name(outcome));
    leaves_open = leaves_open || outcome == Outcome::kUnknown;
  }
  // At most once. `json`: the member of the intent.
  void put_approval(std::string_view json);
  // At most once: by which node of a policy token it was judged. `was_sent`: its outcome counts.
  void put_policy_use(std::string_view json, bool was_sent);
  // A name from an agent or server is an identifier, but may be of any length: over 256 bytes the
  // record holds its digest ("sha256:...") instead.
  void put_name(std::string_view key, std::string_view name);
};

class Recorder {
 public:
  using Done = std::function<void(Result<RecordRef>)>;

  Recorder(ledger::Ledger& ledger, ledger::InFlightJournal& in_flight, const SigningKey& key,
           std::string_view kid, Instance instance, Clock& clock, Random& random,
           RecordForm form = {})
      : ledger_(&ledger),
        in_flight_(in_flight),
        key_(key),
        form_(std::move(form)),
        issuer_(std::make_unique<const ect::DialectIssuer>(key, kid, form_.dialect)),
        instance_(std::move(instance)),
        iss_(instance_.spiffe()),
        ledger_aud_(instance_.ledger()),
        clock_(clock),
        random_(random) {}

  // The later of the wall clock and the last recorded time. A wall clock more than 30 s away from
  // where the boot clock says it should be is a step: it is recorded once, and logged.
  WallTime now();
  void resume_after(WallTime last_recorded) { last_ = std::max(last_, last_recorded); }
  Uuid new_id() { return new_id(now()); }
  Uuid new_id(WallTime at) { return Uuid::v7(at, random_); }

  void intent(const Action& action, std::string_view policy_digest,
              std::function<void(Status)> done);
  // For a call that changes nothing: survives a killed process, needs no wait. nullopt: take an
  // intent. forget() once its record is durable or nothing was forwarded.
  using Note = ledger::InFlightJournal::Slot;
  std::optional<Note> note(const Action& action, std::string_view policy_digest);
  void forget(Note note) { in_flight_.release(note); }
  // Notes get the count of entries that were told here: an entry whose answer is still under way
  // may be the outcome of a note, and recovery looks for it from that count on.
  void tick() {
    in_flight_.tick(told_entries_);
    look_at_key();
    sign_again();
  }
  void record(RecordDraft draft, Done done);
  // Where bodies go that do not fit; null: records hold their digest only.
  void keep_bodies_in(BodyStore* bodies) { bodies_ = bodies; }
  // Where salts come from, also those of earlier records, and whether new digests are salted. Then
  // intents fail where none can be had. Null: plain.
  void salt_digests_with(DigestSalts* salts, bool new_ones) {
    salts_ = salts;
    salts_new_ = new_ones;
  }
  DigestSalts* salts() const { return salts_; }
  // Every record from here on. Not while paused: what is held was signed before.
  void sign_with(const SigningKey& key, std::string_view kid) {
    key_ = key;
    issuer_ = std::make_unique<const ect::DialectIssuer>(key, kid, form_.dialect);
  }
  const Instance& instance() const { return instance_; }
  // Why nothing governed may begin now; empty: it may.
  std::string closed_because() const {
    return not_signing_.empty() ? ledger_->closed_because() : not_signing_;
  }
  // What waits for the key fails now: the process ends.
  void stop_waiting();
  // For a switch to the next log: holds what would be appended, and tells when everything that was
  // has been answered. go_on() hands over what was held, in order, behind what `first` appends.
  void pause(std::function<void()> drained);
  void go_on(ledger::Ledger& ledger, const std::function<void()>& first);
  WallTime last_time() const { return last_; }
  // Told of every durable record, in log order, before its own completion. The draft's body and
  // hashes are in the token.
  using Observer =
      std::function<void(std::uint64_t index, const RecordDraft& draft, std::string_view token)>;
  void on_recorded(Observer observer) { observer_ = std::move(observer); }
  std::uint64_t clock_steps() const { return clock_steps_; }

 private:
  void note_step(std::int64_t seconds);
  SaltedDigests salted_for(const RecordDraft& draft);
  Result<ledger::Intent> intent_of(const Action& action, std::string_view policy_digest);

  // A record without issuer's time and signature.
  struct Unsigned {
    RecordDraft draft;
    ect::Claims claims;
    std::string extension;
    Done done;
  };
  bool is_key_there() const;
  void sign(Unsigned record);
  void not_signed(Unsigned record);
  void does_not_sign(const Error& why);
  void look_at_key();
  void sign_again();
  void append_signed(Unsigned record, std::string token);
  template <typename What>
  void append(What what);
  void answered();

  ledger::Ledger* ledger_;
  std::uint64_t told_entries_ = ledger_->size();
  ledger::InFlightJournal& in_flight_;
  SigningKey key_;
  const RecordForm form_;
  std::unique_ptr<const ect::DialectIssuer> issuer_;
  const Instance instance_;
  const std::string iss_, ledger_aud_;
  Clock& clock_;
  Random& random_;
  WallTime last_;
  std::optional<std::int64_t> wall_minus_boot_us_;
  std::uint64_t clock_steps_ = 0;
  std::uint64_t waiting_ = 0;  // appends without an answer
  std::string not_signing_;    // why; empty: the key signs
  std::deque<Unsigned> unsigned_;
  bool paused_ = false;
  std::vector<std::function<void()>> held_;
  std::function<void()> drained_;
  Observer observer_;
  BodyStore* bodies_ = nullptr;
  DigestSalts* salts_ = nullptr;
  bool salts_new_ = false;
};

}  // namespace pawl
