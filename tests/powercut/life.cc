#include "tests/powercut/life.h"

#include "foundation/ledger/segment.h"
#include "operators/override/override_wire.h"
#include "tests/powercut/remembered_keys.h"

namespace pawl::powercut {
namespace {

constexpr const char* kRules = "etc/rules.yaml";

const SigningKey& operator_key() {
  static const SigningKey key = [] {
    const KeySequence own("operator");
    return *SigningKey::generate(KeyKind::kP256);
  }();
  return key;
}

}  // namespace

struct Life::Call {
  Uuid id;
  Answer answer = Answer::kResult;
  bool read_only = false;
  bool released = false;
};

// The upstream: what it executed is an effect.
class Life::Upstream final : public Exchange {
 public:
  Upstream(Life& life, std::shared_ptr<Call> call) : life_(life), call_(std::move(call)) {}

  void forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) override {
    if (!gate->pass([this] { effect() = {false, false, call_->read_only}; })) {
      events->lost(Loss::kNotSent, "the gate is closed");
      return;
    }
    if (call_->answer == Answer::kNever) {
      return;
    }
    life_.scheduler_.post([call = call_, events, &effects = life_.promises_.effects] {
      if (call->answer == Answer::kLost) {
        events->lost(Loss::kConnection, "it died");
        return;
      }
      const bool success = call->answer == Answer::kResult;
      effects[call->id] = {true, success, call->read_only};
      events->answered({success, success ? R"({"ok":true})" : R"({"code":-1})"});
    });
  }
  void abandon(Loss) override {}
  void release(std::shared_ptr<WriteGate> gate, const pawl::Answer&,
               const RecordRef& record) override {
    life_.note_record(record);
    call_->released = gate->pass([] {});
  }
  void refuse(const Refusal&, const RecordRef& record) override {
    if (!record.token.empty()) {
      life_.note_record(record);
    }
  }

 private:
  Promises::Effect& effect() { return life_.promises_.effects[call_->id]; }

  Life& life_;
  std::shared_ptr<Call> call_;
};

Life::Life(FaultFiles& files, Promises& promises, Options options)
    : files_(files),
      promises_(promises),
      options_(options),
      random_(0x5eed0000 + options.number * 1000003) {
  clock_.step(std::chrono::hours(options.number));
  config_ = default_config(kData);
  config_.domain = "example.org";
  config_.rules = {kRules};
  config_.limits.reserve_mib = 0;
  if (options.renews) {
    config_.head_file = kHeadFile;
    config_.limits.log_max_days = 1;
  }
}

// The desk and the gateway first, then what they refer to.
Life::~Life() {
  desk_.reset();
  governance_.reset();
}

void Life::put_rules(FaultFiles& files, int version) {
  files.put(kRules, R"(
rules:
  - id: triage-)" + std::to_string(version) +
                        R"(
    when: { agent: triage, server: files }
    then: allow
    reason: test
)");
}

Status Life::start() {
  const DataFolder folder{kData};
  Result<std::unique_ptr<FileLock>> lock = occupy(files_, folder);
  if (!lock) {
    return fail(lock.error());
  }
  lock_ = *std::move(lock);
  GovernanceOptions options;
  options.config = &config_;
  options.folder = folder;
  options.ledger.segment_bytes = options_.segment_bytes;
  options.ledger_threads = false;
  options.log_switched = [this](std::uint64_t frozen) { log_number_ = frozen + 1; };
  options.log_lost = [] { throw GaveUp{}; };
  Result<std::unique_ptr<Governance>> opened =
      Governance::open(files_, clock_, random_, scheduler_, std::move(options));
  if (!opened) {
    return fail(opened.error());
  }
  governance_ = *std::move(opened);
  desk_ = governance_->take_stop_desk();
  const json::Value shown = governance_->status();
  log_number_ = json::find(shown, {"ledger", "log"})->to_number<std::uint64_t>();
  std::optional<Status> begun;
  governance_->begin([&](Status status) { begun = std::move(status); });
  settle();
  if (!begun) {
    return fail(Code::kInternal, "begin() never ended");
  }
  if (*begun) {
    promises_.instance_kid = governance_->keys().instance_kid();
    promises_.rotating = false;
  }
  return *begun;
}

// Until nobody has anything to do. The ledger has no threads here, so the same script makes the
// same calls to the disk.
void Life::settle() {
  bool any = true;
  while (any) {
    any = governance_->ledger().pump();
    any = scheduler_.run_ready() || any;
  }
}

void Life::run(const std::vector<Step>& script) {
  for (const Step next : script) {
    if (files_.off() || gave_up_) {
      return;
    }
    step(next);
  }
}

void Life::step(Step step) try {
  clock_.step(std::chrono::milliseconds(400));  // so that some batches publish their checkpoint
  settle();
  if (step == Step::kRoomAgain) {
    room_again();
  } else if (step == Step::kFinish) {
    finish();
  } else {
    do_step(step);
    settle();
  }
  note_heads();
} catch (const GaveUp&) {
  gave_up_ = true;
  if (files_.faulted().empty()) {
    broken_ = "the daemon lost its log in a switch, and nothing had failed";
  }
}

void Life::note_record(const RecordRef& record) {
  promises_.records.emplace(std::pair(log_number_, record.index), record.token);
  promises_.logs = std::max(promises_.logs, log_number_);
}

void Life::note_heads() {
  const Result<std::string> head = governance_->ledger().resource("checkpoint");
  if (!head) {
    return;
  }
  promises_.heads.insert(*head);
  // A failed write may have changed it all the same, and promised nothing.
  const bool failed = governance_->ledger().stats().head_file_failures > 0;
  if (!failed && files_.contents(kHeadFile) == *head) {
    promises_.head_file = *head;
  }
}

void Life::room_again() {
  files_.set_full(false);
  governance_->tick();
  settle();
  if (!files_.off() && !stopped_by_damage() && !call_passes()) {
    broken_ = "space came back, and calls do not pass";
  }
}

void Life::do_step(Step step) {
  switch (step) {
    case Step::kCall:
      submit("write_file", Answer::kResult);
      break;
    case Step::kCallFailed:
      submit("write_file", Answer::kError);
      break;
    case Step::kCallLost:
      submit("write_file", Answer::kLost);
      break;
    case Step::kCallReadOnly:
      submit("read_file", Answer::kResult, true);
      break;
    case Step::kReadLeftOpen:
      submit("read_file", Answer::kNever, true);
      break;
    case Step::kCallDenied:
      submit("", Answer::kResult);
      break;
    case Step::kCallLeftOpen:
      submit("write_file", Answer::kNever);
      break;
    case Step::kBurst:
      burst();
      break;
    case Step::kStop:
    case Step::kStopSigned:
      stop(step == Step::kStopSigned);
      break;
    case Step::kResume:
      resume_oldest();
      break;
    case Step::kRevoke:
      revoke();
      break;
    case Step::kRestore:
      restore_oldest();
      break;
    case Step::kReload:
      put_rules(files_, ++rules_version_);
      (void)governance_->reload_rules();
      break;
    case Step::kSnapshot:
      governance_->ledger().save_snapshot(
          governance_->ledger().size(),
          {Decisions::kFoldVersion, governance_->decisions().print()});
      break;
    case Step::kEnrolAgent:
      enrol_agent();
      break;
    case Step::kEnrolOperator:
      (void)governance_->keys().enrol_operator("ann", operator_key().public_key(), {"operator"});
      break;
    case Step::kReceipt:
      if (const ledger::Checkpoint head = governance_->ledger().latest(); !head.note.empty()) {
        promises_.heads.insert(head.note);
      }
      break;
    case Step::kRenew:
      renew();
      break;
    case Step::kDayLater:
      clock_.step(std::chrono::hours(25));
      governance_->tick();
      break;
    case Step::kScrub:
      scrub();
      break;
    case Step::kRotateKey:
      rotate_key();
      break;
    case Step::kRoomAgain:
    case Step::kFinish:
      break;
  }
}

std::shared_ptr<Life::Call> Life::submit(const std::string& tool, Answer answer, bool read_only) {
  auto call = std::make_shared<Call>();
  call->answer = answer;
  call->read_only = read_only;
  Action action;
  action.id = call->id = governance_->recorder().new_id();
  action.verb = "tool.call";
  action.method = "tools/call";
  action.protocol = "mcp/2025-11-25";
  action.caller.agent = "triage";
  action.caller.proof = Caller::Proof::kBearerKey;
  action.server = tool.empty() ? "unknown" : "files";
  action.tool = tool.empty() ? "anything" : tool;
  action.params = R"({"path":"/a"})";
  action.arguments = std::make_shared<json::Value>(json::parse(action.params)->value);
  action.session = "s1";
  action.read_only = read_only;
  promises_.asked.insert(call->id);
  governance_->gateway().submit(std::move(action), std::make_unique<Upstream>(*this, call));
  return call;
}

bool Life::call_passes() {
  const std::shared_ptr<Call> call = submit("write_file", Answer::kResult);
  settle();
  return call->released;
}

// All four intents in one batch, and then what became of them.
void Life::burst() {
  submit("write_file", Answer::kResult);
  submit("write_file", Answer::kError);
  submit("write_file", Answer::kLost);
  submit("write_file", Answer::kResult);
}

// What is forwarded before it has its outcome behind it; what comes meanwhile waits.
void Life::renew() {
  submit("write_file", Answer::kResult);
  submit("write_file", Answer::kNever);
  submit("read_file", Answer::kResult, true);
  (void)governance_->switch_log();
  submit("write_file", Answer::kLost);
  submit("read_file", Answer::kNever, true);
}

void Life::scrub() {
  const std::uint64_t pass = governance_->scrub().ask();
  const auto passes = [&] {
    return governance_->scrub().status().at("passes").to_number<std::uint64_t>();
  };
  while (passes() < pass) {
    (void)governance_->scrub().turn();
  }
}

void Life::rotate_key() {
  submit("write_file", Answer::kResult);
  promises_.rotating = true;
  const std::string before = governance_->keys().instance_kid();
  governance_->record_keys().rotate([this, before](const Result<json::Object>& rotated) {
    if (rotated) {
      promises_.rotating = false;
      promises_.instance_kid = governance_->keys().instance_kid();
      promises_.former_kids.insert(before);
    }
  });
  burst();
}

std::string Life::statement(override_::Verb verb, const override_::Scope& scope,
                            const std::vector<Uuid>& stops) {
  override_::Statement out;
  out.verb = verb;
  out.scope = scope;
  out.stops = stops;
  out.audience = governance_->instance().spiffe();
  out.id = Uuid::v7(clock_.wall(), random_);
  out.iat = clock_.wall().seconds();
  out.exp = out.iat + 60;
  return *override_::sign_statement(out, operator_key());
}

void Life::note_stop(const Result<StopReceipt>& receipt) {
  if (!receipt) {
    return;
  }
  promises_.stops[receipt->stop.id].acknowledged = receipt->journaled;
  if (options_.disk_may_be_full && !receipt->journaled) {
    broken_ = "a stop is not durable because the disk is full: " + receipt->problem;
  }
}

void Life::stop(bool is_signed) {
  const override_::Scope scope = *override_::parse_scope(
      is_signed ? "server:other" : "agent:night-" + std::to_string(++stop_number_));
  // Known before it is asked for: what is not acknowledged may be in force all the same.
  note_stop(is_signed ? desk_->stop_signed(statement(override_::Verb::kStop, scope, {}))
                      : desk_->stop(scope, "test", "test"));
}

std::string Life::revocation(const std::string& target, std::vector<Uuid> lifts) {
  override_::RevocationStatement out;
  out.target = target;
  out.lifts = std::move(lifts);
  out.reason = "test";
  out.audience = governance_->instance().spiffe();
  out.id = Uuid::v7(clock_.wall(), random_);
  out.iat = clock_.wall().seconds();
  out.exp = out.iat + 60;
  return *override_::sign_revocation(out, operator_key());
}

void Life::revoke() {
  const Result<RevocationReceipt> receipt =
      desk_->revocations().revoke(revocation("agent:night-" + std::to_string(++stop_number_), {}),
                                  [](const std::function<void()>& task) { task(); });
  if (!receipt) {
    return;
  }
  promises_.revocations[receipt->revocation.id].acknowledged = receipt->journaled;
  if (options_.disk_may_be_full && !receipt->journaled) {
    broken_ = "a revocation is not durable because the disk is full: " + receipt->problem;
  }
}

void Life::restore_oldest() {
  if (revoked().empty()) {
    return;
  }
  const override_::Revocation oldest = revoked().all().front();
  promises_.revocations[oldest.id].resume_asked = true;
  desk_->revocations().lift(
      revocation(oldest.target, {oldest.id}), [](const std::function<void()>& task) { task(); },
      [this](const Result<std::vector<override_::Revocation>>& lifted) {
        if (lifted) {
          for (const override_::Revocation& revocation : *lifted) {
            promises_.revocations[revocation.id].resume_acknowledged = true;
          }
        }
      });
}

void Life::resume_oldest() {
  if (stops().all().empty()) {
    return;
  }
  const override_::Stop oldest = stops().all().front();
  promises_.stops[oldest.id].resume_asked = true;
  desk_->resume(
      statement(override_::Verb::kResume, oldest.scope, {oldest.id}),
      [](const std::function<void()>& task) { task(); },
      [this](const Result<std::vector<override_::Stop>>& lifted) {
        if (lifted) {
          for (const override_::Stop& stop : *lifted) {
            promises_.stops[stop.id].resume_acknowledged = true;
          }
        }
      });
}

void Life::enrol_agent() {
  const std::string agent =
      "agent-" + std::to_string(options_.number) + "-" + std::to_string(++agent_number_);
  if (const Result<std::string> key = governance_->keys().enrol_agent(agent, random_)) {
    promises_.agents[agent] = *key;
  }
}

void Life::finish() {
  bool finished = false;
  governance_->finish([&] { finished = true; });
  settle();
  scheduler_.fire_timers();
  settle();
  if (!finished && !files_.off() && files_.faulted().empty()) {
    broken_ = "a clean end did not end";
  }
}

bool Life::stopped_by_damage() const {
  for (const override_::Stop& stop : desk_->in_force().all()) {
    if (override_::OverrideJournal::is_damage(stop)) {
      return true;
    }
  }
  return false;
}

}  // namespace pawl::powercut
