#include "gateway/recorder.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/json_text.h"
#include "base/log.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ect/ect.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::int64_t kStepUs = 30'000'000;
constexpr std::size_t kMaxNameBytes = 256;

// A body that does not fit is replaced by its digest (tokens, rule 5 of the wire names); the
// members a reader needs first stay.
json::Object bounded(const json::Object& body) {
  json::Object out;
  for (const std::string_view kept :
       {"agent", "server", "tool", "outcome", "reason", "intent", "policy", "basis", "stops",
        "statement", "task", "repeat_of"}) {
    if (const auto* member = body.if_contains(kept)) {
      out[kept] = *member;
    }
  }
  out[names::kExtBodyHash] = digest_text(sha256(json::print(body)));
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
  json::ObjectText body;
  body.text("id", action.id.text());
  body.text("agent", action.caller.agent);
  body.text("server", action.server);
  body.text("verb", action.verb);
  body.text("tool", bounded_name(action.tool));
  body.text("resource", bounded_name(action.resource));
  body.text("method", action.method);
  body.text("inp_hash", action.inp_hash);
  body.text("wid", action.workflow ? action.workflow->text() : "");
  std::string parents = "[";
  std::string basis = "[";
  for (const Cause& cause : action.causes) {
    const std::string_view comma = parents.size() > 1 ? "," : "";
    parents.append(comma).append(json::quote(cause.parent.text()));
    basis.append(comma).append(json::quote(basis_name(cause.basis)));
  }
  body.raw("pred", parents + ']');
  body.raw("basis", basis + ']');
  body.text("policy", policy_digest);
  body.raw("at", std::to_string(now().us));
  return {action.id, body.take()};
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
  append([this, intent = intent_of(action, policy_digest), done = std::move(done)]() mutable {
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
  paused_ = false;
  std::vector<std::function<void()>> held = std::exchange(held_, {});
  first();
  for (std::function<void()>& what : held) {
    append(std::move(what));
  }
}

std::optional<Recorder::Note> Recorder::note(const Action& action, std::string_view policy_digest) {
  const Result<Note> noted = in_flight_.note(intent_of(action, policy_digest), ledger_->size());
  return noted ? std::optional(*noted) : std::nullopt;
}

void Recorder::record(RecordDraft made, Done done) {
  const auto draft = std::make_shared<RecordDraft>(std::move(made));  // held until it is durable
  ect::Claims claims{.ext = json::Object(draft->body.storage())};
  claims.iss = instance_.spiffe();
  claims.aud = {instance_.ledger()};
  if (!draft->agent.empty()) {
    claims.aud.push_back(instance_.agent(draft->agent));
  }
  claims.iat = now().seconds();
  claims.exp = claims.iat + ect::kLifetimeSeconds;
  claims.jti = draft->id;
  claims.wid = draft->workflow;
  claims.exec_act = draft->kind;
  for (const Cause& cause : draft->causes) {
    claims.pred.push_back(cause.parent);
  }
  claims.inp_hash = std::move(draft->inp_hash);
  claims.out_hash = std::move(draft->out_hash);
  claims.ext[names::kExtProfile] = names::kProfileUri;
  if (!draft->pol.empty()) {
    claims.ext[names::kExtPol] = draft->pol;
    claims.ext[names::kExtPolDecision] = draft->pol_decision;
  }
  if (!draft->causes.empty()) {
    draft->body["basis"] = basis_of(draft->causes);
  }
  const std::string member = std::string(names::kExtPrefix) + std::string(kinds::area(draft->kind));
  json::Object& body = claims.ext[member].emplace_object();
  json::Object& given = draft->body;
  body = std::move(given);  // the same block: no copy
  std::string ext_text = json::print(claims.ext);
  if (ext_text.size() > ect::kMaxExtBytes) {
    body = bounded(body);
    ext_text = json::print(claims.ext);
  }
  Result<std::string> token = ect::issue(key_, kid_, claims, ext_text);
  given = std::move(body);
  if (!token) {
    log(LogLevel::kError, "record_not_signed", {{"reason", token.error().message}});
    done(fail(Code::kEvidenceUnavailable, "the record could not be signed"));
    return;
  }
  ledger::Entry signed_entry{*token, draft->id, draft->closes_intent};
  auto recorded = [this, draft, token = *std::move(token),
                   done = std::move(done)](const Result<ledger::EntryRef>& entry) mutable {
    if (!entry) {
      done(fail(entry.error()));
    } else {
      if (observer_) {
        observer_(entry->index, *draft, token);
      }
      done(RecordRef{draft->id, entry->index, std::move(token)});
    }
    answered();
  };
  append([this, signed_entry = std::move(signed_entry), recorded = std::move(recorded)]() mutable {
    ledger_->append_entry(std::move(signed_entry), std::move(recorded));
  });
}

}  // namespace pawl
