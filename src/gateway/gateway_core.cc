#include "gateway/gateway_core.h"

#include <limits>
#include <vector>

#include "base/limit_stat.h"
#include "base/log.h"
#include "foundation/crypto/bounded_name.h"
#include "foundation/records/kinds.h"
#include "gateway/plumbing_gate.h"
#include "operators/override/revocation_control.h"
#include "path/plugged.h"

namespace pawl {
namespace {

LimitStat open_calls_limit("open_calls");
LimitStat open_calls_per_agent("open_calls_per_agent");
LimitStat drain_timeout("drain_timeout_s");

}  // namespace

namespace {

constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();
constexpr BulkheadLimits kNoLimit{kAnyNumber, kAnyNumber};

}  // namespace

GatewayCore::GatewayCore(Services services, GatewayLimits limits, const StopBoard& stops,
                         std::string domain, RecordLookup lookup)
    : services_(std::move(services)),
      bulkhead_(plugged(ControlId::kOpenCallLimits) ? limits.bulkhead : kNoLimit),
      flood_(limits.flood),
      notices_(limits.notices),
      kept_(limits.kept),
      stops_(stops),
      domain_(std::move(domain)),
      lookup_(std::move(lookup)) {}

GatewayCore::~GatewayCore() = default;

void GatewayCore::name_people_by(PersonNames* people) {
  services_.people = people;
  if (services_.approvals != nullptr) {
    services_.approvals->name_people_by(people);
  }
}

void GatewayCore::submit(Action&& action, std::unique_ptr<Exchange> exchange) {
  if (action.id.is_nil()) {
    action.id = new_id();
  }
  if (draining_) {
    services_.metrics.refused("gateway", Code::kEvidenceUnavailable);
    exchange->refuse(
        {Code::kEvidenceUnavailable, "gateway", "", "the gateway is shutting down", true, 1000},
        RecordRef{});
    return;
  }
  const std::uint64_t ticket = next_ticket_++;
  auto call =
      std::make_shared<Call>(services_, *this, ticket, std::move(action), std::move(exchange));
  calls_[ticket] = call;
  services_.metrics.open_calls(static_cast<double>(calls_.size()));
  call->start();
}

CallOwner::Slot GatewayCore::acquire_slot(Call& call) {
  switch (bulkhead_.acquire(call.action().caller.agent, call.ticket())) {
    case Bulkhead::Grant::kGranted:
      return Slot::kGranted;
    case Bulkhead::Grant::kWaiting:
      open_calls_limit.reached();
      return Slot::kWaiting;
    case Bulkhead::Grant::kRefused:
      open_calls_per_agent.reached();
      noisy_.shed(call.action().caller.agent, services_.clock.boot());
      break;
  }
  return Slot::kRefused;
}

bool GatewayCore::own_refusal_record(const Action& action, const Refusal& refusal) {
  const std::string text = action.id.text() + "\n" + action.verb + "\n" + refusal.rule;
  return flood_.own_record(action.caller.agent, text, services_.clock.boot()) ||
         !plugged(ControlId::kRefusalFlood);
}

// By server, so that one which talks too much takes no other's records.
bool GatewayCore::own_notice_record(const Action& action) {
  const bool own = notices_.own_record(action.server, action.method + "\n" + action.params,
                                       services_.clock.boot());
  if (!own) {
    services_.metrics.notice_summed();
  }
  return own;
}

void GatewayCore::keep_outcome(const Action& action, const RecordRef& record, Outcome outcome) {
  KeptAnswer kept{.record = record.id,
                  .outcome = outcome,
                  .verb = action.verb,
                  .server = action.server,
                  .tool = bounded_name(action.tool),
                  .protocol = action.protocol,
                  .inp_hash = action.inp_hash,
                  .workflow = action.workflow};
  kept_.keep(action.caller.agent, std::move(kept));
  // What people put in the place of the arguments is not what this agent usually sends.
  if (outcome == Outcome::kConfirmed && action.verb == kinds::kToolCall &&
      action.requested.empty()) {
    usual_.learn({action.caller.agent, action.server, action.tool}, action.arguments.get());
  }
}

void GatewayCore::keep_answer(const Uuid& record, const Answer& answer) {
  kept_.add_answer(record, answer.body, answer.success);
}

std::vector<const Call*> GatewayCore::oldest_calls(std::size_t most) const {
  std::vector<const Call*> calls;
  calls.reserve(calls_.size());
  for (const auto& [ticket, call] : calls_) {
    calls.push_back(call.get());
  }
  const auto end = calls.begin() + static_cast<std::ptrdiff_t>(std::min(most, calls.size()));
  std::partial_sort(calls.begin(), end, calls.end(),
                    [](const Call* a, const Call* b) { return a->ticket() < b->ticket(); });
  calls.erase(end, calls.end());
  return calls;
}

void GatewayCore::ended(Call& call) {
  const std::string agent = call.action().caller.agent;
  const std::uint64_t ticket = call.ticket();
  const bool held = call.holds_slot();
  calls_.erase(ticket);
  services_.metrics.open_calls(static_cast<double>(calls_.size()));
  if (!held) {
    bulkhead_.forget(agent, ticket);
  } else if (const std::optional<std::uint64_t> next = bulkhead_.release(agent)) {
    const auto waiting = calls_.find(*next);
    if (waiting != calls_.end()) {
      waiting->second->take_slot();
      services_.scheduler.post([call = waiting->second] { call->slot_granted(); });
    }
  }
  if (draining_ && calls_.empty()) {
    finish_drain();
  }
}

bool GatewayCore::may_use(const Caller& caller, const std::string& server, std::string_view verb,
                          std::string_view name) const {
  return services_.controls.policy().may_use(caller, server, verb, name,
                                             Moment{services_.recorder.now()});
}

std::shared_ptr<WriteGate> GatewayCore::plumbing_gate(const Caller& caller,
                                                      const std::string& server) {
  return std::make_shared<PlumbingGate>(services_.gate, stops_, caller, server, domain_);
}

bool GatewayCore::plumbing_stopped(const Caller& caller, const std::string& server) const {
  return held_back(stops_, caller, server, domain_) && plugged(ControlId::kPlumbingGate);
}

std::optional<Refusal> GatewayCore::plumbing_refusal(const Caller& caller,
                                                     const std::string& server) const {
  const std::optional<Held> held = held_back(stops_, caller, server, domain_);
  if (!held || !plugged(ControlId::kPlumbingGate)) {
    return std::nullopt;
  }
  const Verdict& verdict = held->verdict;
  services_.metrics.refused(held->control, verdict.code);
  return Refusal{verdict.code, std::string(held->control), verdict.rule, verdict.reason, false, 0};
}

bool GatewayCore::is_revoked(const Caller& caller) const {
  return stops_.revoked()->covering(caller) != nullptr && plugged(ControlId::kRevocations);
}

std::unique_ptr<KeptAnswer> GatewayCore::kept_for(const Action& action) const {
  const std::string& agent = action.caller.agent;
  if (const KeptAnswer* kept = kept_.find(agent, *action.repeat_of)) {
    return std::make_unique<KeptAnswer>(*kept);
  }
  return lookup_ ? lookup_(agent, *action.repeat_of) : nullptr;
}

bool GatewayCore::is_stopped(const Action& action) const {
  Verdict space;
  return services_.controls.release_denied(action, Moment{services_.recorder.now()}, space) !=
         nullptr;
}

// A copy: each may end, and begin others.
std::vector<std::shared_ptr<Call>> GatewayCore::all_calls() const {
  std::vector<std::shared_ptr<Call>> out;
  out.reserve(calls_.size());
  for (const auto& [ticket, call] : calls_) {
    out.push_back(call);
  }
  return out;
}

void GatewayCore::recheck_open_calls() {
  if (!plugged(ControlId::kRecheck)) {
    return;
  }
  for (const std::shared_ptr<Call>& call : all_calls()) {
    call->recheck();
  }
  if (on_stops_) {
    on_stops_();
  }
  services_.metrics.stops(static_cast<double>(stops_.snapshot()->all().size()));
  services_.metrics.set_gauge("revocations", static_cast<double>(stops_.revoked()->size()));
}

void GatewayCore::tick() {
  write_summaries(false);
}

void GatewayCore::write_summaries(bool all) {
  for (const FloodSummary& summary : flood_.take_due(services_.clock.boot(), all)) {
    services_.metrics.flooded(static_cast<double>(summary.count));
    noisy_.flooded(summary.source, summary.count, services_.clock.boot());
    RecordDraft draft;
    draft.id = new_id();
    draft.kind = kinds::kRefusalSummary;
    draft.body.text("agent", summary.source);
    draft.body.number("count", static_cast<std::int64_t>(summary.count));
    draft.root = summary.root;
    services_.recorder.record(std::move(draft), [](const Result<RecordRef>&) {});
  }
  for (const FloodSummary& summary : notices_.take_due(services_.clock.boot(), all)) {
    RecordDraft draft;
    draft.id = new_id();
    draft.kind = kinds::kNoticeSummary;
    draft.body.text("server", summary.source);
    draft.body.number("count", static_cast<std::int64_t>(summary.count));
    draft.root = summary.root;
    services_.recorder.record(std::move(draft), [](const Result<RecordRef>&) {});
  }
}

void GatewayCore::drain(std::chrono::microseconds deadline, std::function<void()> done) {
  draining_ = true;
  drained_ = std::move(done);
  if (calls_.empty()) {
    finish_drain();
    return;
  }
  drain_deadline_ = services_.scheduler.after(deadline, [this] {
    for (const std::shared_ptr<Call>& call : all_calls()) {
      drain_timeout.reached();
      call->shut_down();
    }
  });
  for (const std::shared_ptr<Call>& call : all_calls()) {
    if (call->is_held()) {  // people take longer than a drain; a repeat finds what they decided
      call->shut_down();
    }
  }
}

void GatewayCore::finish_drain() {
  write_summaries(true);
  if (drained_) {
    services_.scheduler.post(std::exchange(drained_, nullptr));
  }
}

}  // namespace pawl
