// A revocation reaches everything: callers, running calls, presented tokens, plumbing, operators;
// it is durable before it is acknowledged, and the fold finds it in every prefix of the log.
#include <gtest/gtest.h>

#include <set>

#include "gateway/decisions.h"
#include "gateway/stop_desk.h"
#include "path/proof_names.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

using override_::Revocation;

constexpr std::string_view kPlanner = "https://planner.example";
constexpr std::string_view kSelf = "spiffe://example.org/pawl/gw1";

Action proven_by(GatewayRig& rig, std::vector<std::string> names) {
  Action action = rig.action("tool.call", "write_file");
  action.caller.on_behalf_of = "u7";
  action.caller.proven_by = std::make_shared<const std::vector<std::string>>(std::move(names));
  return action;
}

const std::vector<std::string> kTargets = {"agent:triage", "user:u7", "key:k1",
                                           "token:https://idp#j1",
                                           "certificate:" + std::string(43, 'c')};

TEST(Revocation, CutsAForwardedCallAndRecordsWhy) {
  for (const std::string& target : kTargets) {
    SCOPED_TRACE(target);
    GatewayRig rig;
    CallView& call = rig.submit(proven_by(rig, {kTargets[2], kTargets[3], kTargets[4]}));
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
    rig.revoke("agent:somebody-else");
    const Uuid id = rig.revoke(target);
    ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    EXPECT_TRUE(call.abandoned);
    EXPECT_EQ(call.refused->control, "revocations");
    EXPECT_EQ(call.refused->rule, "revocation:" + id.text());
    EXPECT_TRUE(call.refused->was_sent);
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "outcome"}), "unknown");
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "status"}), "revoked");
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "detail"}),
              target + " was revoked by an operator: stolen");
  }
}

TEST(Revocation, RefusesNewCallsBeforeAnythingIsForwarded) {
  for (const std::string& target : kTargets) {
    SCOPED_TRACE(target);
    GatewayRig rig;
    const Uuid id = rig.revoke(target);
    CallView& call = rig.submit(proven_by(rig, {kTargets[2], kTargets[3], kTargets[4]}));
    ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    EXPECT_FALSE(call.forwarded);
    EXPECT_EQ(rig.text(*call.record, {"exec_act"}), "task.denied");
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.task", "control"}), "revocations");
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pol"}), "revocation:" + id.text());
  }
}

TEST(Revocation, RefusesACallThatWaitsForASlot) {
  GatewayLimits limits;
  limits.bulkhead.open_total = 1;
  GatewayRig rig(kAllowTriage, limits);
  CallView& first = rig.submit("tool.call", "a");
  ASSERT_TRUE(rig.run_until([&] { return first.forwarded; }));
  CallView& held = rig.submit(proven_by(rig, {"key:k1"}));
  rig.revoke("key:k1");
  ASSERT_TRUE(rig.run_until([&] { return held.ended(); }));
  EXPECT_FALSE(held.forwarded);
  EXPECT_EQ(held.refused->control, "revocations");
  EXPECT_FALSE(first.ended()) << "another key's call goes on";
}

TEST(Revocation, HoldsBackAnAnswerWhoseRecordIsBeingWritten) {
  GatewayRig rig;
  CallView& call = rig.submit(proven_by(rig, {"key:k1"}));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, "{}"});
  rig.revoke("key:k1");
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_FALSE(call.released);
  EXPECT_TRUE(call.release_refused);
}

TEST(Revocation, ClosesTheGateOfACallThatWasAllowedBefore) {
  GatewayRig rig;
  CallView& call = rig.submit(proven_by(rig, {"key:k1"}));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  rig.revoke("key:k1");
  bool wrote = false;
  EXPECT_FALSE(call.gate->pass([&] { wrote = true; }));
  EXPECT_FALSE(wrote);
  // Its server link says that it was stopped; the record says by what.
  call.events->lost(Loss::kStopped, "the gate closed");
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "status"}), "revoked");
}

TEST(Revocation, ClosesPlumbingAndTellsWhy) {
  GatewayRig rig;
  const Caller caller = proven_by(rig, {"key:k1"}).caller;
  const std::shared_ptr<WriteGate> gate = rig.gateway->plumbing_gate(caller, "files");
  int writes = 0;
  rig.revoke("key:k2");
  EXPECT_TRUE(gate->pass([&] { ++writes; }));
  EXPECT_FALSE(rig.gateway->is_revoked(caller));
  rig.revoke("key:k1");
  EXPECT_FALSE(gate->pass([&] { ++writes; }));
  EXPECT_EQ(writes, 1);
  EXPECT_TRUE(rig.gateway->is_revoked(caller));
  EXPECT_TRUE(rig.gateway->plumbing_stopped(caller, "files"));
  const std::optional<Refusal> told = rig.gateway->plumbing_refusal(caller, "files");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->control, "revocations");
}

// ---- presented tokens ----

struct Presented {
  Presented() {
    rig.foreign = [this](std::string_view iss, std::string_view) {
      return iss == kPlanner ? Result<PublicKey>(key.public_key())
                             : Result<PublicKey>(fail(Code::kNotFound, "not trusted"));
    };
    claims.iss = kPlanner;
    claims.aud = {"spiffe://example.org/agent/triage"};
    claims.iat = rig.clock.wall().seconds();
    claims.exp = claims.iat + 300;
    claims.jti = Uuid::v7(rig.clock.wall(), rig.random);
    claims.exec_act = "plan.step";
    token = *ect::issue(key, "p1", claims);
  }
  CallView& call() {
    Action action = rig.action("tool.call", "read");
    action.parent_tokens = {token};
    CallView& view = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return view.forwarded || view.ended(); }));
    return view;
  }
  std::vector<std::string> names() const {
    return {"key:p1", "key:" + key.public_key().thumbprint(),
            "token:" + std::string(kPlanner) + "#" + claims.jti.text()};
  }
  GatewayRig rig;
  SigningKey key = *SigningKey::generate(KeyKind::kP256);
  ect::Claims claims;
  std::string token;
};

// `seen` first: what was verified before must not slip through.
TEST(RevokedTokens, AreRefusedAtFirstSightAndWhenTheyWereVerifiedBefore) {
  for (const bool seen : {false, true}) {
    for (std::size_t which = 0; which < Presented().names().size(); ++which) {
      Presented desk;
      const std::string target = desk.names()[which];
      SCOPED_TRACE(target);
      if (seen) {
        EXPECT_TRUE(desk.call().forwarded);
      }
      desk.rig.revoke(target);
      const CallView& call = desk.call();
      ASSERT_TRUE(call.refused);
      EXPECT_FALSE(call.forwarded);
      EXPECT_EQ(call.refused->code, Code::kTokenInvalid);
      EXPECT_EQ(call.refused->rule, "ect-revoked");
      EXPECT_TRUE(call.refused->reason.starts_with(target.starts_with("key:") ? "revoked_key: "
                                                                              : "revoked_token: "))
          << call.refused->reason;
    }
  }
}

TEST(RevokedTokens, EndTheCallThatPresentedThemWhileItRuns) {
  for (std::size_t i = 0; i < 3; ++i) {
    Presented desk;
    CallView& call = desk.call();
    ASSERT_TRUE(call.forwarded);
    desk.rig.revoke("key:other");
    desk.rig.revoke(desk.names()[i]);
    ASSERT_TRUE(desk.rig.run_until([&] { return call.ended(); }));
    EXPECT_EQ(call.refused->control, "revocations") << desk.names()[i];
  }
}

TEST(RevokedTokens, TakeTheirChildrenAlong) {
  Presented desk;
  desk.rig.revoke("token:" + std::string(kPlanner) + "#" + desk.claims.jti.text());
  const Uuid parent = desk.claims.jti;
  for (const bool follows : {false, true}) {
    desk.claims.jti = Uuid::v7(desk.rig.clock.wall(), desk.rig.random);
    desk.claims.pred = follows ? std::vector<Uuid>{parent} : std::vector<Uuid>{};
    desk.token = *ect::issue(desk.key, "p1", desk.claims);
    EXPECT_EQ(desk.call().forwarded, !follows);
  }
}

// The order of the page: type, algorithm and key come first, everything that is claimed after it.
TEST(RevokedTokens, AreJudgedInTheOrderOfThePage) {
  Presented desk;
  desk.rig.revoke("key:p1");
  const auto reason = [&](std::string token) {
    desk.token = std::move(token);
    return desk.call().refused->reason;
  };
  EXPECT_TRUE(reason(*jose::sign(desk.key, "act+jwt", "p1", "{}")).starts_with("bad_type"));
  desk.claims.exp = desk.claims.iat + 1;
  desk.rig.clock.step(std::chrono::hours(2));
  EXPECT_TRUE(reason(*ect::issue(desk.key, "p1", desk.claims)).starts_with("revoked_key"))
      << "that it expired comes later";
}

// ---- the desk ----

class RevocationDeskTest : public ::testing::Test {
 protected:
  RevocationDeskTest() {
    keys_ = std::make_unique<Keystore>(*Keystore::create(files_, "keys", random_));
    for (const SigningKey* key : {&ann_, &bob_}) {
      EXPECT_TRUE(
          keys_->enrol_operator(key == &ann_ ? "ann" : "bob", key->public_key(), {"operator"}));
    }
    open(files_);
  }

  // As a start does it: the ledger's fold, and what the journal holds.
  void open(Files& files) {
    std::vector<override_::Stop> stops;
    auto journal = override_::OverrideJournal::open(files, "journal", clock_, stops);
    ASSERT_TRUE(journal);
    override_::RevokedSet revoked = ledger_.revoked;
    for (Revocation& found : (*journal)->take_revocations()) {
      if (!ledger_.lifted.contains(found.id)) {
        revoked.apply(std::move(found));
      }
    }
    PathHooks hooks;
    hooks.stopped = [](const override_::Stop&, bool, const std::string&) {};
    hooks.recheck = [] {};
    hooks.revocations.revoked = [this](const Revocation& revocation, bool, const std::string&,
                                       const std::string&,
                                       const std::function<void(Status)>& done) {
      ++recorded_;
      if (ledger_works_) {
        ledger_.revoked.apply(revocation);
      }
      done(ledger_works_ ? Status{} : Status(fail(Code::kEvidenceUnavailable, "down")));
    };
    hooks.revocations.record_lift = [this](const override_::VerifiedRevocation& verified,
                                           const std::function<void(Status)>& done) {
      for (const Uuid& id : ledger_works_ ? verified.statement.lifts : std::vector<Uuid>{}) {
        ledger_.revoked.lift(id);
        ledger_.lifted.add(id, clock_.wall().seconds());
      }
      done(ledger_works_ ? Status{} : Status(fail(Code::kEvidenceUnavailable, "down")));
    };
    desk_ = std::make_unique<StopDesk>(board_, gate_, *keys_, *std::move(journal),
                                       override_::StopSet{}, ledger_.lifted, std::string(kSelf),
                                       time_, random_, hooks, revoked);
    board_.publish_revoked(revoked);
  }

  std::string signed_by(const SigningKey& key, const std::string& target,
                        std::vector<Uuid> lifts = {}) {
    override_::RevocationStatement out;
    out.target = target;
    out.lifts = std::move(lifts);
    out.reason = "stolen";
    out.audience = std::string(kSelf);
    out.id = Uuid::v7(clock_.wall(), random_);
    out.iat = clock_.wall().seconds();
    out.exp = out.iat + 300;
    return *override_::sign_revocation(out, key);
  }
  Result<RevocationReceipt> revoke(const std::string& token) {
    return desk_->revocations().revoke(token, back_);
  }
  Result<std::size_t> lift(const std::string& token) {
    Result<std::size_t> out = fail(Code::kInternal, "not called");
    desk_->revocations().lift(token, back_, [&](const Result<std::vector<Revocation>>& lifted) {
      out = lifted ? Result<std::size_t>(lifted->size()) : fail(lifted.error());
    });
    return out;
  }
  bool is_revoked(std::string_view target) const {
    return board_.revoked()->of_target(target) != nullptr;
  }

  FaultFiles files_;
  std::vector<std::unique_ptr<FaultFiles>> disks_;
  SteppedClock clock_;
  LatestTime time_{clock_};
  SeededRandom random_{11};
  StopBoard board_;
  DispatchGate gate_;
  SigningKey ann_ = *SigningKey::generate(KeyKind::kP256);
  SigningKey bob_ = *SigningKey::generate(KeyKind::kP256);
  std::unique_ptr<Keystore> keys_;
  std::unique_ptr<StopDesk> desk_;
  Decisions ledger_;  // what is recorded
  bool ledger_works_ = true;
  int recorded_ = 0;
  const RevocationDesk::Back back_ = [](const std::function<void()>& task) { task(); };
};

TEST_F(RevocationDeskTest, IsInForceAndDurableBeforeItsAnswerWhateverTheLedgerDoes) {
  for (const bool works : {true, false}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      ledger_ = {};
      ledger_works_ = works;
      disks_.push_back(std::make_unique<FaultFiles>());
      FaultFiles& files = *disks_.back();
      open(files);
      const Epochs before = gate_.epochs();
      const auto receipt = revoke(signed_by(ann_, "key:k1"));
      ASSERT_TRUE(receipt) << receipt.error().message;
      EXPECT_TRUE(receipt->journaled);
      EXPECT_TRUE(is_revoked("key:k1"));
      EXPECT_NE(gate_.epochs(), before) << "what was decided before is decided anew";
      disks_.push_back(files.power_cut(seed));
      open(*disks_.back());
      EXPECT_TRUE(is_revoked("key:k1"));
      EXPECT_FALSE(is_revoked("key:k2"));
    }
  }
}

TEST_F(RevocationDeskTest, WorksWithAFullDisk) {
  files_.fail_call(FaultFiles::Operation::kWrite, 1, FaultFiles::Fault::kNoSpace);
  const std::string token = signed_by(ann_, "agent:triage");
  const auto first = revoke(token);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->journaled);
  EXPECT_FALSE(first->problem.empty());
  EXPECT_TRUE(is_revoked("agent:triage"));
  EXPECT_TRUE(revoke(token)->journaled) << "sent again it takes a slot";
  EXPECT_EQ(recorded_, 1);
}

TEST_F(RevocationDeskTest, CountsOnceAndComesBackByNoOldStatement) {
  const std::string token = signed_by(ann_, "agent:triage");
  const auto receipt = revoke(token);
  ASSERT_TRUE(receipt);
  EXPECT_TRUE(revoke(token)) << "in force: sent twice it is one";
  EXPECT_EQ(desk_->revocations().in_force().size(), 1u);
  const std::string lifting = signed_by(bob_, "agent:triage", {receipt->revocation.id});
  ledger_works_ = false;
  EXPECT_EQ(lift(lifting).error().code, Code::kEvidenceUnavailable);
  EXPECT_TRUE(is_revoked("agent:triage"));
  ledger_works_ = true;
  EXPECT_EQ(*lift(lifting), 1u);
  EXPECT_FALSE(is_revoked("agent:triage"));
  EXPECT_EQ(lift(lifting).error().code, Code::kNotFound);
  EXPECT_EQ(revoke(token).error().code, Code::kConflict);
  open(files_);
  EXPECT_FALSE(is_revoked("agent:triage"));
  EXPECT_EQ(revoke(token).error().code, Code::kConflict);
  EXPECT_TRUE(revoke(signed_by(ann_, "agent:triage")));
}

// The journal's slot may outlive the lift: the ledger's word counts.
TEST_F(RevocationDeskTest, StaysLiftedWhenItsSlotCouldNotBeFreed) {
  const auto receipt = revoke(signed_by(ann_, "agent:triage"));
  ASSERT_TRUE(receipt);
  files_.fail_call(FaultFiles::Operation::kWrite, 1, FaultFiles::Fault::kIo);
  EXPECT_EQ(*lift(signed_by(ann_, "agent:triage", {receipt->revocation.id})), 1u);
  open(files_);
  EXPECT_FALSE(is_revoked("agent:triage"));
}

TEST_F(RevocationDeskTest, LiftsNothingButWhatItNames) {
  const auto key = revoke(signed_by(ann_, "key:k1"));
  const auto agent = revoke(signed_by(ann_, "agent:a"));
  ASSERT_TRUE(key && agent);
  EXPECT_EQ(lift(signed_by(ann_, "agent:a", {key->revocation.id})).error().code, Code::kConflict);
  EXPECT_EQ(lift(signed_by(ann_, "key:k1", {key->revocation.id})).error().code,
            Code::kTokenInvalid);
  EXPECT_EQ(lift(signed_by(ann_, "agent:a")).error().code, Code::kTokenInvalid);
  EXPECT_EQ(revoke(signed_by(ann_, "agent:a", {agent->revocation.id})).error().code,
            Code::kTokenInvalid);
  EXPECT_TRUE(is_revoked("key:k1") && is_revoked("agent:a"));
}

TEST_F(RevocationDeskTest, NeedsAnEnrolledOperator) {
  const SigningKey stranger = *SigningKey::generate(KeyKind::kP256);
  EXPECT_EQ(revoke(signed_by(stranger, "agent:a")).error().code, Code::kForbidden);
  EXPECT_FALSE(is_revoked("agent:a"));
}

TEST_F(RevocationDeskTest, AnOperatorWhoseKeyWasRevokedDecidesNothing) {
  const std::string bobs = key_name(bob_.public_key().thumbprint());
  ASSERT_TRUE(revoke(signed_by(ann_, bobs)));
  EXPECT_EQ(revoke(signed_by(bob_, "agent:a")).error().code, Code::kForbidden);
  override_::Statement stop;
  stop.verb = override_::Verb::kStop;
  stop.audience = std::string(kSelf);
  stop.id = Uuid::v7(clock_.wall(), random_);
  stop.iat = clock_.wall().seconds();
  stop.exp = stop.iat + 60;
  EXPECT_EQ(desk_->stop_signed(*override_::sign_statement(stop, bob_)).error().code,
            Code::kForbidden);
  EXPECT_TRUE(desk_->stop_signed(*override_::sign_statement(stop, ann_)));
}

TEST_F(RevocationDeskTest, LeavesOurOwnKeyToItsOwnCommand) {
  EXPECT_EQ(revoke(signed_by(ann_, key_name(keys_->instance_kid()))).error().code, Code::kConflict);
}

// ---- the fold ----

std::string record(const std::string& act, const json::Object& body, std::int64_t iat) {
  json::Object ext{{"pawl.profile", "urn:pawl:profile:1"}};
  ext["pawl.identity"] = body;
  json::Object payload{
      {"jti", "0190a000-0000-7000-8000-000000000001"}, {"iat", iat}, {"exec_act", act}};
  payload["pred"] = json::Array{};
  payload["ect_ext"] = std::move(ext);
  return base64url_encode("{}") + "." + base64url_encode(json::print(payload)) + ".c2ln";
}

// Whatever prefix of the log survives, and wherever the snapshot was taken, the set is that of the
// plain rule: revoked and not lifted.
TEST(RevocationFold, IsTheSameFromEverySnapshotOfEveryPrefix) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    std::vector<Revocation> known;
    std::vector<std::string> log;
    std::vector<std::set<std::string>> expected{{}};
    std::set<std::string> now;
    for (int i = 0; i < 30; ++i) {
      if (!known.empty() && random.below(3) == 0) {
        const Revocation& one = known[random.below(known.size())];
        log.push_back(record("identity.restored", {{"revocations", json::Array{one.id.text()}}},
                             1'772'000'000 + i));
        now.erase(one.id.text());
      } else {
        known.push_back({Uuid::v7(WallTime{i + 1}, random),
                         "agent:a" + std::to_string(random.below(4)), "r", "ann", WallTime{i + 1}});
        log.push_back(record("identity.revoked",
                             {{"revocation", override_::print_revocation(known.back())}},
                             1'772'000'000 + i));
        now.insert(known.back().id.text());
      }
      expected.push_back(now);
    }
    for (std::size_t size = 1; size <= log.size(); ++size) {
      const std::size_t snapshot = random.below(size) + 1;
      Decisions state;
      for (std::size_t i = 0; i < size; ++i) {
        state.apply(i, log[i]);
        if (i + 1 == snapshot) {
          Result<Decisions> back = Decisions::read(state.print());
          ASSERT_TRUE(back) << back.error().message;
          state = *std::move(back);
        }
      }
      std::set<std::string> found;
      for (const Revocation& one : state.revoked.all()) {
        found.insert(one.id.text());
      }
      EXPECT_EQ(found, expected[size]) << "seed " << seed << ", " << size << " records";
    }
  }
}

}  // namespace
}  // namespace pawl
