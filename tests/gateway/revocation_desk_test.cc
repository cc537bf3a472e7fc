// The desk of revocations: signed by an operator, in force and durable before it is acknowledged.
#include <gtest/gtest.h>

#include "gateway/decisions.h"
#include "gateway/stop_desk.h"
#include "path/proof_names.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

using override_::Revocation;

constexpr std::string_view kSelf = "spiffe://example.org/pawl/gw1";

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

}  // namespace
}  // namespace pawl
