// A whole gateway over a ledger in memory, without a network: real controls, gate, recorder,
// journal.
//
// Example: GatewayRig rig(rules_yaml); FakeExchange& call = rig.submit("tool.call", "write_file");
//          rig.run_until([&] { return call.forwarded; }); call.answer(R"({"ok":true})"); ...
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "foundation/ect/received_token.h"
#include "gateway/decisions.h"
#include "gateway/gateway_core.h"
#include "gateway/recovery.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl {

// Runs posted work on the test's thread; timers fire when the test says so.
class TestScheduler final : public Scheduler {
 public:
  void post(std::function<void()> task) override {
    std::lock_guard<std::mutex> lock(mutex_);
    tasks_.push_back(std::move(task));
    ready_.notify_all();
  }
  std::unique_ptr<ScheduledTask> after(std::chrono::microseconds,
                                       std::function<void()> task) override {
    auto shared = std::make_shared<std::function<void()>>(std::move(task));
    timers.push_back(shared);
    struct Held final : ScheduledTask {
      std::shared_ptr<std::function<void()>> task;
      ~Held() override { *task = nullptr; }
    };
    auto held = std::make_unique<Held>();
    held->task = shared;
    return held;
  }
  // What a process that was killed had still to do.
  void drop_all() {
    timers.clear();
    std::lock_guard<std::mutex> lock(mutex_);
    tasks_.clear();
  }
  void fire_last_timer() {
    const auto timer = timers.back();
    if (*timer) {
      (*timer)();
    }
  }
  void fire_timers() {
    for (const auto& timer : std::exchange(timers, {})) {
      if (*timer) {
        (*timer)();
      }
    }
  }
  // False: ten seconds passed without it.
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      std::function<void()> task;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        if (!ready_.wait_until(lock, deadline, [&] { return !tasks_.empty(); })) {
          return false;
        }
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
    return true;
  }

  std::vector<std::shared_ptr<std::function<void()>>> timers;

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> tasks_;
};

// What the test sees of one call; outlives the Exchange.
struct CallView {
  bool forwarded = false;  // the gate let the request out
  bool gate_refused = false;
  bool abandoned = false;
  bool released = false;
  bool release_refused = false;
  Answer answer;  // what was released
  std::optional<Refusal> refused;
  std::optional<RecordRef> record;
  std::optional<PendingApproval> pending;  // it was held
  std::string changed;                     // params that people approved
  std::string cannot_change;               // why the adapter takes none; empty: it does
  std::shared_ptr<CallEvents> events;
  std::shared_ptr<WriteGate> gate;
  std::function<void()> on_release;  // the requester goes on at once
  bool waits = false;                // for a reader: the gate is passed later, by the test
  bool ended() const { return released || release_refused || refused.has_value(); }
};

class FakeExchange final : public Exchange {
 public:
  explicit FakeExchange(CallView& view) : view_(view) {}
  void held(const std::shared_ptr<CallEvents>& events, const PendingApproval& pending) override {
    view_.events = events;
    view_.pending = pending;
  }
  Status change(Action& action, const std::string& params) override {
    if (!view_.cannot_change.empty()) {
      return fail(Code::kInvalidParams, view_.cannot_change);
    }
    action.params = params;
    action.arguments = std::make_shared<json::Value>(json::parse(params)->value);
    view_.changed = params;
    return {};
  }
  void forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) override {
    view_.gate = gate;
    view_.events = events;
    if (view_.waits) {
      return;
    }
    if (!gate->pass([&] { view_.forwarded = true; })) {
      view_.gate_refused = true;
      events->lost(Loss::kNotSent, "the gate is closed");
    }
  }
  void abandon(Loss) override { view_.abandoned = true; }
  void release(std::shared_ptr<WriteGate> gate, const Answer& answer,
               const RecordRef& record) override {
    view_.record = record;
    view_.answer = answer;
    view_.release_refused = !gate->pass([&] { view_.released = true; });
    if (view_.on_release) {
      view_.on_release();
    }
  }
  void refuse(const Refusal& refusal, const RecordRef& record) override {
    view_.refused = refusal;
    view_.record = record;
  }

 private:
  CallView& view_;
};

inline constexpr const char* kAllowTriage = R"(
rules:
  - id: triage-all
    when: { agent: triage }
    then: allow
    reason: test
)";

class GatewayRig {
 public:
  explicit GatewayRig(const std::string& rules = kAllowTriage, GatewayLimits limits = {},
                      bool dev = false) {
    key_ = std::make_unique<SigningKey>(*SigningKey::generate(KeyKind::kP256));
    log_key_ = std::make_unique<SigningKey>(*SigningKey::generate(KeyKind::kEd25519));
    files_ = std::make_unique<FaultFiles>();
    set_rules(rules);
    open(limits, dev);
  }

  void set_rules(const std::string& yaml) {
    auto loaded = rules::RuleSet::load({{"rules.yaml", yaml}});
    ASSERT_TRUE(loaded) << loaded.error().message;
    rule_board.publish(*loaded);
    gate.advance(EpochKind::kRules);
  }

  Action action(const std::string& verb, const std::string& tool, const std::string& args = "{}") {
    Action out;
    out.verb = verb;
    out.method = "tools/call";
    out.protocol = "mcp/2025-11-25";
    out.caller.agent = "triage";
    out.caller.proof = Caller::Proof::kBearerKey;
    out.server = "files";
    out.tool = tool;
    out.params = args;
    out.arguments = std::make_shared<json::Value>(json::parse(args)->value);
    out.session = "s1";
    return out;
  }

  CallView& submit(Action action, bool waits = false) {
    views_.push_back(std::make_unique<CallView>());
    views_.back()->waits = waits;
    gateway->submit(std::move(action), std::make_unique<FakeExchange>(*views_.back()));
    return *views_.back();
  }
  CallView& submit(const std::string& verb, const std::string& tool) {
    return submit(action(verb, tool));
  }
  bool run_until(const std::function<bool()>& done) { return scheduler.run_until(done); }
  // Until it is refused, or answered with "{}" and released.
  CallView& submit_to_end(Action action) {
    CallView& view = submit(std::move(action));
    EXPECT_TRUE(run_until([&] { return view.forwarded || view.ended(); }));
    if (view.forwarded) {
      view.events->answered({true, "{}"});
      EXPECT_TRUE(run_until([&] { return view.released; }));
    }
    return view;
  }
  // The last token of somebody else that a record stands for.
  std::optional<ect::ReceivedToken> last_kept_token() const {
    std::optional<ect::ReceivedToken> out;
    for (std::uint64_t i = 0; i < ledger->size(); ++i) {
      const ect::Token record = *ect::read(*jose::decode(*ledger->entry(i)));
      const auto received = ect::read_received_token(record.claims);
      out = received ? received : out;
    }
    return out;
  }

  void stop(const std::string& scope) {
    override_::StopSet stops = *stop_board.snapshot();
    stops.apply_stop({Uuid::v7(clock.wall(), random), *override_::parse_scope(scope), "test",
                      "test", clock.wall()});
    stop_board.publish(stops);
    gate.advance(EpochKind::kStops);
    scheduler.post([this] { gateway->recheck_open_calls(); });
  }

  Uuid revoke(const std::string& target) {
    override_::RevokedSet revoked = *stop_board.revoked();
    const Uuid id = Uuid::v7(clock.wall(), random);
    revoked.apply({id, *override_::parse_target(target), "stolen", "ann", clock.wall()});
    stop_board.publish_revoked(std::move(revoked));
    gate.advance(EpochKind::kRevocations);
    scheduler.post([this] { gateway->recheck_open_calls(); });
    return id;
  }

  void resume_all() {
    stop_board.publish({});
    gate.advance(EpochKind::kStops);
  }

  const SigningKey& key() const { return *key_; }
  // The recorder and the parents go on with a new key; the old one was retired then.
  void rotate_key(const std::string& kid, std::int64_t retired_s) {
    const PublicKey old = key_->public_key();
    key_ = std::make_unique<SigningKey>(*SigningKey::generate(KeyKind::kP256));
    recorder->sign_with(*key_, kid);
    parents->own_keys(key_->public_key(), kid, {{"kid", {old, retired_s}}});
  }

  // What a start does: the memory of tokens is that of the ledger.
  void recall() {
    for (std::uint64_t i = 0; i < ledger->size(); ++i) {
      const Result<jose::Jws> jws = jose::decode(*ledger->entry(i));
      parents->memory().recorded(ect::read(*jws)->claims);
    }
  }

  // The payload of a record, from the ledger.
  json::Value payload(const RecordRef& record) {
    const std::string token = *ledger->entry(record.index);
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first + 1);
    return json::parse(*base64url_decode(token.substr(first + 1, second - first - 1)))->value;
  }
  std::string text(const RecordRef& record, std::initializer_list<std::string_view> path) {
    const json::Value value = payload(record);
    return std::string(json::find_string(value, path).value_or(""));
  }

  void open(GatewayLimits limits = {}, bool dev = false) {
    ledger::Options options;
    options.origin = "example.org/pawl/gw1";
    options.segment_bytes = 1 << 20;
    options.reserve_bytes = 0;
    recovery = {};
    auto opened = ledger::Ledger::open(
        *files_, "ledger", *log_key_, clock,
        [this](std::function<void()> task) { scheduler.post(std::move(task)); }, options, 1,
        [](std::string_view) { return true; }, [](std::uint64_t, std::string_view) {}, recovery);
    ASSERT_TRUE(opened) << opened.error().message;
    ledger = *std::move(opened);
    const Instance instance{"example.org", "gw1"};
    std::vector<ledger::InFlightJournal::Found> found;
    in_flight = *ledger::InFlightJournal::open(*files_, "in_flight.journal", found);
    notes = *ledger::without_outcome(std::move(found), *ledger);
    recorder =
        std::make_unique<Recorder>(*ledger, *in_flight, *key_, "kid", instance, clock, random);
    parents = std::make_unique<ParentTokens>(
        instance, key_->public_key(), "kid",
        ForeignKeys{
            [this](std::string_view iss, std::string_view kid) {
              return foreign ? foreign(iss, kid)
                             : Result<PublicKey>(fail(Code::kNotFound, "nobody"));
            },
            [this] { return foreign_generation; },
            {},
            [this](const ect::ChainKey& key, std::int64_t at_s) { return vouch(key, at_s); }},
        token_rules, 100);
    parents->obey(&stop_board);
    recorder->on_recorded(
        [this](std::uint64_t index, const RecordDraft& draft, std::string_view token) {
          decisions.apply_if_state(draft.kind, draft.changes_decisions(), index, token);
          parents->memory().recorded(draft, token, recorder->last_time());
        });
    fold_decisions();
    causality = std::make_unique<Causality>("example.org", CausalityLimits{});
    ControlTableOptions table;
    table.stops = &stop_board;
    table.rules = &rule_board;
    table.domain = "example.org";
    table.allow_unverified = dev;
    table.tokens = token_control();
    policies = std::make_unique<PolicyTokens>(
        instance.spiffe(),
        PolicyKeys{[this](acp::Signer signer, std::string_view iss, std::string_view kid) {
                     return policy_finder ? policy_finder(signer, iss, kid)
                                          : Result<PublicKey>(fail(Code::kNotFound, "nobody"));
                   },
                   [this] { return policy_generation; }},
        [this](std::string_view digest) { return decisions.policy_nodes.is_issued(digest); });
    controls = std::make_unique<ControlTable>(std::move(table));
    gateway = std::make_unique<GatewayCore>(
        Services{*controls,
                 gate,
                 *recorder,
                 *parents,
                 *causality,
                 metrics,
                 scheduler,
                 clock,
                 {},
                 [] { return std::string_view("digest"); },
                 [](const Action&) { return std::chrono::minutes(5); },
                 nullptr,
                 token_source,
                 nullptr,
                 policies.get(),
                 nullptr,
                 outside},
        limits, stop_board, "example.org", [this](const std::string& agent, const Uuid& id) {
          return lookup ? lookup(agent, id) : nullptr;
        });
  }

  // The state that a start comes to: by the records alone.
  void fold_decisions() {
    decisions = {};
    for (std::uint64_t i = 0; i < ledger->size(); ++i) {
      decisions.apply(i, *ledger->entry(i));
    }
  }
  TokenControlOptions token_control() {
    return {.domain = "example.org",
            .state =
                [this](std::string_view run, std::string_view node) {
                  const PolicyNodes::State state = decisions.policy_nodes.state(run, node);
                  return state == PolicyNodes::State::kDone     ? acp::NodeState::kDone
                         : state == PolicyNodes::State::kFailed ? acp::NodeState::kFailed
                                                                : acp::NodeState::kOpen;
                },
            .has_room = [this] { return has_room; },
            .must_have = [this](const Caller&) { return must_have_policy; }};
  }

  std::unique_ptr<FaultFiles> files_;
  std::unique_ptr<SigningKey> key_, log_key_;
  SteppedClock clock;
  SeededRandom random{1};
  TestScheduler scheduler;
  Metrics metrics;
  StopBoard stop_board;
  RuleBoard rule_board;
  DispatchGate gate;
  ect::KeyResolver foreign;  // keys of other issuers; empty: none is trusted
  std::uint64_t foreign_generation = 0;
  // Of certificates in tokens; nobody does, unless a test says who.
  ect::ChainVoucher vouch = [](const ect::ChainKey&, std::int64_t) {
    return tl::unexpected(ect::ChainRefusal{ect::kReasonUntrusted, "nobody"});
  };
  TokenRules token_rules;        // open() anew for others
  TokenSource token_source;      // the same
  OutsidePoints outside;         // the same
  acp::KeyFinder policy_finder;  // keys of who signs policy tokens; empty: nobody does
  std::uint64_t policy_generation = 0;
  bool must_have_policy = false;  // every agent, a policy token
  bool has_room = true;           // for nodes of policy tokens
  Decisions decisions;            // folded as records are made
  RecordLookup lookup;            // what the ledger's index knows; empty: nothing
  ledger::Recovery recovery;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<ledger::InFlightJournal> in_flight;
  std::vector<ledger::Intent> notes;  // reads without outcome that open() found
  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<ParentTokens> parents;
  std::unique_ptr<PolicyTokens> policies;
  std::unique_ptr<Causality> causality;
  std::unique_ptr<ControlTable> controls;
  std::unique_ptr<GatewayCore> gateway;

 private:
  std::vector<std::unique_ptr<CallView>> views_;
};

}  // namespace pawl
