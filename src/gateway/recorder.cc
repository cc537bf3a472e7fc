#include "gateway/recorder.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/log.h"
#include "foundation/crypto/bounded_name.h"
#include "foundation/crypto/sha256.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "gateway/record_extension.h"
#include "path/plugged.h"

namespace pawl {
namespace {

constexpr std::int64_t kStepUs = 30'000'000;
constexpr std::size_t kUsualIntent = 512;    // bytes
constexpr std::string_view kProbe = "pawl";  // no token's text: that has a dot
constexpr std::string_view kNotSigned = "the record could not be signed";

void append_basis(std::string& out, const Cause& cause) {
  json::append_quoted(out, basis_name(cause.basis));
}

void put_bounded(json::ObjectText& out, std::string_view key, std::string_view name) {
  if (name.size() <= kMaxNameBytes) {
    out.text(key, name);
  } else {
    out.text(key, bounded_name(name));
  }
}

}  // namespace

void RecordDraft::put_name(std::string_view key, std::string_view name) {
  put_bounded(body, key, name);
}

void RecordDraft::put_approval(std::string_view json) {
  body.raw(names::kBodyApproval, json);
  spends_approval = true;
}

void RecordDraft::put_policy_use(std::string_view json, bool was_sent) {
  body.raw(names::kBodyAcp, json);
  works_on_node = was_sent;
}

WallTime Recorder::now() {
  const WallTime wall = clock_.wall();
  const std::int64_t offset = wall.us - clock_.boot().us;
  if (wall_minus_boot_us_ && std::abs(offset - *wall_minus_boot_us_) > kStepUs) {
    const std::int64_t seconds = (offset - *wall_minus_boot_us_) / 1'000'000;
    wall_minus_boot_us_ = offset;
    last_ = std::max(last_, wall);
    note_step(seconds);
  }
  wall_minus_boot_us_ = wall_minus_boot_us_.value_or(offset);
  last_ = std::max(last_, wall);
  return last_;
}

void Recorder::note_step(std::int64_t seconds) {
  ++clock_steps_;
  log(LogLevel::kError, "clock_stepped", {{"seconds", std::to_string(seconds)}});
  RecordDraft draft;
  draft.id = Uuid::v7(last_, random_);
  draft.kind = kinds::kClockStepped;
  draft.body.number("seconds", seconds);
  record(std::move(draft), [](const Result<RecordRef>&) {});
}

// Where digests are salted, nothing begins without a key: its outcome could not be told safely.
Result<ledger::Intent> Recorder::intent_of(const Action& action, std::string_view policy_digest) {
  SaltedDigests salted;
  if (salts_ != nullptr && salts_new_) {
    salted = SaltedDigests(*salts_, action.id, now());
    if (const Status has_key = salted.has_key(); !has_key && plugged(ControlId::kDigestSalt)) {
      return fail(Code::kEvidenceUnavailable,
                  "digests of this call cannot be salted: " + has_key.error().message);
    }
    salted.add_text(names::kSaltedInp, action.inp_hash);
  }
  json::ObjectText body(kUsualIntent);
  body.id("id", action.id);
  body.text("agent", action.caller.agent);
  body.text("server", action.server);
  body.text("verb", action.verb);
  put_bounded(body, "tool", action.tool);
  put_bounded(body, "resource", action.resource);
  body.text("method", action.method);
  if (salted.is_on()) {
    body.raw(names::kIntentSalted, salted.text());
  } else {
    body.text("inp_hash", action.inp_hash);
  }
  if (action.workflow) {
    body.id("wid", *action.workflow);
  } else {
    body.text("wid", "");
  }
  body.list("pred", action.causes,
            [](std::string& out, const Cause& cause) { json::append_id(out, cause.parent); });
  body.list("basis", action.causes, append_basis);
  body.text("policy", policy_digest);
  if (action.approval) {
    body.raw(names::kBodyApproval, print_approval_use(*action.approval));
  }
  if (action.policy_use) {
    body.raw(names::kBodyAcp, print_policy_use(*action.policy_use));
  }
  body.number("at", now().us);
  return ledger::Intent{action.id, body.take()};
}

template <typename What>
void Recorder::append(What what) {
  if (paused_) {
    held_.emplace_back(std::move(what));
    return;
  }
  ++waiting_;
  what();
}

void Recorder::intent(const Action& action, std::string_view policy_digest,
                      std::function<void(Status)> done) {
  Result<ledger::Intent> made = intent_of(action, policy_digest);
  if (!made) {
    done(fail(made.error()));
    return;
  }
  append([this, intent = *std::move(made), done = std::move(done)]() mutable {
    ledger_->append_intent(std::move(intent), [this, done = std::move(done)](Status durable) {
      done(std::move(durable));
      answered();
    });
  });
}

void Recorder::answered() {
  --waiting_;
  if (waiting_ == 0 && drained_) {
    std::exchange(drained_, nullptr)();
  }
}

void Recorder::pause(std::function<void()> drained) {
  paused_ = true;
  if (waiting_ == 0) {
    drained();
  } else {
    drained_ = std::move(drained);
  }
}

void Recorder::go_on(ledger::Ledger& ledger, const std::function<void()>& first) {
  ledger_ = &ledger;
  told_entries_ = 0;
  paused_ = false;
  std::vector<std::function<void()>> held = std::exchange(held_, {});
  first();
  for (std::function<void()>& what : held) {
    append(std::move(what));
  }
}

std::optional<Recorder::Note> Recorder::note(const Action& action, std::string_view policy_digest) {
  const Result<ledger::Intent> made = intent_of(action, policy_digest);
  const Result<Note> noted =
      made ? in_flight_.note(*made, ledger_->size()) : Result<Note>(fail(made.error()));
  return noted ? std::optional(*noted) : std::nullopt;
}

// Off: digests are plain.
SaltedDigests Recorder::salted_for(const RecordDraft& draft) {
  if (!draft.salted_input.key.empty()) {
    return SaltedDigests(salts_, draft.id, draft.salted_input);
  }
  return salts_ != nullptr && salts_new_ ? SaltedDigests(*salts_, draft.id, now())
                                         : SaltedDigests();
}

void Recorder::record(RecordDraft draft, Done done) {
  ect::Claims claims;
  claims.iss = iss_;
  claims.aud.reserve(2);
  claims.aud.push_back(ledger_aud_);
  if (!draft.agent.empty()) {
    claims.aud.push_back(instance_.agent(draft.agent));
  }
  claims.jti = draft.id;
  claims.wid = draft.workflow;
  claims.exec_act = draft.kind;
  for (const Cause& cause : draft.causes) {
    claims.pred.push_back(cause.parent);
  }
  SaltedDigests salted = salted_for(draft);
  put_digests(draft, claims, salted);
  if (!draft.causes.empty()) {
    draft.body.list("basis", draft.causes, append_basis);
  }
  std::string extension = fitting_extension(draft, salted, {form_.domain_facts, bodies_, now()});
  sign({std::move(draft), std::move(claims), std::move(extension), std::move(done)});
}

// A signer's process that answers does not sign such a text, and is there.
bool Recorder::is_key_there() const {
  const Result<std::string> probe = key_.sign(kProbe);
  return probe || probe.error().code == Code::kForbidden;
}

void Recorder::sign(Unsigned record) {
  if (!not_signing_.empty()) {
    not_signed(std::move(record));
    return;
  }
  record.claims.iat = now().seconds();
  record.claims.exp = record.claims.iat + ect::kLifetimeSeconds;
  Result<std::string> token = issuer_->issue(record.claims, record.extension);
  if (token) {
    append_signed(std::move(record), *std::move(token));
    return;
  }
  log(LogLevel::kError, "record_not_signed", {{"reason", token.error().message}});
  if (is_key_there()) {
    record.done(fail(Code::kEvidenceUnavailable, std::string(kNotSigned)));
    return;
  }
  does_not_sign(token.error());
  not_signed(std::move(record));
}

void Recorder::not_signed(Unsigned record) {
  if (record.draft.closes_intent) {
    unsigned_.push_back(std::move(record));
  } else {
    record.done(fail(Code::kEvidenceUnavailable, std::string(kNotSigned)));
  }
}

void Recorder::does_not_sign(const Error& why) {
  not_signing_ = "the key of the records does not sign: " + why.message;
}

void Recorder::look_at_key() {
  const Status there = key_.look();
  if (!there && not_signing_.empty()) {
    log(LogLevel::kError, "record_not_signed", {{"reason", there.error().message}});
    does_not_sign(there.error());
  }
}

void Recorder::sign_again() {
  if (not_signing_.empty() || !is_key_there()) {
    return;
  }
  log(LogLevel::kInfo, "records_signed_again", {{"waiting", std::to_string(unsigned_.size())}});
  not_signing_.clear();
  std::deque<Unsigned> waiting = std::exchange(unsigned_, {});
  for (Unsigned& record : waiting) {
    sign(std::move(record));  // or it waits again
  }
}

void Recorder::stop_waiting() {
  for (Unsigned& record : std::exchange(unsigned_, {})) {
    record.done(fail(Code::kEvidenceUnavailable, std::string(kNotSigned)));
  }
}

void Recorder::append_signed(Unsigned made, std::string token) {
  ledger::Entry entry{token, made.draft.id, made.draft.closes_intent};
  auto recorded = [this, draft = std::move(made.draft), token = std::move(token),
                   done = std::move(made.done)](const Result<ledger::EntryRef>& at) mutable {
    if (!at) {
      done(fail(at.error()));
    } else {
      told_entries_ = at->index + 1;
      if (observer_) {
        observer_(at->index, draft, token);
      }
      done(RecordRef{draft.id, at->index, std::move(token)});
    }
    answered();
  };
  append([this, entry = std::move(entry), recorded = std::move(recorded)]() mutable {
    ledger_->append_entry(std::move(entry), std::move(recorded));
  });
}

}  // namespace pawl
