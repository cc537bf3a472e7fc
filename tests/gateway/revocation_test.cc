// A revocation reaches everything: callers, running calls, presented tokens, plumbing; and the fold
// finds it in every prefix of the log.
#include <gtest/gtest.h>

#include <set>

#include "gateway/decisions.h"
#include "path/proof_names.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

using override_::Revocation;

constexpr std::string_view kPlanner = "https://planner.example";

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

TEST(Revocation, OfACallWhoseAnswerComesJustThenIsInItsRecord) {
  GatewayRig rig;
  CallView& call = rig.submit(proven_by(rig, {"key:k1"}));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  rig.revoke("key:k1");
  call.events->answered({true, "{}"});
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_FALSE(call.released || call.release_refused);
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kRevoked);
  EXPECT_TRUE(call.refused->was_done);
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "outcome"}), "confirmed");
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.tool", "withheld"}), "revocations");
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
