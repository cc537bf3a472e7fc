// The Gateway of this instance: owns the open calls and what they share.
//
// Purpose:    implements path/gateway.h; turns recovery, stops and rule changes into records.
// Threading:  the I/O thread, but for what says otherwise.
// Ownership:  everything in Parts outlives it.
// Shutdown:   drain() refuses new calls, waits for open ones until the deadline, records the rest
//             as unknown, then calls done once.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <memory>
#include <string>

#include "gateway/bulkhead.h"
#include "gateway/call.h"
#include "gateway/flood.h"
#include "gateway/kept_answers.h"
#include "gateway/noisy_agents.h"
#include "gateway/services.h"
#include "gateway/usual_table.h"
#include "path/gateway.h"

namespace pawl {

struct GatewayLimits {
  BulkheadLimits bulkhead;
  FloodLimits flood;    // of refusals, for each agent
  FloodLimits notices;  // of what servers tell, for each server
  KeptLimits kept;
};

// Looks up a record of this ledger by its id; for repeats after a restart. nullopt: not found.
using RecordLookup =
    std::function<std::unique_ptr<KeptAnswer>(const std::string& agent, const Uuid& id)>;

class GatewayCore final : public Gateway, public CallOwner {
 public:
  GatewayCore(Services services, GatewayLimits limits, const StopBoard& stops, std::string domain,
              RecordLookup lookup);
  ~GatewayCore() override;

  // From here on records have what stands for people; null: their names.
  void name_people_by(PersonNames* people);
  // From here on people can be asked; null: what is held is refused.
  void ask_people_by(ApprovalDesk* approvals) { services_.approvals = approvals; }
  void submit(Action&& action, std::unique_ptr<Exchange> exchange) override;
  Uuid new_id() override { return services_.recorder.new_id(); }
  bool may_use(const Caller& caller, const std::string& server, std::string_view verb,
               std::string_view name) const override;
  bool may_be_held(const Caller& caller, const std::string& server, std::string_view verb,
                   std::string_view name) const override;
  Result<HeldStanding> standing_of(const Uuid& approval, const Caller& caller) const override;
  void told_of_approval(const Uuid& approval) override;
  Status cancel_approval(const Uuid& approval, const Caller& caller) override;
  void on_approval_decided(std::function<void(const Uuid&)> handler) override;
  std::shared_ptr<WriteGate> plumbing_gate(const Caller& caller,
                                           const std::string& server) override;
  bool plumbing_stopped(const Caller& caller, const std::string& server) const override;
  std::optional<Refusal> plumbing_refusal(const Caller& caller,
                                          const std::string& server) const override;
  bool is_stopped(const Action& action) const override;
  bool is_revoked(const Caller& caller) const override;
  void on_stops(std::function<void()> handler) override { on_stops_ = std::move(handler); }

  // After a change of stops or rules: open calls that may not go on are ended. The gate has already
  // been advanced, so nothing of them leaves while this waits its turn.
  void recheck_open_calls();
  // Writes the summaries of refusals that are due and updates gauges. Called about once a second.
  void tick();
  void drain(std::chrono::microseconds deadline, std::function<void()> done);

  std::size_t open_calls() const { return calls_.size(); }
  // The oldest of them, at most `most`, in the order of their arrival. Valid during this turn.
  std::vector<const Call*> oldest_calls(std::size_t most) const;
  std::size_t waiting_calls() const { return bulkhead_.waiting(); }
  bool draining() const { return draining_; }
  // What is usual of the calls that went through since the start, for people.
  const UsualTable& usual() const { return usual_; }
  const std::map<std::string, NoisyAgents::Noise>& noisy_agents(BootTime now) {
    return noisy_.lately(now);
  }

 private:
  Slot acquire_slot(Call& call) override;
  RuleShares& shares() override { return shares_; }
  bool own_refusal_record(const Action& action, const Refusal& refusal) override;
  bool own_notice_record(const Action& action) override;
  void keep_outcome(const Action& action, const RecordRef& record, Outcome outcome) override;
  void keep_answer(const Uuid& record, const Answer& answer) override;
  std::unique_ptr<KeptAnswer> kept_for(const Action& action) const override;
  void ended(Call& call) override;
  std::vector<std::shared_ptr<Call>> all_calls() const;
  void write_summaries(bool all);
  void finish_drain();

  Services services_;
  Bulkhead bulkhead_;
  RuleShares shares_;
  Flood flood_;
  Flood notices_;
  KeptAnswers kept_;
  NoisyAgents noisy_;
  UsualTable usual_;
  const StopBoard& stops_;
  std::string domain_;
  RecordLookup lookup_;
  std::uint64_t next_ticket_ = 1;
  boost::unordered_flat_map<std::uint64_t, std::shared_ptr<Call>> calls_;  // by ticket
  bool draining_ = false;
  std::function<void()> drained_;
  std::function<void()> on_stops_;
  std::unique_ptr<ScheduledTask> drain_deadline_;
};

}  // namespace pawl
