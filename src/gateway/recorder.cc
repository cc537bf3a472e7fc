#include "gateway/recorder.h"

#include <algorithm>
#include <cstdlib>

#include "base/log.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ect/ect.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::int64_t kStepUs = 30'000'000;
constexpr std::size_t kMaxNameBytes = 256;
// What the profile, pol members and punctuation of ect_ext take besides the body.
constexpr std::size_t kExtOverhead = 512;

// A body that does not fit is replaced by its digest (tokens, rule 5 of the wire names); the
// members a reader needs first stay.
json::Object bounded_body(json::Object body) {
  const std::string text = json::print(body);
  if (text.size() + kExtOverhead <= ect::kMaxExtBytes) {
    return body;
  }
  json::Object out;
  for (const std::string_view kept : {"agent", "server", "tool", "outcome", "reason", "intent",
                                      "policy", "basis", "stops", "statement"}) {
    if (const auto* member = body.if_contains(kept)) {
      out[kept] = *member;
    }
  }
  out[names::kExtBodyHash] = digest_text(sha256(text));
  return out;
}

json::Array basis_of(const std::vector<Cause>& causes) {
  json::Array out;
  for (const Cause& cause : causes) {
    out.emplace_back(basis_name(cause.basis));
  }
  return out;
}

}  // namespace

std::string bounded_name(std::string_view name) {
  return name.size() <= kMaxNameBytes ? std::string(name) : "sha256:" + digest_text(sha256(name));
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
  draft.body["seconds"] = seconds;
  record(std::move(draft), [](const Result<RecordRef>&) {});
}

ledger::Intent Recorder::intent_of(const Action& action, std::string_view policy_digest) {
  json::Object body;
  body["id"] = action.id.text();
  body["agent"] = action.caller.agent;
  body["server"] = action.server;
  body["verb"] = action.verb;
  body["tool"] = bounded_name(action.tool);
  body["resource"] = bounded_name(action.resource);
  body["method"] = action.method;
  body["inp_hash"] = digest_text(sha256(action.params));
  body["wid"] = action.workflow ? action.workflow->text() : "";
  json::Array parents;
  for (const Cause& cause : action.causes) {
    parents.emplace_back(cause.parent.text());
  }
  body["pred"] = std::move(parents);
  body["basis"] = basis_of(action.causes);
  body["policy"] = policy_digest;
  body["at"] = now().us;
  return {action.id, json::print(body)};
}

void Recorder::intent(const Action& action, std::string_view policy_digest,
                      std::function<void(Status)> done) {
  ledger_.append_intent(intent_of(action, policy_digest), std::move(done));
}

std::optional<Recorder::Note> Recorder::note(const Action& action, std::string_view policy_digest) {
  const Result<Note> noted = in_flight_.note(intent_of(action, policy_digest), ledger_.size());
  return noted ? std::optional(*noted) : std::nullopt;
}

void Recorder::record(RecordDraft draft, Done done) {
  ect::Claims claims;
  claims.iss = instance_.spiffe();
  claims.aud = {instance_.ledger()};
  if (!draft.agent.empty()) {
    claims.aud.push_back(instance_.agent(draft.agent));
  }
  claims.iat = now().seconds();
  claims.exp = claims.iat + ect::kLifetimeSeconds;
  claims.jti = draft.id;
  claims.wid = draft.workflow;
  claims.exec_act = draft.kind;
  for (const Cause& cause : draft.causes) {
    claims.pred.push_back(cause.parent);
  }
  claims.inp_hash = std::move(draft.inp_hash);
  claims.out_hash = std::move(draft.out_hash);
  claims.ext[names::kExtProfile] = names::kProfileUri;
  if (!draft.pol.empty()) {
    claims.ext[names::kExtPol] = draft.pol;
    claims.ext[names::kExtPolDecision] = draft.pol_decision;
  }
  if (!draft.causes.empty()) {
    draft.body["basis"] = basis_of(draft.causes);
  }
  const std::string member = std::string(names::kExtPrefix) + std::string(kinds::area(draft.kind));
  claims.ext[member] = bounded_body(draft.body);

  Result<std::string> token = ect::issue(key_, kid_, claims);
  if (!token) {
    log(LogLevel::kError, "record_not_signed", {{"reason", token.error().message}});
    done(fail(Code::kEvidenceUnavailable, "the record could not be signed"));
    return;
  }
  const Uuid id = draft.id;
  const bool closes = draft.closes_intent;
  ledger_.append_entry({*token, id, closes},
                       [this, draft = std::move(draft), token = *token,
                        done = std::move(done)](const Result<ledger::EntryRef>& entry) {
                         if (!entry) {
                           done(fail(entry.error()));
                           return;
                         }
                         if (observer_) {
                           observer_(entry->index, draft, token);
                         }
                         done(RecordRef{draft.id, entry->index, token});
                       });
}

}  // namespace pawl
