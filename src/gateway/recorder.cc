#include "gateway/recorder.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <utility>

#include "base/log.h"
#include "foundation/crypto/bounded_name.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ect/exec_audit.h"
#include "foundation/records/body_names.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

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

std::string extension_of(const RecordDraft& draft, std::string_view body,
                         const std::string& domain_facts) {
  json::ObjectText out(body.size() + domain_facts.size() + 256);
  out.text(names::kExtProfile, names::kProfileUri);
  if (!domain_facts.empty()) {
    out.raw(ect::kExtDomain, domain_facts);
  }
  if (!draft.pol.empty()) {
    out.text(names::kExtPol, draft.pol);
    out.text(names::kExtPolDecision, draft.pol_decision);
  }
  out.raw(std::string(names::kExtPrefix).append(kinds::area(draft.kind)), body);
  return out.take();
}

// Whether a body nests deeper than the extension around it leaves room for. Few have as many
// brackets as that takes, so that most are only counted.
bool is_too_deep(std::string_view body) {
  constexpr std::ptrdiff_t kMost = static_cast<std::ptrdiff_t>(ect::kMaxExtDepth) - 1;
  if (std::count(body.begin(), body.end(), '{') + std::count(body.begin(), body.end(), '[') <=
      kMost) {
    return false;
  }
  std::ptrdiff_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < body.size() && depth <= kMost; ++i) {
    const char c = body[i];
    if (in_text && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_text = !in_text;
    } else if (!in_text) {
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    }
  }
  return depth > kMost;
}

// What a reader needs first, and what a record may never be without: names have their bound, but
// one of control characters alone is six times as long in JSON, and a record must never fail.
constexpr std::string_view kNeededFirst[] = {
    "agent", "server", "tool", "outcome", "reason", "intent", "policy", "basis", "stops",
    "statement", "task", "repeat_of", "graph", names::kBodyLevel,
    // of token.received
    names::kClaimIss, names::kBodyTokenId, names::kClaimIat, names::kBodyTokenPayload,
    names::kBodyTokenApproved, names::kBodyTokenDigest};
constexpr std::string_view kLeast[] = {"outcome", "intent"};

// A body that does not fit is replaced by its digest (tokens, rule 5 of the wire names) and the
// members to keep.
std::string bounded(std::string_view body, std::span<const std::string_view> keep,
                    const std::string& retention) {
  json::Object out;
  const Result<json::Parsed> parsed = json::parse(body);
  for (const std::string_view kept : keep) {
    if (const auto* member = parsed ? json::find(parsed->value, {kept}) : nullptr) {
      out[kept] = *member;
    }
  }
  out[names::kExtBodyHash] = digest_text(sha256(body));
  if (!retention.empty()) {
    out[names::kBodyKept] = retention;
  }
  return json::print(out);
}

}  // namespace

void RecordDraft::put_name(std::string_view key, std::string_view name) {
  put_bounded(body, key, name);
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

ledger::Intent Recorder::intent_of(const Action& action, std::string_view policy_digest) {
  json::ObjectText body(kUsualIntent);
  body.id("id", action.id);
  body.text("agent", action.caller.agent);
  body.text("server", action.server);
  body.text("verb", action.verb);
  put_bounded(body, "tool", action.tool);
  put_bounded(body, "resource", action.resource);
  body.text("method", action.method);
  body.text("inp_hash", action.inp_hash);
  if (action.workflow) {
    body.id("wid", *action.workflow);
  } else {
    body.text("wid", "");
  }
  body.list("pred", action.causes,
            [](std::string& out, const Cause& cause) { json::append_id(out, cause.parent); });
  body.list("basis", action.causes, append_basis);
  body.text("policy", policy_digest);
  body.number("at", now().us);
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
  told_entries_ = 0;
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

// A body that does not fit goes where bodies are kept, before its record exists.
std::string Recorder::fitting_extension(RecordDraft& draft) {
  const std::string body = draft.body.take();
  std::string extension = extension_of(draft, body, form_.domain_facts);
  if (extension.size() <= ect::kMaxExtBytes && !is_too_deep(body)) {
    return extension;
  }
  const std::string retention = bodies_ != nullptr ? bodies_->keep(draft.id, body, now()) : "";
  extension = extension_of(draft, bounded(body, kNeededFirst, retention), form_.domain_facts);
  return extension.size() <= ect::kMaxExtBytes
             ? extension
             : extension_of(draft, bounded(body, kLeast, retention), form_.domain_facts);
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
  claims.inp_hash = std::move(draft.inp_hash);
  claims.out_hash = std::move(draft.out_hash);
  if (!draft.causes.empty()) {
    draft.body.list("basis", draft.causes, append_basis);
  }
  std::string extension = fitting_extension(draft);
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
  not_signing_ = "the key of the records does not sign: " + token.error().message;
  not_signed(std::move(record));
}

void Recorder::not_signed(Unsigned record) {
  if (record.draft.closes_intent) {
    unsigned_.push_back(std::move(record));
  } else {
    record.done(fail(Code::kEvidenceUnavailable, std::string(kNotSigned)));
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
