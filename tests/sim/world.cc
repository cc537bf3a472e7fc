#include "tests/sim/world.h"

#include <algorithm>

#include "app/daemon/record_lookup.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/segment.h"
#include "foundation/ledger/verify.h"
#include "tests/sim/seeded_openssl.h"

namespace pawl::sim {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;
constexpr std::int64_t kCallTimeout = 5 * kSecond;
constexpr std::int64_t kSpan = 120 * kSecond;         // over which the calls arrive
constexpr std::int64_t kMostWaiting = 180 * kSecond;  // for one call: fair turns and time-outs
constexpr std::size_t kGroups = 5;
constexpr std::size_t kTools = 6;  // of each server; the last two only look
constexpr const char* kFolder = "data";
constexpr const char* kRulesFile = "rules.yaml";

std::string date_of(std::int64_t seconds) {
  return format_rfc3339(WallTime{seconds * kSecond}).substr(0, 19) + "Z";
}

}  // namespace

World::World(std::uint64_t seed, WorldSize size)
    : seed_(seed), size_(size), dice_(seed * 2 + 1), node_random_(seed * 2 + 2) {
  seed_openssl(seed);
  arrange();
}

World::~World() {
  if (node_) {
    kill_node(true);
  }
}

std::string World::moment() const {
  return "life " + std::to_string(life_) + ", " +
         std::to_string((clock_.boot().us - SteppedClock::kBootStart.us) / 1000) + " ms, call " +
         std::to_string(arrived_);
}

void World::arrange() {
  const std::int64_t expiry = SteppedClock::kStart.seconds() + 1800;
  rules_ = {
      {"all", "rules: [{id: all, when: {agent: '**'}, then: allow, reason: t}]", true, "", {}, {}},
      {"none", "rules: []", false, "", {}, {}},
      {"some tools",
       "rules: [{id: some, when: {agent: '**', tool: [t0, t1, t5]}, then: allow, reason: t}]",
       true,
       "",
       {"t0", "t1", "t5"},
       {}},
      {"not g1",
       "rules: [{id: all, when: {agent: '**'}, then: allow, reason: t}, "
       "{id: not, when: {group: g1}, then: deny, reason: t}]",
       true,
       "g1",
       {},
       {}},
      {"until",
       "rules: [{id: until, when: {agent: '**'}, then: allow, reason: t, expires: \"" +
           date_of(expiry) + "\"}]",
       true,
       "",
       {},
       expiry},
  };
  files_ = std::make_unique<FaultFiles>();
  files_->put(std::string(kFolder) + "/keep", "");
  files_->put(kRulesFile, rules_[0].yaml);
  model_.rules_in_force(&rules_[0]);
  model_.open_per_agent = size_.open_per_agent;
  config_ = default_config(kFolder);
  config_.domain = "example.org";
  config_.rules = {kRulesFile};
  config_.limits.open_calls = static_cast<std::int64_t>(size_.open_total);
  config_.limits.open_calls_per_agent = static_cast<std::int64_t>(size_.open_per_agent);
  config_.limits.call_timeout_s = kCallTimeout / kSecond;
  config_.limits.reserve_mib = 1;
  operator_key_ = std::make_unique<SigningKey>(*SigningKey::generate(KeyKind::kP256));
  Result<Keystore> keys = Keystore::create(*files_, std::string(kFolder) + "/keys", node_random_);
  require(keys.has_value(), "no keystore");
  require(keys->enrol_operator("ann", operator_key_->public_key(), {"operator"}).has_value(),
          "no operator");
}

// ---- the node's lives ----

void World::start_node() {
  ++life_;
  begun_ = sick_ = pumping_ = false;
  scheduler_ = std::make_unique<NodeScheduler>(time_, life_);
  GovernanceOptions options;
  options.config = &config_;
  options.folder = DataFolder{kFolder};
  options.ledger_threads = false;
  Result<std::unique_ptr<Governance>> opened =
      Governance::open(*files_, clock_, node_random_, *scheduler_, std::move(options));
  require(opened.has_value(),
          "the node does not start: " + (opened ? std::string() : opened.error().message));
  node_ = *std::move(opened);
  desk_ = node_->take_stop_desk();
  std::map<Uuid, std::string> in_force;
  for (const override_::Stop& stop : desk_->in_force().all()) {
    in_force.emplace(stop.id, stop.scope.text());
  }
  const std::string rules = *files_->contents(kRulesFile);
  for (const RuleVariant& variant : rules_) {
    if (variant.yaml == rules) {
      model_.rules_in_force(&variant);
    }
  }
  model_.restarted(in_force, life_, node_->decisions().last_iat);
  node_->begin([this](const Status& begun) {
    require(begun.has_value(), "the start could not be recorded");
    begun_ = true;
  });
  while (!begun_) {
    const bool wrote = node_->ledger().pump();
    const bool ran = time_.run_one_of(life_);
    require(wrote || ran || begun_, "the start does not end");
  }
  pump_later();
}

// The power goes: of what was not synced anything may be there afterwards. Or only the process:
// then everything is there, and reads are accounted for, too.
void World::kill_node(bool with_power) {
  std::unique_ptr<FaultFiles> survivors =
      with_power ? files_->power_cut(dice_.next()) : files_->kill();
  if (with_power) {
    model_.power_went();
  }
  time_.drop(life_);
  desk_.reset();
  node_.reset();
  time_.drop(life_);  // what the end itself left
  scheduler_.reset();
  files_ = std::move(survivors);
}

void World::pump_later() {
  if (pumping_ || !node_) {
    return;
  }
  pumping_ = true;
  time_.at(
      50 + within(3000),
      [this] {
        pumping_ = false;
        node_->ledger().pump();
        if (node_->ledger().stats().queue > 0) {
          pump_later();
        }
      },
      life_);
}

// A drain, a last record, a snapshot.
void World::restart_in_order() {
  if (quiet_ || sick_) {
    return;
  }
  node_->finish([this, life = life_] {
    time_.at(0, [this, life] {
      if (life == life_) {
        node_->ledger().pump();
        restart();
      }
    });
  });
}

void World::restart() {
  if (quiet_) {
    return;
  }
  ++summary_.restarts;
  kill_node(dice_.coin());
  start_node();
}

// ---- what happens ----

Action World::make_action() {
  // A few agents call much, many call now and then.
  const bool busy = dice_.below(3) == 0;
  const std::uint64_t number = dice_.below(busy ? 5 : size_.agents);
  Action out;
  out.id = node_->gateway().new_id();
  out.caller.agent = "a" + std::to_string(number);
  out.caller.groups = {"g" + std::to_string(number % kGroups)};
  out.caller.proof = Caller::Proof::kBearerKey;
  out.server = "s" + std::to_string(dice_.below(size_.servers));
  const std::uint64_t tool = dice_.below(kTools);
  out.tool = "t" + std::to_string(tool);
  out.read_only = tool >= kTools - 2;
  out.verb = "tool.call";
  out.method = "tools/call";
  out.protocol = "mcp/2026-07-28";
  out.params = R"({"n":)" + std::to_string(arrived_) + "}";
  out.arguments = std::make_shared<json::Value>(json::parse(out.params)->value);
  out.session = out.caller.agent;
  if (model_.last_agent == out.caller.agent) {
    out.parent_tokens = {model_.last_token};
  } else {
    out.workflow = Uuid::v7(WallTime{static_cast<std::int64_t>(number + 1) * 1000}, node_random_);
  }
  return out;
}

void World::arrival() {
  if (arrived_ < size_.calls) {
    ++arrived_;
    const std::uint64_t burst = dice_.below(20) == 0 ? 30 : 1;
    for (std::uint64_t i = 0; i < burst; ++i) {
      Action action = make_action();
      made_[action.id] = action;
      submit(std::move(action));
    }
    time_.at(within(2 * kSpan / static_cast<std::int64_t>(size_.calls)), [this] { arrival(); });
  }
}

void World::submit(Action action) {
  model_.submitted(action, life_, clock_.boot().us, clock_.wall().us);
  const SimExchange::Parts parts{model_, time_, life_, dice_, clock_, {}};
  auto exchange = std::make_unique<SimExchange>(parts, action.id);
  node_->gateway().submit(std::move(action), std::move(exchange));
  ++summary_.calls;
}

void World::hour_step(std::int64_t by_us) {
  clock_.step_wall(std::chrono::microseconds(by_us));
  ++summary_.steps;
}

std::string World::some_scope() {
  const std::string agent = "a" + std::to_string(dice_.below(8));
  const std::string server = "s" + std::to_string(dice_.below(size_.servers));
  switch (dice_.below(6)) {
    case 0:
      return "group:g" + std::to_string(dice_.below(kGroups));
    case 1:
      return "server:" + server;
    case 2:
      return "tool:" + server + "/t" + std::to_string(dice_.below(kTools));
    case 3:
      return "all";
    default:
      return "agent:" + agent;
  }
}

std::string World::sign(override_::Verb verb, const override_::Scope& scope,
                        std::vector<Uuid> stops) {
  override_::Statement out;
  out.verb = verb;
  out.scope = scope;
  out.stops = std::move(stops);
  out.audience = node_->instance().spiffe();
  out.id = Uuid::v7(clock_.wall(), dice_);
  // The operator's machine has the right time; ours may have been ahead, and then still is.
  out.iat = std::max(node_->latest_time().wall(), clock_.wall()).seconds();
  out.exp = out.iat + 60;
  return *override_::sign_statement(out, *operator_key_);
}

void World::stop_something() {
  const override_::Scope scope = *override_::parse_scope(some_scope());
  Result<StopReceipt> receipt = scope.wide()
                                    ? desk_->stop_signed(sign(override_::Verb::kStop, scope, {}))
                                    : desk_->stop(scope, "simulated", "simulation");
  require(receipt.has_value(), "a stop of " + scope.text() + " was refused");
  model_.stop_acknowledged(receipt->stop.id, scope.text(), receipt->journaled);
  ++summary_.stops;
}

void World::resume_something() {
  const std::vector<override_::Stop>& all = desk_->in_force().all();
  if (all.empty()) {
    return;
  }
  const override_::Stop stop = all[dice_.below(all.size())];
  const std::string token = sign(override_::Verb::kResume, stop.scope, {stop.id});
  if (dice_.below(3) == 0) {
    kept_.push_back({token, node_->latest_time().wall().seconds() + 60});
    return;
  }
  model_.resume_begun(stop.id);
  desk_->resume(
      token, [this](const std::function<void()>& task) { time_.at(0, task, life_); },
      [this, id = stop.id](const Result<std::vector<override_::Stop>>& lifted) {
        if (lifted) {
          model_.resume_acknowledged(id);
          ++summary_.resumes;
        }
      });
}

// A statement that expired stays expired, whatever was done to the clock since.
void World::present_kept() {
  const std::int64_t seen = node_->latest_time().wall().seconds();
  for (const Held& held : std::exchange(kept_, {})) {
    if (seen <= held.expires_s) {
      kept_.push_back(held);
      continue;
    }
    desk_->resume(
        held.token, [this](const std::function<void()>& task) { time_.at(0, task, life_); },
        [](const Result<std::vector<override_::Stop>>& lifted) {
          require(!lifted, "an expired statement lifted a stop");
        });
  }
}

void World::reload_rules() {
  const RuleVariant& next = rules_[dice_.coin() ? 0 : dice_.below(rules_.size())];
  files_->put(kRulesFile, dice_.below(8) == 0 ? "rules: [oops" : next.yaml);
  const bool good = files_->contents(kRulesFile) == next.yaml;
  const Status done = node_->reload_rules();
  if (good && (done || !sick_)) {
    require(done.has_value(), "good rules were refused");
    model_.rules_in_force(&next);
  } else {
    require(!done, "rules that cannot be read were accepted");
    files_->put(kRulesFile, rules_[0].yaml);
    require(node_->reload_rules().has_value() || sick_, "good rules were refused");
    if (!sick_) {
      model_.rules_in_force(&rules_[0]);
    }
  }
  ++summary_.reloads;
}

void World::disk_trouble() {
  using Operation = FaultFiles::Operation;
  switch (dice_.below(3)) {
    case 0:  // the power goes inside one of the next file calls
      files_->cut_power_at(files_->calls() + 1 + dice_.below(12));
      sick_ = true;
      ++summary_.power_cuts_inside;
      break;
    case 1:
      files_->fail_call(dice_.coin() ? Operation::kSync : Operation::kWrite, 1 + dice_.below(4),
                        dice_.coin() ? FaultFiles::Fault::kIo : FaultFiles::Fault::kShortWrite);
      sick_ = true;
      break;
    default:
      files_->set_free_bytes(1000);
      time_.at(within(2 * kSecond), [this] { files_->set_free_bytes(1ULL << 40); });
      return;
  }
  time_.at(within(kSecond), [this] { restart(); });
}

void World::tick() {
  node_->tick();
  require(node_->gateway().open_calls() <= model_.open(life_),
          "the gateway holds calls whose agents were told");
  repeat_last();
  pump_later();
  if (!quiet_) {
    time_.at(kSecond, [this] { tick(); });
  }
}

// By the agent that made the call, and by another one; the model says what each may get.
void World::repeat_last() {
  const auto first = made_.find(model_.last_id);
  if (quiet_ || first == made_.end()) {
    return;
  }
  for (const char* other : {"", "x"}) {
    Action again = first->second;
    again.id = node_->gateway().new_id();
    again.repeat_of = first->first;
    again.caller.agent += other;
    submit(std::move(again));
  }
}

// ---- the run ----

Summary World::run() {
  start_node();
  tick();
  arrival();
  const std::int64_t began = clock_.boot().us;
  const auto now_and_then = [this](int times, auto what) {
    for (int i = 0; i < times; ++i) {
      time_.at(within(kSpan), [this, what] {
        if (node_) {
          (this->*what)();
          pump_later();
        }
      });
    }
  };
  now_and_then(12, &World::stop_something);
  now_and_then(24, &World::resume_something);
  now_and_then(12, &World::present_kept);
  now_and_then(8, &World::reload_rules);
  now_and_then(3, &World::restart);
  now_and_then(2, &World::restart_in_order);
  now_and_then(3, &World::disk_trouble);
  for (int i = 0; i < 3; ++i) {
    const std::int64_t at = within(kSpan);
    const std::int64_t by = dice_.coin() ? kHour : -kHour;
    time_.at(at, [this, by] { hour_step(by); });
    time_.at(at + within(20 * kSecond), [this, by] { hour_step(-by); });
  }
  while (clock_.boot().us - began < kSpan || arrived_ < size_.calls) {
    require(time_.run_one(), "nothing is left to happen");
    if (node_->ledger().stats().queue > 0) {
      pump_later();
    }
  }
  if (sick_) {
    restart();
  }
  quiet_ = true;
  judge_end();
  summary_.longest_us = model_.longest_us;
  summary_.virtual_us = clock_.boot().us - began;
  return summary_;
}

void World::judge_end() {
  const std::int64_t began = clock_.boot().us;
  while (node_->gateway().open_calls() > 0 && clock_.boot().us - began < kMostWaiting) {
    if (!time_.run_one()) {
      break;
    }
    if (node_->ledger().stats().queue > 0) {
      pump_later();
    }
  }
  require(node_->gateway().open_calls() == 0, "calls are open that nothing can end");
  require(model_.longest_us <= kMostWaiting,
          "a call waited " + std::to_string(model_.longest_us / kSecond) + " s");
  bool finished = false;
  node_->finish([&] { finished = true; });
  while (!finished) {
    pump_later();
    require(time_.run_one(), "the node does not finish");
  }
  while (time_.run_one()) {  // releases of slow readers, servers that talk to nobody
    if (node_->ledger().stats().queue > 0) {
      pump_later();
    }
  }
  require(model_.open(life_) == 0, "an agent was never told how its call ended");
  std::vector<std::string> tokens;
  for (std::uint64_t index = 0; index < node_->ledger().size(); ++index) {
    tokens.push_back(*node_->ledger().entry(index));
  }
  model_.check_log(tokens);
  Decisions replayed;
  for (std::uint64_t index = 0; index < tokens.size(); ++index) {
    replayed.apply(index, tokens[index]);
  }
  require(replayed.last_iat <= node_->decisions().last_iat, "the node's time is behind its log");
  replayed.last_iat = node_->decisions().last_iat;
  require(replayed.print() == node_->decisions().print(),
          "replaying the log gives other decisions:\n" + replayed.print() + "\n" +
              node_->decisions().print());
  ledger::Trust trust;
  const DataFolder folder{kFolder};
  trust.log_vkey = *files_->contents(ledger::vkey_path(folder.ledger()));
  while (!trust.log_vkey.empty() && trust.log_vkey.back() == '\n') {
    trust.log_vkey.pop_back();
  }
  trust.token_keys = *jose::JwkSet::parse(jwk_set_of(node_->keys().instance_key().public_key()));
  trust.operator_keys = *jose::JwkSet::parse(jwk_set_of(operator_key_->public_key()));
  node_->ledger().pump();
  desk_.reset();
  node_.reset();
  const ledger::Report report = ledger::verify_folder(*files_, kFolder, trust);
  require(report.verdict == ledger::Verdict::kGood,
          "verify: " + report.reason + " " + report.first_bad);
  require(report.open_intents == 0, "intents are open at the end");
  require(report.entries == tokens.size(), "verify read another log");
  for (const auto& [id, call] : model_.calls()) {
    summary_.written += call.writes > 0 ? 1 : 0;
    summary_.released += call.released ? 1 : 0;
  }
  summary_.records = tokens.size();
  std::string all;
  const std::string segments = ledger::segments_folder(folder.ledger());
  const Result<std::vector<std::string>> names = files_->list(segments);
  for (const std::string& name : names ? *names : std::vector<std::string>{}) {
    all += digest_text(sha256(*files_->contents(segments + "/" + name)));
  }
  summary_.ledger_digest = digest_text(sha256(all));
}

}  // namespace pawl::sim
