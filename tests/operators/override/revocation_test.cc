// What may be revoked, what a revocation covers, and its forms.
#include "operators/override/revocation.h"

#include <gtest/gtest.h>

#include <functional>

#include "operators/override/override_journal.h"
#include "operators/override/revocation_wire.h"
#include "path/proof_names.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl::override_ {
namespace {

constexpr const char* kSelf = "spiffe://example.org/pawl/gw1";
constexpr std::int64_t kNow = 1772000000;
const std::string kThumb(43, 'A');

TEST(RevokedTarget, IsReadStrictly) {
  const struct {
    std::string text;
    bool good;
  } rows[] = {
      {"agent:triage", true},
      {"user:https://idp.example/u/7", true},
      {"key:1", true},
      {"key:" + kThumb, true},
      {"certificate:" + kThumb, true},
      {"token:https://idp.example#jti-1", true},
      {"token:a#b#c", true},
      {"", false},
      {"agent:", false},
      {"agent:a b", false},
      {"agent:*", false},
      {"all", false},
      {"server:files", false},
      {"certificate:short", false},
      {"certificate:" + std::string(43, '+'), false},
      {"token:no-id", false},
      {"token:#x", false},
      {"token:x#", false},
      {"key:a\nb", false},
      {"key:a\"b", false},
      {"key:a\\b", false},
      {"key:" + std::string(252, 'k'), true},
      {"key:" + std::string(253, 'k'), false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(parse_target(row.text).has_value(), row.good) << row.text;
  }
  EXPECT_EQ(*parse_target("token:i#0190A000-0000-7000-8000-00000000000B"),
            "token:i#0190a000-0000-7000-8000-00000000000b");
}

TEST(RevokedTarget, OnlyANameComesBack) {
  for (const std::string target : {"agent:a", "user:u"}) {
    EXPECT_TRUE(may_be_lifted(target));
  }
  for (const std::string target : {"key:k", "certificate:c", "token:i#j"}) {
    EXPECT_FALSE(may_be_lifted(target));
  }
}

class Revoked : public ::testing::Test {
 protected:
  Revocation one(const std::string& target) {
    return {Uuid::v7(WallTime{++time_}, random_), *parse_target(target), "why", "ann",
            WallTime{time_}};
  }
  SeededRandom random_{3};
  std::int64_t time_ = 1;
};

TEST_F(Revoked, CoversWhoProvesWithIt) {
  Caller caller;
  caller.agent = "triage";
  caller.on_behalf_of = "u7";
  caller.proven_by = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{
      key_name("k1"), token_name("https://idp", "j1"), certificate_name(kThumb)});
  Action action;
  action.caller = caller;
  action.presented_names = {key_name("p1"), token_name("https://other", "j2")};
  const struct {
    std::string target;
    bool caller, action;
  } rows[] = {
      {"agent:triage", true, true},
      {"agent:other", false, false},
      {"user:u7", true, true},
      {"user:u8", false, false},
      {"key:k1", true, true},
      {"key:p1", false, true},
      {"key:k", false, false},
      {"token:https://idp#j1", true, true},
      {"token:https://idp#j2", false, false},
      {"token:https://other#j2", false, true},
      {"certificate:" + kThumb, true, true},
  };
  for (const auto& row : rows) {
    RevokedSet set;
    set.apply(one(row.target));
    EXPECT_EQ(set.covering(caller) != nullptr, row.caller) << row.target;
    EXPECT_EQ(set.covering(action) != nullptr, row.action) << row.target;
  }
  EXPECT_EQ(RevokedSet{}.covering(action), nullptr);
  EXPECT_EQ(RevokedSet{}.covering(Caller{}), nullptr);
}

TEST_F(Revoked, EndsWithTheLastOfItsTarget) {
  RevokedSet set;
  const Revocation first = one("agent:a"), second = one("agent:a"), other = one("key:k");
  for (const Revocation& revocation : {second, first, other, first}) {
    set.apply(revocation);
  }
  EXPECT_EQ(set.size(), 3u);
  EXPECT_EQ(set.all().front().id, first.id);
  EXPECT_TRUE(set.lift(second.id));
  EXPECT_FALSE(set.lift(second.id));
  ASSERT_NE(set.of_target("agent:a"), nullptr);
  EXPECT_EQ(set.find(second.id), nullptr);
  EXPECT_TRUE(set.lift(first.id));
  EXPECT_EQ(set.of_target("agent:a"), nullptr);
  EXPECT_EQ(set.size(), 1u);
}

TEST_F(Revoked, ReadsBackAsPrinted) {
  Revocation revocation = one("token:https://idp#j1");
  for (const std::optional<std::int64_t> since : {std::optional<std::int64_t>{}, {kNow}}) {
    revocation.since_s = since;
    const auto text = json::print(print_revocation(revocation));
    const Result<Revocation> back = read_revocation(json::parse(text)->value);
    ASSERT_TRUE(back);
    EXPECT_EQ(json::print(print_revocation(*back)), text);
  }
  for (const char* bad : {"{}", R"({"id":"x","target":"agent:a","at":1})",
                          R"({"id":"0190a000-0000-7000-8000-000000000001","target":"all","at":1})",
                          R"({"id":"0190a000-0000-7000-8000-000000000001","target":"agent:a"})"}) {
    EXPECT_FALSE(read_revocation(json::parse(bad)->value)) << bad;
  }
}

TEST_F(Revoked, FitsASlotWhateverItsTarget) {
  FaultFiles files;
  SteppedClock clock;
  std::vector<Stop> stops;
  auto journal = *OverrideJournal::open(files, "journal", clock, stops);
  Revocation revocation = one("key:" + std::string(252, 'k'));
  revocation.reason = std::string(kMaxRevocationReason, '"');
  revocation.by = std::string(256, 'n');
  revocation.since_s = kNow;
  revocation.at = WallTime{kNow * 1'000'000};
  ASSERT_TRUE(journal->record(revocation));
  journal = *OverrideJournal::open(files, "journal", clock, stops);
  EXPECT_TRUE(stops.empty());
  const std::vector<Revocation> found = journal->take_revocations();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].target, revocation.target);
  EXPECT_EQ(found[0].id, revocation.id);
  EXPECT_EQ(found[0].since_s, kNow);
}

TEST_F(Revoked, GivesItsSlotToAStopOnceTheLedgerHoldsIt) {
  FaultFiles files;
  SteppedClock clock;
  std::vector<Stop> stops;
  auto journal = *OverrideJournal::open(files, "journal", clock, stops);
  std::vector<Revocation> kept;
  for (std::size_t i = 0; i < OverrideJournal::kSlots; ++i) {
    kept.push_back(one("key:k" + std::to_string(i)));
    ASSERT_TRUE(journal->record(kept.back()));
  }
  const Stop stop{Uuid::v7(WallTime{1}, random_), *parse_scope("all"), "r", "ann", WallTime{1}};
  EXPECT_EQ(journal->record(stop).error().code, Code::kOverloaded);
  journal->in_ledger(kept[7].id);
  EXPECT_TRUE(journal->record(stop));
  EXPECT_FALSE(journal->holds(kept[7].id));
  EXPECT_FALSE(journal->record(one("key:more"))) << "the stop's slot is not spare";
  journal = *OverrideJournal::open(files, "journal", clock, stops);
  EXPECT_EQ(stops.size(), 1u);
  EXPECT_EQ(journal->take_revocations().size(), OverrideJournal::kSlots - 1);
}

class RevocationWire : public ::testing::Test {
 protected:
  RevocationWire() {
    keys_ = std::make_unique<Keystore>(*Keystore::create(files_, "keys", random_));
    EXPECT_TRUE(keys_->enrol_operator("ann", key_.public_key(), {"operator"}));
  }
  RevocationStatement statement() {
    RevocationStatement out;
    out.target = "agent:triage";
    out.reason = "stolen";
    out.audience = kSelf;
    out.id = Uuid::v7(WallTime{kNow}, random_);
    out.iat = kNow;
    out.exp = kNow + 120;
    return out;
  }
  Result<VerifiedRevocation> verify(const RevocationStatement& statement) {
    return verify_revocation(*sign_revocation(statement, key_), *keys_, kSelf,
                             WallTime{kNow * 1'000'000});
  }

  FaultFiles files_;
  SeededRandom random_{5};
  SigningKey key_ = *SigningKey::generate(KeyKind::kP256);
  std::unique_ptr<Keystore> keys_;
};

TEST_F(RevocationWire, ReadsBackWhatWasSigned) {
  RevocationStatement said = statement();
  said.since_s = kNow - 86'400;
  Result<VerifiedRevocation> back = verify(said);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->statement.target, said.target);
  EXPECT_EQ(back->statement.since_s, said.since_s);
  EXPECT_EQ(back->statement.id, said.id);
  EXPECT_TRUE(back->statement.lifts.empty());
  EXPECT_EQ(back->operator_name, "ann");
  said.lifts = {said.id};
  said.since_s.reset();
  back = verify(said);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->statement.lifts, said.lifts);
}

TEST_F(RevocationWire, RefusesWhatItDoesNotMean) {
  const std::vector<std::function<void(RevocationStatement&)>> changes = {
      [](auto& s) { s.target = "all"; },
      [](auto& s) { s.target = ""; },
      [](auto& s) { s.reason = ""; },
      [](auto& s) { s.reason = std::string(kMaxRevocationReason + 1, 'x'); },
      [](auto& s) { s.reason = "a\x1b[2J"; },
      [](auto& s) { s.audience = "spiffe://example.org/pawl/gw2"; },
      [](auto& s) { s.exp = s.iat + 301; },
      [](auto& s) { s.exp = s.iat - 1; },
      [](auto& s) { s.iat = kNow + 31, s.exp = s.iat; },
      [](auto& s) { s.iat = kNow - 200, s.exp = kNow - 1; },
      [](auto& s) { s.since_s = s.iat + 31; },
      [](auto& s) { s.since_s = -1; },
      [](auto& s) { s.target = "key:k", s.lifts = {s.id}; },
      [](auto& s) { s.target = "token:i#j", s.lifts = {s.id}; },
      [](auto& s) { s.lifts = std::vector<Uuid>(kMaxLifts + 1, s.id); },
  };
  ASSERT_TRUE(verify(statement()));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    RevocationStatement said = statement();
    changes[i](said);
    const Result<VerifiedRevocation> back = verify(said);
    ASSERT_FALSE(back) << i;
    EXPECT_EQ(back.error().code, Code::kTokenInvalid) << i;
  }
  EXPECT_EQ(verify_revocation(*sign_revocation(statement(), *SigningKey::generate(KeyKind::kP256)),
                              *keys_, kSelf, WallTime{kNow * 1'000'000})
                .error()
                .code,
            Code::kForbidden);
}

// Else the ledger's fold would not find it: a body that does not fit is replaced by its digest.
TEST_F(RevocationWire, TheLongestFitsARecord) {
  RevocationStatement said = statement();
  said.target = "key:" + std::string(252, 'k');
  said.reason = std::string(kMaxRevocationReason, '"');
  said.since_s = kNow;
  const std::string token = *sign_revocation(said, key_);
  ASSERT_TRUE(verify(said));
  json::Object body{{"journaled", true}, {"kid", key_.public_key().thumbprint()}};
  body["statement"] = token;
  body["revocation"] = print_revocation({said.id, said.target, said.reason, std::string(256, 'n'),
                                         WallTime{kNow * 1'000'000}, said.since_s});
  EXPECT_LT(json::print(body).size(), 4096u - 128u);
}

}  // namespace
}  // namespace pawl::override_
