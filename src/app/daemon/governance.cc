#include "app/daemon/governance.h"

#include <algorithm>
#include <utility>

#include "app/daemon/ledger_state.h"
#include "app/daemon/touches.h"
#include "app/daemon/trusted_tokens.h"
#include "base/log.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::uint64_t kSnapshotEvery = 10'000;  // entries
constexpr std::size_t kVerifiedTokens = 10'000;
constexpr std::chrono::seconds kProcessPatience{1};  // for the end of servers' processes

}  // namespace

Governance::Governance(Files& files, Clock& clock, Random& random, Scheduler& scheduler,
                       GovernanceOptions options)
    : files_(files),
      clock_(clock),
      latest_time_(clock),
      random_(random),
      scheduler_(scheduler),
      options_(std::move(options)),
      started_(clock.boot()),
      rules_since_(started_) {}

Governance::~Governance() = default;

Result<std::unique_ptr<Governance>> Governance::open(Files& files, Clock& clock, Random& random,
                                                     Scheduler& scheduler,
                                                     GovernanceOptions options) {
  std::unique_ptr<Governance> out(
      new Governance(files, clock, random, scheduler, std::move(options)));
  const auto steps = {&Governance::open_keys, &Governance::open_ledger, &Governance::open_stops};
  for (const auto step : steps) {
    if (Status done = (out.get()->*step)(); !done) {
      return fail(done.error());
    }
  }
  if (Status ruled = out->open_rules(); !ruled) {
    return fail(ruled.error());
  }
  out->build_path();
  return out;
}

Status Governance::open_keys() {
  const std::string folder = options_.folder.keys();
  const Result<std::vector<std::string>> log = files_.list(options_.folder.ledger());
  if (log && !log->empty() && !Keystore::stands(files_, folder)) {
    return fail(Code::kNotFound, folder + "/instance.pem" +
                                     " is missing, and the ledger here was signed with "
                                     "it: restore it from a backup");
  }
  Result<Keystore> keys = Keystore::create(files_, folder, random_, options_.keys);
  if (!keys) {
    return fail_at("keys", keys.error());
  }
  keys_ = std::make_unique<Keystore>(*std::move(keys));
  return {};
}

Status Governance::open_ledger() {
  const Config& config = *options_.config;
  ledger::Options ledger_options = options_.ledger;
  ledger_options.threads = options_.ledger_threads;
  log_ = std::make_unique<OpenLog>(OpenLog::Parts{
      files_, clock_, scheduler_, config, *keys_, options_.folder, std::move(ledger_options),
      [this] {  // with the next record
        scheduler_.post([this] { snapshot_at_ = 0; });
      },
      [this] {
        const auto stops = stop_board_.snapshot()->all();
        return std::any_of(stops.begin(), stops.end(), override_::OverrideJournal::is_damage);
      }});
  if (Status opened = log_->open(decisions_, recovery_); !opened) {
    return fail_at("ledger", opened.error());
  }
  snapshot_at_ = ledger().size();
  if (Status settled = RecordKeys::settle(*keys_, decisions_.keys); !settled) {
    return fail_at("keys", settled.error());
  }
  if (Status opened_notes = open_in_flight(); !opened_notes) {
    return opened_notes;
  }
  Result<RecordForm> form = record_form(files_, config);
  if (!form) {
    return fail(form.error());
  }
  recorder_ = std::make_unique<Recorder>(
      ledger(), *in_flight_, keys_->instance_key(), keys_->instance_kid(),
      Instance{config.domain, config.node}, clock_, random_, *std::move(form));
  recorder_->resume_after(WallTime{decisions_.last_iat * 1'000'000});
  latest_time_.at_least(WallTime{decisions_.last_iat * 1'000'000});
  processes_ = std::make_shared<ProcessRecords>(*recorder_);
  recorder_->on_recorded([this](std::uint64_t index, const RecordDraft& draft,
                                std::string_view token) { recorded(index, draft, token); });
  return {};
}

Status Governance::open_in_flight() {
  std::vector<ledger::InFlightJournal::Found> found;
  Result<std::unique_ptr<ledger::InFlightJournal>> opened =
      ledger::InFlightJournal::open(files_, options_.folder.in_flight(), found);
  if (!opened) {
    return fail(opened.error());
  }
  in_flight_ = *std::move(opened);
  Result<std::vector<ledger::Intent>> notes = ledger::without_outcome(std::move(found), ledger());
  if (!notes) {
    return fail_at("in-flight journal", notes.error());
  }
  open_notes_ = *std::move(notes);
  return {};
}

void Governance::build_path() {
  const Config& config = *options_.config;
  ControlTableOptions table;
  table.stops = &stop_board_;
  table.rules = &rule_board_;
  table.domain = config.domain;
  table.allow_unverified = options_.allow_unverified;
  table.observed = [&config](const std::string& agent, const std::string& server) {
    const bool agent_observed =
        std::any_of(config.agents.begin(), config.agents.end(),
                    [&](const AgentConfig& known) { return known.id == agent && known.observe; });
    return config.observe || agent_observed || config.observed_servers.contains(server);
  };
  table.tokens = token_control();
  controls_ = std::make_unique<ControlTable>(std::move(table));
  policies_ = std::make_unique<PolicyTokens>(
      recorder_->instance().spiffe(), std::move(options_.policy_keys),
      [this](std::string_view digest) { return decisions_.policy_nodes.is_issued(digest); });
  parents_ = std::make_unique<ParentTokens>(
      recorder_->instance(), keys_->instance_key().public_key(), keys_->instance_kid(),
      std::move(options_.foreign_keys), token_rules(config.tokens), kVerifiedTokens);
  parents_->obey(&stop_board_);
  parents_->memory().ask_for_older(std::move(options_.older_records),
                                   std::move(options_.older_records_ready));
  recall_records(parents_->memory(), config, files_, options_.folder, ledger().size());
  record_keys_ = std::make_unique<RecordKeys>(
      RecordKeys::Parts{*keys_, *recorder_, *parents_, decisions_, [this]() -> std::string {
                          return switching_ || finishing_ || ledger().size() == 0
                                     ? "the log is being switched, or the daemon starts or ends"
                                     : ledger().closed_because();
                        }});
  causality_ = std::make_unique<Causality>(config.domain, CausalityLimits{});
  GatewayLimits limits;
  limits.bulkhead.open_total = static_cast<std::size_t>(config.limits.open_calls);
  limits.bulkhead.open_per_agent = static_cast<std::size_t>(config.limits.open_calls_per_agent);
  Services services{
      *controls_,
      gate_,
      *recorder_,
      *parents_,
      *causality_,
      metrics_,
      scheduler_,
      clock_,
      [this](const Action& action) {
        return touches_of(action,
                          options_.server_config ? options_.server_config(action.server) : nullptr);
      },
      [this]() -> PolicyName {
        return {policy_.state.digest, policy_set_};
      },
      [this](const Action& action) -> std::chrono::microseconds {
        const mcp::ServerConfig* server =
            options_.server_config ? options_.server_config(action.server) : nullptr;
        return server != nullptr ? server->call_timeout
                                 : std::chrono::seconds(options_.config->limits.call_timeout_s);
      },
      options_.spans,
      std::move(options_.token_source)};
  open_approvals();
  services.approvals = approvals_.get();
  services.outside = std::move(options_.outside);
  services.policies = policies_.get();
  gateway_ = std::make_unique<GatewayCore>(std::move(services), limits, stop_board_, config.domain,
                                           options_.lookup);
}

void Governance::recorded(std::uint64_t index, const RecordDraft& draft, std::string_view token) {
  decisions_.apply_if_state(draft.kind, draft.changes_decisions(), index, token);
  tally_.note(draft.agent, draft.kind, draft.pol_decision == names::kPolPending,
              recorder_->last_time().seconds());
  if (takes_tokens_of_others(*options_.config)) {
    parents_->memory().recorded(draft, token, recorder_->last_time());
  }
  decisions_.last_iat = std::max(decisions_.last_iat, recorder_->last_time().seconds());
  if (index + 1 >= snapshot_at_ + kSnapshotEvery) {
    snapshot_at_ = index + 1;
    ledger().save_snapshot(snapshot_at_, {Decisions::kFoldVersion, decisions_.print()});
  }
  if (options_.recorded) {
    options_.recorded(index, draft, token);
  }
}

// ---- the end, and what people see ----

void Governance::finish(std::function<void()> done, std::function<void()> close_servers,
                        std::function<void()> owed) {
  finishing_ = true;
  owed_ = std::move(owed);
  const auto deadline = std::chrono::seconds(options_.config->limits.drain_timeout_s);
  ledger().stop_waiting();
  recorder_->stop_waiting();
  gateway_->drain(deadline,
                  [this, done = std::move(done), close_servers = std::move(close_servers)] {
                    close_servers();
                    await_processes(done);
                  });
}

void Governance::await_processes(const std::function<void()>& done) {
  if (processes_->running() == 0) {
    record_end(done);
    return;
  }
  const auto once = [this, done] {
    if (std::exchange(awaits_processes_, false)) {
      record_end(done);
    }
  };
  awaits_processes_ = true;
  patience_ = scheduler_.after(kProcessPatience, once);
  processes_->when_none(once);
}

// Processes that run on are ended with the gateway; the next start says that nobody saw how.
void Governance::record_end(std::function<void()> done) {
  processes_->close();
  owed_();
  record_state(
      kinds::kNodeStopped, {{"reason", "shutdown"}},
      [this, done = std::move(done)](const Result<RecordRef>& record) {
        if (record) {
          ledger().save_snapshot(record->index + 1, {Decisions::kFoldVersion, decisions_.print()});
        }
        done();
      });
}

void Governance::tick() {
  latest_time_.at_least(recorder_->now());
  gateway_->tick();
  approvals_->tick();
  recorder_->tick();
  ledger().look_for_room();
  record_unrecorded_revocations();
  if (log_->is_full() && clock_.boot() >= switch_again_) {
    const Result<std::uint64_t> begun = switch_log();  // a refusal is no error: the next tick asks
    (void)begun;
  }
  show_ledger(metrics_, ledger());
  metrics_.set_gauge("ledger_closed", recorder_->closed_because().empty() ? 0 : 1);
  log_->scrub().gauges(
      [this](std::string_view name, double value) { metrics_.set_gauge(name, value); });
  metrics_.set_gauge("clock_steps", static_cast<double>(recorder_->clock_steps()));
  metrics_.set_gauge("waiting_calls", static_cast<double>(gateway_->waiting_calls()));
  metrics_.set_gauge("unknown_outcomes", static_cast<double>(decisions_.unknown_count));
  metrics_.set_gauge("revocations", static_cast<double>(stop_board_.revoked()->size()));
  metrics_.set_gauge("rules", static_cast<double>(rule_board_.snapshot()->rules().size()));
}

json::Value Governance::status() const {
  json::Array stops;
  const std::shared_ptr<const override_::StopSet> in_force = stop_board_.snapshot();
  for (const override_::Stop& stop : in_force->all()) {
    stops.emplace_back(override_::print_stop(stop));
  }
  json::Array unknowns;
  for (const Uuid& id : decisions_.unknowns) {
    unknowns.emplace_back(id.text());
  }
  json::Array compromised;
  for (const KeyValidity::Key& key : decisions_.keys.all()) {
    const bool signed_here = !key.until || *key.until > key.from;
    if (signed_here && key.compromised_since_s &&
        (key.may_sign() || key.until_s >= *key.compromised_since_s)) {
      compromised.emplace_back(shown_key(key, keys_->instance_kid()));
    }
  }
  json::Object out{{"domain", options_.config->domain}, {"node", options_.config->node}};
  out["compromised_keys"] = std::move(compromised);
  out["uptime_s"] = (clock_.boot().us - started_.us) / 1'000'000;
  out["mode"] = options_.config->observe ? "observe" : "enforce";
  out["clock_steps"] = recorder_->clock_steps();
  json::Object ledger = ledger_status(log_->ledger());
  ledger["closed_because"] = recorder_->closed_because();
  ledger["writable"] = log_->ledger().writable() && recorder_->closed_because().empty();
  ledger["last_record_at"] = format_rfc3339(WallTime{decisions_.last_iat * 1'000'000});
  ledger["recovered_unknowns"] = std::min(recovered_unknowns_, decisions_.unknowns.size());
  ledger["replayed"] = recovery_.replayed;
  ledger["log"] = log_->number();
  ledger["switching"] = switching_;
  out["ledger"] = std::move(ledger);
  out["scrub"] = log_->scrub().status();
  out["rules"] = rules_status();
  const ApprovalDesk::Pending pending = approvals_->pending_now();
  out["approvals"] =
      json::Object{{"pending", pending.count}, {"first_expires", pending.first_expires}};
  out["open_calls"] = gateway_->open_calls();
  out["unknown_outcomes"] =
      json::Object{{"count", decisions_.unknown_count}, {"newest", std::move(unknowns)}};
  out["stops"] = std::move(stops);
  out["revocations"] = stop_board_.revoked()->size();
  return out;
}

}  // namespace pawl
