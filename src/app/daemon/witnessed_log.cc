#include "app/daemon/witnessed_log.h"

#include <algorithm>

#include "base/log.h"
#include "infrastructure/http/url.h"
#include "path/plugged.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxPolicyBytes = 1u << 20;
constexpr std::size_t kMaxCosigned = 64 * 1024;
constexpr std::size_t kMostWitnesses = 63;  // beside the log's line, of the 64 that a note may have

Status can_be_asked(const ledger::WitnessPolicy& policy) {
  if (policy.witnesses().size() > kMostWitnesses) {
    return fail(Code::kTooLarge, "expected at most 63 witnesses");
  }
  std::vector<bool> reached;
  for (const ledger::WitnessPolicy::Witness& witness : policy.witnesses()) {
    if (!witness.url.empty() && !http::parse_url(witness.url)) {
      return fail(Code::kInvalidParams, "witness " + witness.name +
                                            ": expected a URL http://... or https://..., not " +
                                            witness.url);
    }
    reached.push_back(!witness.url.empty());
  }
  return policy.is_met_by(reached)
             ? Status{}
             : Status(fail(Code::kInvalidParams,
                           "the quorum " + policy.quorum() + " needs witnesses that have no URL"));
}

}  // namespace

Result<std::shared_ptr<const ledger::WitnessPolicy>> configured_policy(const Config& config,
                                                                       Files& files) {
  const std::string& path = config.witnesses->policy_file;
  const Result<std::string> text = read_file(files, path, kMaxPolicyBytes);
  Result<ledger::WitnessPolicy> policy =
      text ? ledger::WitnessPolicy::parse(*text) : fail(text.error());
  if (!policy) {
    return wrong_in(config, "witnesses.policy", policy.error());
  }
  if (Status fit = can_be_asked(*policy); !fit) {
    return wrong_in(config, "witnesses.policy", fit.error());
  }
  if (config.witnesses->is_required && policy->quorum() == "none") {
    return wrong_in(config, "witnesses.required",
                    {Code::kInvalidParams, "the quorum of " + path +
                                               " is none: nothing would be "
                                               "required"});
  }
  return std::make_shared<const ledger::WitnessPolicy>(*std::move(policy));
}

Result<std::unique_ptr<WitnessedLog>> WitnessedLog::open(Parts parts) {
  std::unique_ptr<WitnessedLog> out(new WitnessedLog(std::move(parts)));
  const Config& config = out->parts_.config;
  if (!config.witnesses) {
    return out;
  }
  auto policy = configured_policy(config, out->parts_.files);
  if (!policy) {
    return fail(policy.error());
  }
  out->policy_ = *std::move(policy);
  const std::string vkey = out->parts_.ledger().vkey();
  if (!out->policy_->accepts(*ledger::VerifierKey::parse(vkey))) {
    return wrong_in(config, "witnesses.policy",
                    {Code::kInvalidParams, "lists other logs, not this one: " + vkey});
  }
  if (Status opened = out->open_log(); !opened) {
    return fail(opened.error());
  }
  return out;
}

void WitnessedLog::log_switched() {
  if (Status opened = open_log(); !opened) {
    log(LogLevel::kError, "witnesses_not_asked", {{"reason", opened.error().message}});
  }
}

Status WitnessedLog::open_log() {
  client_.reset();
  cosigned_.reset();
  if (!policy_) {
    return {};
  }
  const ledger::Ledger& current = parts_.ledger();
  Result<ledger::CosignedHead> cosigned = ledger::CosignedHead::open(
      parts_.files, ledger::cosigned_path(parts_.folder.ledger()),
      *ledger::VerifierKey::parse(current.vkey()), policy_, current.size(),
      [&current](std::uint64_t size) { return current.root_at(size); });
  if (!cosigned) {
    const Result<std::string> note =
        read_file(parts_.files, ledger::cosigned_path(parts_.folder.ledger()), kMaxCosigned);
    const std::string file =
        note ? equivocations_.raise(current, *note, "the file of cosigned heads") : "";
    return fail(cosigned.error().code,
                cosigned.error().message +
                    (file.empty() ? "" : "; kept as evidence of two histories: " + file));
  }
  cosigned_ = std::make_unique<ledger::CosignedHead>(*std::move(cosigned));
  asking_since_ = parts_.clock.boot();
  const WitnessConfig& config = *parts_.config.witnesses;
  client_ = std::make_unique<WitnessClient>(
      WitnessClient::Parts{parts_.clock, current, *cosigned_, parts_.fetch,
                           [this, &current](const std::string& note, const std::string& by) {
                             return equivocations_.raise(current, note, by);
                           }},
      WitnessClient::Times{std::chrono::seconds(config.every_s),
                           std::chrono::seconds(config.timeout_s)});
  return {};
}

void WitnessedLog::tick() {
  if (client_) {
    client_->tick();
  }
}

bool WitnessedLog::is_required() const {
  return policy_ && parts_.config.witnesses->is_required && plugged(ControlId::kWitnessRequired);
}

const ledger::Checkpoint* WitnessedLog::newest() const {
  return cosigned_ && cosigned_->newest() ? &cosigned_->newest()->checkpoint : nullptr;
}

std::int64_t WitnessedLog::retry_after_s() const {
  return policy_ ? parts_.config.witnesses->every_s : 1;
}

Result<std::string> WitnessedLog::checkpoint() const {
  const ledger::Checkpoint* cosigned = newest();
  Result<std::string> published = parts_.ledger().resource("checkpoint");
  // The same head with witnesses' lines says more.
  const bool is_same = cosigned != nullptr && published && cosigned->note.starts_with(*published);
  if (cosigned != nullptr && (is_required() || is_same)) {
    return cosigned->note;
  }
  if (is_required()) {
    return fail(Code::kEvidenceUnavailable, "no checkpoint was cosigned by enough witnesses yet");
  }
  return published;
}

Result<std::string> WitnessedLog::receipt(std::uint64_t index) const {
  const ledger::Ledger& current = parts_.ledger();
  const ledger::Checkpoint* cosigned = newest();
  if (cosigned != nullptr && index < cosigned->size) {
    return current.receipt(index, *cosigned);
  }
  if (is_required() && index < current.size()) {
    return fail(Code::kEvidenceUnavailable,
                "no checkpoint that enough witnesses cosigned covers entry " +
                    std::to_string(index) + " yet");
  }
  return current.receipt(index);
}

// ---- what people see ----

std::optional<std::int64_t> WitnessedLog::age_s() const {
  if (newest() == nullptr) {
    return std::nullopt;
  }
  std::int64_t time_s = 0;
  for (const ledger::WitnessPolicy::Cosigned& one : cosigned_->newest()->answer.cosigned) {
    time_s = std::max(time_s, one.time_s);
  }
  return std::max<std::int64_t>(0, parts_.clock.wall().seconds() - time_s);
}

json::Value WitnessedLog::status() const {
  if (!policy_) {
    return nullptr;
  }
  json::Object out{{"required", parts_.config.witnesses->is_required},
                   {"quorum", policy_->quorum()},
                   {"every_s", parts_.config.witnesses->every_s}};
  out["asking_s"] = (parts_.clock.boot().us - asking_since_.us) / 1'000'000;
  const std::uint64_t covered = newest() == nullptr ? 0 : newest()->size;
  out["size"] = covered;
  out["uncovered"] = parts_.ledger().size() - std::min(covered, parts_.ledger().size());
  if (const std::optional<std::int64_t> age = age_s()) {
    out["age_s"] = *age;
  }
  json::Array witnesses;
  for (std::size_t i = 0; client_ && i < policy_->witnesses().size(); ++i) {
    const WitnessState& state = client_->of(i);
    json::Object one{{"witness", policy_->witnesses()[i].name},
                     {"cosignatures", state.cosignatures},
                     {"failures", state.failures},
                     {"good", state.trouble.empty() && state.cosignatures > 0}};
    if (state.cosigned_at) {
      one["age_s"] = (parts_.clock.boot().us - state.cosigned_at->us) / 1'000'000;
    }
    if (!state.trouble.empty()) {
      one["trouble"] = state.trouble;
    }
    if (state.conflict) {
      one["conflict"] = json::Object{{"what", state.conflict->what},
                                     {"proven", state.conflict->is_proven},
                                     {"evidence", state.conflict->evidence},
                                     {"file", state.conflict->file}};
    }
    witnesses.emplace_back(std::move(one));
  }
  out["witnesses"] = std::move(witnesses);
  return out;
}

json::Array WitnessedLog::equivocations() const {
  json::Array out;
  for (const std::string& path : equivocations_.kept()) {
    out.push_back(json::Value(path));
  }
  return out;
}

void WitnessedLog::gauges(Metrics& metrics) const {
  metrics.set_gauge("equivocations", static_cast<double>(equivocations_.kept().size()));
  if (!policy_) {
    return;
  }
  double good = 0, failures = 0, conflicts = 0;
  for (std::size_t i = 0; client_ && i < policy_->witnesses().size(); ++i) {
    const WitnessState& state = client_->of(i);
    good += state.trouble.empty() && state.cosignatures > 0 ? 1 : 0;
    failures += static_cast<double>(state.failures);
    conflicts += state.conflict ? 1 : 0;
  }
  metrics.set_gauge("witnesses_good", good);
  metrics.set_gauge("witness_failures", failures);
  metrics.set_gauge("witness_conflicts", conflicts);
  metrics.set_gauge("witnessed_entries",
                    newest() == nullptr ? 0 : static_cast<double>(newest()->size));
  if (const std::optional<std::int64_t> age = age_s()) {
    metrics.set_gauge("witnessed_age_seconds", static_cast<double>(*age));
  }
}

}  // namespace pawl
