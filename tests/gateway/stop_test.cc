// A stop stops: after it was published nothing of its scope leaves, in either direction.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "gateway/stop_desk.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

TEST(Stop, CutsAForwardedCallAndRecordsUnknown) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  rig.stop("agent:triage");
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_TRUE(call.abandoned);
  EXPECT_EQ(call.refused->code, Code::kStopped);
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "outcome"}), "unknown");
}

TEST(Stop, ClosesTheGateOfACallThatWasAllowedBefore) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  rig.stop("tool:files/write_file");
  bool wrote = false;
  EXPECT_FALSE(call.gate->pass([&] { wrote = true; }));
  EXPECT_FALSE(wrote);
}

TEST(Stop, HoldsBackAnAnswerWhoseRecordIsBeingWritten) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, "{}"});
  rig.stop("server:files");
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_FALSE(call.released);
  EXPECT_TRUE(call.release_refused);
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "outcome"}), "confirmed");
}

// Between the stop and the look at open calls: the record says it, and the caller is told.
TEST(Stop, OfACallWhoseAnswerComesJustThenIsInItsRecord) {
  for (const bool success : {true, false}) {
    GatewayRig rig;
    CallView& call = rig.submit("tool.call", "write_file");
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
    rig.stop("server:files");
    call.events->answered({success, success ? "{}" : R"({"code":-1,"message":"no"})"});
    ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    EXPECT_FALSE(call.released || call.release_refused || call.abandoned);
    ASSERT_TRUE(call.refused);
    EXPECT_EQ(call.refused->code, Code::kStopped);
    EXPECT_EQ(call.refused->control, "stops");
    EXPECT_TRUE(call.refused->was_done);
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "outcome"}),
              success ? "confirmed" : "failed");
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "withheld"}), "stops");
  }
}

TEST(Stop, OfACallWhoseAnswerNamesATaskClosesTheGate) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  rig.stop("agent:triage");
  Answer answer{true, "{}"};
  answer.followed = "sealed";
  call.events->answered(answer);
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_TRUE(call.release_refused) << "whoever follows the task begins at the release";
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "withheld"}), "stops");
}

TEST(Stop, ClosesPlumbingToo) {
  for (const char* scope : {"agent:triage", "server:files", "trust-domain:example.org", "all"}) {
    SCOPED_TRACE(scope);
    GatewayRig rig;
    const Caller triage = rig.action("tool.call", "a").caller;
    const std::shared_ptr<WriteGate> gate = rig.gateway->plumbing_gate(triage, "files");
    int writes = 0;
    EXPECT_TRUE(gate->pass([&] { ++writes; }));
    rig.stop("agent:somebody-else");
    EXPECT_TRUE(gate->pass([&] { ++writes; }));
    EXPECT_FALSE(rig.gateway->plumbing_refusal(triage, "files"));
    rig.stop(scope);
    EXPECT_FALSE(gate->pass([&] { ++writes; }));
    EXPECT_EQ(writes, 2);
    const std::optional<Refusal> told = rig.gateway->plumbing_refusal(triage, "files");
    ASSERT_TRUE(told);
    EXPECT_EQ(told->code, Code::kStopped);
    EXPECT_EQ(told->control, "stops");
    EXPECT_TRUE(told->rule.starts_with("stop:")) << told->rule;
    EXPECT_TRUE(told->reason.starts_with(std::string(scope) + " is stopped")) << told->reason;
  }
}

TEST(Stop, OfAToolCoversWhatGoesOnWithItsTasks) {
  GatewayRig rig;
  int changes = 0;
  rig.gateway->on_stops([&] { ++changes; });
  Action get = rig.action("task.get", "");
  get.task_tool = "build";
  EXPECT_FALSE(rig.gateway->is_stopped(get));
  rig.stop("tool:files/other");
  EXPECT_FALSE(rig.gateway->is_stopped(get));
  rig.stop("tool:files/build");
  EXPECT_TRUE(rig.gateway->is_stopped(get));
  EXPECT_TRUE(rig.run_until([&] { return changes >= 2; }));
}

TEST(Stop, LeavesOthersAlone) {
  GatewayRig rig;
  rig.stop("agent:somebody-else");
  CallView& call = rig.submit("tool.call", "write_file");
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
}

// Writers on other threads: after advance() returned, no write of the old epoch is made.
TEST(DispatchGate, NoWriteAfterAdvanceReturned) {
  DispatchGate gate;
  std::atomic<bool> closed{false};
  std::atomic<int> late{0};
  std::atomic<int> inside{0};
  const Epochs seen = gate.epochs();
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      while (gate.pass(seen, [&] {
        inside.fetch_add(1);
        late.fetch_add(closed.load() ? 1 : 0);
      })) {
      }
    });
  }
  while (inside.load() < 1000) {
    std::this_thread::yield();
  }
  gate.advance(EpochKind::kStops);
  closed.store(true);
  for (std::thread& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(late.load(), 0);
}

class StopDeskTest : public ::testing::Test {
 protected:
  StopDeskTest() {
    keys_ = std::make_unique<Keystore>(*Keystore::create(files_, "keys", random_));
    operator_key_ = std::make_unique<SigningKey>(*SigningKey::generate(KeyKind::kP256));
    EXPECT_TRUE(keys_->enrol_operator("ann", operator_key_->public_key(), {"operator"}));
    desk_ = make_desk();
  }

  std::unique_ptr<StopDesk> make_desk(override_::LiftedStops lifted = {}) {
    std::vector<override_::Stop> stops;
    auto journal = override_::OverrideJournal::open(files_, "journal", clock_, stops);
    EXPECT_TRUE(journal);
    override_::StopSet in_force;
    for (const override_::Stop& stop : stops) {
      in_force.apply_stop(stop);
    }
    PathHooks hooks;
    hooks.stopped = [](const override_::Stop&, bool, const std::string&) {};
    hooks.record_lift = [this](const override_::Verified&,
                               const std::function<void(Status)>& done) {
      ++recorded_lifts_;
      if (hold_records_) {
        held_.push_back(done);
        return;
      }
      done(ledger_works_ ? Status{} : Status(fail(Code::kEvidenceUnavailable, "down")));
    };
    hooks.recheck = [] {};
    return std::make_unique<StopDesk>(board_, gate_, *keys_, *std::move(journal), in_force,
                                      std::move(lifted), "spiffe://example.org/pawl/gw1", time_,
                                      random_, hooks);
  }

  std::string statement(const override_::Stop& stop, const SigningKey& key) {
    override_::Statement out;
    out.scope = stop.scope;
    out.stops = {stop.id};
    out.audience = "spiffe://example.org/pawl/gw1";
    out.id = Uuid::v7(clock_.wall(), random_);
    out.iat = clock_.wall().seconds();
    out.exp = out.iat + 60;
    return *override_::sign_statement(out, key);
  }

  std::string stop_statement(const std::string& scope, const Uuid& id,
                             const std::string& reason = "") {
    override_::Statement out;
    out.reason = reason;
    out.verb = override_::Verb::kStop;
    out.scope = *override_::parse_scope(scope);
    out.audience = "spiffe://example.org/pawl/gw1";
    out.id = id;
    out.iat = clock_.wall().seconds();
    out.exp = out.iat + 300;
    return *override_::sign_statement(out, *operator_key_);
  }

  Result<std::size_t> resume(const std::string& token) {
    Result<std::size_t> out = fail(Code::kInternal, "not called");
    desk_->resume(
        token, [](const std::function<void()>& task) { task(); },
        [&](const Result<std::vector<override_::Stop>>& lifted) {
          out = lifted ? Result<std::size_t>(lifted->size()) : fail(lifted.error());
        });
    return out;
  }

  FaultFiles files_;
  SteppedClock clock_;
  LatestTime time_{clock_};
  SeededRandom random_{7};
  StopBoard board_;
  DispatchGate gate_;
  std::unique_ptr<Keystore> keys_;
  std::unique_ptr<SigningKey> operator_key_;
  std::unique_ptr<StopDesk> desk_;
  bool ledger_works_ = true;
  bool hold_records_ = false;
  std::vector<std::function<void(Status)>> held_;
  int recorded_lifts_ = 0;
};

TEST_F(StopDeskTest, StopSurvivesAPowerCutAfterItsAnswer) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    FaultFiles files;
    std::vector<override_::Stop> stops;
    auto journal = override_::OverrideJournal::open(files, "journal", clock_, stops);
    const override_::Stop stop{Uuid::v7(clock_.wall(), random_),
                               *override_::parse_scope("agent:triage"), "night", "ann",
                               clock_.wall()};
    ASSERT_TRUE((*journal)->record(stop));
    const std::unique_ptr<FaultFiles> after = files.power_cut(seed);
    std::vector<override_::Stop> found;
    ASSERT_TRUE(override_::OverrideJournal::open(*after, "journal", clock_, found));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].id, stop.id);
  }
}

TEST_F(StopDeskTest, DamagedJournalStartsStopped) {
  std::string bytes = *files_.contents("journal");
  bytes[100] ^= 1;
  FaultFiles damaged;
  ASSERT_TRUE(write_file(damaged, "journal", bytes));
  std::vector<override_::Stop> stops;
  ASSERT_TRUE(override_::OverrideJournal::open(damaged, "journal", clock_, stops));
  ASSERT_EQ(stops.size(), 1u);
  EXPECT_EQ(stops[0].scope.kind, override_::ScopeKind::kAll);
}

TEST_F(StopDeskTest, WorksWithAFullDisk) {
  files_.fail_call(FaultFiles::Operation::kWrite, 1, FaultFiles::Fault::kNoSpace, true);
  const auto receipt = desk_->stop(*override_::parse_scope("agent:triage"), "", "test");
  ASSERT_TRUE(receipt);
  EXPECT_FALSE(receipt->journaled);
  EXPECT_EQ(board_.snapshot()->all().size(), 1u);
}

TEST_F(StopDeskTest, WideStopNeedsASignature) {
  EXPECT_EQ(desk_->stop(*override_::parse_scope("all"), "", "test").error().code, Code::kForbidden);
}

TEST_F(StopDeskTest, ResumeNeedsAnEnrolledKeyAndItsRecordAndLiftsOnce) {
  const auto receipt = desk_->stop(*override_::parse_scope("agent:triage"), "", "test");
  const SigningKey stranger = *SigningKey::generate(KeyKind::kP256);
  EXPECT_EQ(resume(statement(receipt->stop, stranger)).error().code, Code::kForbidden);

  ledger_works_ = false;
  EXPECT_EQ(resume(statement(receipt->stop, *operator_key_)).error().code,
            Code::kEvidenceUnavailable);
  EXPECT_EQ(board_.snapshot()->all().size(), 1u);

  ledger_works_ = true;
  const std::string token = statement(receipt->stop, *operator_key_);
  EXPECT_EQ(*resume(token), 1u);
  EXPECT_TRUE(board_.snapshot()->all().empty());
  EXPECT_EQ(resume(token).error().code, Code::kNotFound);

  const auto again = desk_->stop(*override_::parse_scope("agent:triage"), "", "test");
  ASSERT_TRUE(again);
  EXPECT_EQ(resume(token).error().code, Code::kNotFound) << "a replayed resume lifts nothing new";
}

TEST_F(StopDeskTest, SignedStopCountsOnceAndAFreshOneAlwaysStops) {
  const std::string used = stop_statement("all", Uuid::v7(clock_.wall(), random_));
  const Result<StopReceipt> first = desk_->stop_signed(used);
  ASSERT_TRUE(first);
  EXPECT_TRUE(desk_->stop_signed(used)) << "in force: sent twice it is one stop";
  EXPECT_EQ(board_.snapshot()->all().size(), 1u);
  const std::string lift = statement(first->stop, *operator_key_);
  EXPECT_EQ(*resume(lift), 1u);

  EXPECT_EQ(desk_->stop_signed(used).error().code, Code::kConflict);
  EXPECT_TRUE(board_.snapshot()->all().empty());
  EXPECT_EQ(resume(lift).error().code, Code::kNotFound);

  EXPECT_TRUE(desk_->stop_signed(stop_statement("all", Uuid::v7(clock_.wall(), random_))));
  EXPECT_EQ(board_.snapshot()->all().size(), 1u);
}

TEST_F(StopDeskTest, StopIsNotAcknowledgedUnderTheIdOfAnother) {
  const Uuid id = Uuid::v7(clock_.wall(), random_);
  ASSERT_TRUE(desk_->stop_signed(stop_statement("agent:triage", id)));
  EXPECT_EQ(desk_->stop_signed(stop_statement("all", id)).error().code, Code::kConflict);
}

// The answer says what is in force and whether it lasts, not what was asked.
TEST_F(StopDeskTest, StopSentAgainIsToldAsItIs) {
  const auto fill_disk = [this] {
    files_.fail_call(FaultFiles::Operation::kWrite, 1, FaultFiles::Fault::kNoSpace);
  };
  const Uuid id = Uuid::v7(clock_.wall(), random_);
  fill_disk();
  const Result<StopReceipt> first = desk_->stop_signed(stop_statement("agent:triage", id, "one"));
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->journaled);
  fill_disk();
  const Result<StopReceipt> again = desk_->stop_signed(stop_statement("agent:triage", id, "two"));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->journaled);
  EXPECT_FALSE(again->problem.empty());
  EXPECT_EQ(again->stop.reason, "one");

  for (int i = 0; i < 2; ++i) {
    const Result<StopReceipt> later = desk_->stop_signed(stop_statement("agent:triage", id, "one"));
    ASSERT_TRUE(later);
    EXPECT_TRUE(later->journaled) << later->problem;
  }
  std::vector<override_::Stop> found;
  ASSERT_TRUE(override_::OverrideJournal::open(files_, "journal", clock_, found));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].reason, "one");
}

TEST_F(StopDeskTest, ResumeSentTwiceWhileItsRecordIsWrittenIsRecordedOnce) {
  const auto receipt = desk_->stop(*override_::parse_scope("agent:triage"), "", "test");
  const std::string token = statement(receipt->stop, *operator_key_);
  hold_records_ = true;
  resume(token);
  EXPECT_EQ(resume(token).error().code, Code::kConflict);
  EXPECT_EQ(recorded_lifts_, 1);
  ASSERT_EQ(held_.size(), 1u);
  std::exchange(held_, {})[0](fail(Code::kEvidenceUnavailable, "down"));
  EXPECT_EQ(board_.snapshot()->all().size(), 1u);
  hold_records_ = false;
  EXPECT_EQ(*resume(token), 1u) << "what was not recorded did not count";
}

TEST_F(StopDeskTest, FullMemoryOfLiftsRefusesResumesAndNoStop) {
  override_::LiftedStops full;
  for (std::size_t i = 0; i < override_::LiftedStops::kMost; ++i) {
    full.add(Uuid::v7(clock_.wall(), random_), clock_.wall().seconds());
  }
  desk_ = make_desk(full);
  const Result<StopReceipt> stop =
      desk_->stop_signed(stop_statement("all", Uuid::v7(clock_.wall(), random_)));
  ASSERT_TRUE(stop);
  EXPECT_EQ(resume(statement(stop->stop, *operator_key_)).error().code, Code::kOverloaded);
  EXPECT_EQ(board_.snapshot()->all().size(), 1u);
  clock_.step(std::chrono::seconds(331));
  EXPECT_EQ(*resume(statement(stop->stop, *operator_key_)), 1u);
}

TEST_F(StopDeskTest, ExpiredStatementIsRefused) {
  const auto receipt = desk_->stop(*override_::parse_scope("agent:triage"), "", "test");
  const std::string token = statement(receipt->stop, *operator_key_);
  clock_.step(std::chrono::minutes(10));
  EXPECT_EQ(resume(token).error().code, Code::kTokenInvalid);
}

TEST_F(StopDeskTest, ClockSetBackRevivesNoExpiredResume) {
  const auto receipt = desk_->stop(*override_::parse_scope("agent:triage"), "", "test");
  const std::string token = statement(receipt->stop, *operator_key_);
  clock_.step(std::chrono::minutes(10));
  EXPECT_TRUE(desk_->stop(*override_::parse_scope("agent:other"), "", "test"));
  clock_.step_wall(-std::chrono::minutes(10));
  EXPECT_EQ(resume(token).error().code, Code::kTokenInvalid);
}

TEST_F(StopDeskTest, ClockThatWasAheadKeepsNobodyFromStoppingEverything) {
  clock_.step_wall(std::chrono::hours(1));
  EXPECT_TRUE(desk_->stop(*override_::parse_scope("agent:triage"), "", "test"));
  clock_.step_wall(-std::chrono::hours(1));
  override_::Statement all;
  all.verb = override_::Verb::kStop;
  all.scope = *override_::parse_scope("all");
  all.audience = "spiffe://example.org/pawl/gw1";
  all.id = Uuid::v7(clock_.wall(), random_);
  all.iat = clock_.wall().seconds();
  all.exp = all.iat + 60;
  EXPECT_TRUE(desk_->stop_signed(*override_::sign_statement(all, *operator_key_)));
}

TEST_F(StopDeskTest, StatementNeedsTheRoleAndThisInstance) {
  const auto receipt = desk_->stop(*override_::parse_scope("agent:triage"), "", "test");
  const SigningKey guest = *SigningKey::generate(KeyKind::kP256);
  ASSERT_TRUE(keys_->enrol_operator("bob", guest.public_key(), {"reader"}));
  EXPECT_EQ(resume(statement(receipt->stop, guest)).error().code, Code::kForbidden);
  override_::Statement elsewhere;
  elsewhere.scope = receipt->stop.scope;
  elsewhere.stops = {receipt->stop.id};
  elsewhere.audience = "spiffe://example.org/pawl/gw2";
  elsewhere.id = Uuid::v7(clock_.wall(), random_);
  elsewhere.iat = clock_.wall().seconds();
  elsewhere.exp = elsewhere.iat + 60;
  EXPECT_EQ(resume(*override_::sign_statement(elsewhere, *operator_key_)).error().code,
            Code::kTokenInvalid);
}

TEST_F(StopDeskTest, StatementUnderTheOperatorsNameNeedsTheOperatorsKey) {
  const auto receipt = desk_->stop(*override_::parse_scope("agent:triage"), "", "test");
  const std::string true_one = statement(receipt->stop, *operator_key_);
  const std::size_t dot = true_one.rfind('.');
  const SigningKey stranger = *SigningKey::generate(KeyKind::kP256);
  const std::string forged =
      true_one.substr(0, dot + 1) + base64url_encode(*stranger.sign(true_one.substr(0, dot)));
  EXPECT_FALSE(resume(forged));
  EXPECT_EQ(board_.snapshot()->all().size(), 1u);
}

}  // namespace
}  // namespace pawl
