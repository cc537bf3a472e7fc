// Accounts that change while people are signed in: sessions end, and records say what changed.
#include "app/daemon/account_watch.h"

#include <gtest/gtest.h>

#include "operators/sign_in/standing.h"
#include "tests/app/daemon/governance_rig.h"

namespace pawl {
namespace {

// Of "password", by the reference implementation (github.com/P-H-C/phc-winner-argon2, src/test.c).
constexpr const char* kHash =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
constexpr const char* kOtherHash =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/5";
constexpr std::string_view kFile = "srv/data/accounts/accounts.json";

class AccountWatchTest : public testing::Test {
 protected:
  AccountWatchTest() {
    rig_.config.sign_in.emplace();
    put("ada");
    EXPECT_TRUE(rig_.start());
    watch();
  }

  AccountStore store() { return {rig_.files(), DataFolder{"srv/data"}}; }

  void put(const std::string& name) {
    EXPECT_TRUE(store().change([&](sign_in::AccountList& list) -> Status {
      list.accounts.push_back({name,
                               {*sign_in::parse_grant("admin"), *sign_in::parse_grant("viewer")},
                               kHash,
                               sign_in::Totp{"12345678901234567890", 0},
                               {}});
      return {};
    }));
  }
  void change(const std::string& name, const std::function<void(sign_in::Account&)>& change) {
    EXPECT_TRUE(store().change([&](sign_in::AccountList& list) -> Status {
      change(*list.find(name));
      return {};
    }));
  }
  void remove(const std::string& name) {
    EXPECT_TRUE(store().change([&](sign_in::AccountList& list) -> Status {
      std::erase_if(list.accounts, [&](const auto& one) { return one.name == name; });
      return {};
    }));
  }

  void watch() {
    accounts_ = std::make_unique<AccountStore>(rig_.files(), DataFolder{"srv/data"});
    watch_ = std::make_unique<AccountWatch>(
        AccountWatch::Parts{*accounts_, sessions_, rig_.governance().recorder(), clock_,
                            rig_.governance().decisions().recorded.enrolled});
    tick();
  }
  void tick() {
    watch_->tick();
    rig_.settle();
  }

  // Signs in, as check_account() says who it is.
  std::string sign_in(const std::string& name) {
    const sign_in::Account account = *store().read()->find(name);
    sign_in::Person person{name, account.grants, "password+totp"};
    person.account = sign_in::standing_of(account);
    return sessions_.open(person, rig_.governance().recorder().new_id(), clock_.boot())->token;
  }
  bool stays(const std::string& token) {
    return watch_->look() && sessions_.find(token, clock_.boot()) != nullptr;
  }

  // "TARGET WHAT,WHAT" of the records, of removals "-TARGET".
  std::vector<std::string> said() {
    std::vector<std::string> out;
    for (const auto& record : rig_.records("")) {
      if (record.kind != "identity.enrolled" && record.kind != "identity.removed") {
        continue;
      }
      std::string one = record.kind == "identity.removed" ? "-" : "";
      one += json::find_string(record.body, {"identity", "target"}).value_or("");
      const json::Value* changed = json::find(record.body, {"changed"});
      for (const json::Value& what : changed != nullptr ? changed->get_array() : json::Array()) {
        one += " " + std::string(what.get_string());
      }
      out.push_back(one);
    }
    return out;
  }
  using Said = std::vector<std::string>;

  GovernanceRig rig_;
  SteppedClock clock_;
  SeededRandom random_{3};
  sign_in::Sessions sessions_{random_};
  std::unique_ptr<AccountStore> accounts_;
  std::unique_ptr<AccountWatch> watch_;
};

TEST_F(AccountWatchTest, WhoIsRemovedIsSignedInNoMore) {
  put("bob");
  const std::string ada = sign_in("ada"), bob = sign_in("bob");
  EXPECT_TRUE(stays(ada) && stays(bob));
  remove("bob");
  EXPECT_FALSE(stays(bob));
  EXPECT_TRUE(stays(ada));
  put("bob");
  EXPECT_FALSE(stays(bob)) << "it does not come back";
}

TEST_F(AccountWatchTest, AChangeBeforeTheSessionWasThereCounts) {
  put("bob");
  EXPECT_TRUE(watch_->look());
  const sign_in::Account bob = *store().read()->find("bob");
  remove("bob");
  EXPECT_TRUE(watch_->look());  // it saw the removal, and then the sign-in comes to its end
  sign_in::Person person{"bob", bob.grants, "password+totp"};
  person.account = sign_in::standing_of(bob);
  const std::string token = sessions_.open(person, Uuid{}, clock_.boot())->token;
  EXPECT_TRUE(watch_->look_anew());
  EXPECT_FALSE(stays(token));
}

TEST_F(AccountWatchTest, SessionsRestOnWhatTheAccountIsNow) {
  const std::string ada = sign_in("ada");
  change("ada", [](auto& account) { account.totp->used_step = 7; });
  EXPECT_TRUE(stays(ada));
  change("ada", [](auto& account) { account.grants.push_back(*sign_in::parse_grant("auditor")); });
  EXPECT_TRUE(stays(ada));
  change("ada", [](auto& account) { account.password_hash = kOtherHash; });
  EXPECT_FALSE(stays(ada));
}

TEST_F(AccountWatchTest, AProvidersPeopleHaveNoAccount) {
  sign_in::Person person{"ada", {*sign_in::parse_grant("viewer")}, "oidc"};
  const std::string token = sessions_.open(person, Uuid{}, clock_.boot())->token;
  remove("ada");
  EXPECT_TRUE(stays(token));
}

TEST_F(AccountWatchTest, AFileThatDoesNotReadEndsNothingAndLetsNobodyPass) {
  const std::string ada = sign_in("ada");
  const std::string text = *read_file(rig_.files(), std::string(kFile));
  rig_.put(std::string(kFile), "{}");
  EXPECT_FALSE(watch_->look());
  EXPECT_FALSE(watch_->look());
  tick();
  rig_.put(std::string(kFile), text);
  EXPECT_TRUE(stays(ada));
  EXPECT_EQ(said(), Said{"account:ada"});
}

TEST_F(AccountWatchTest, EachChangeIsRecordedOnce) {
  EXPECT_EQ(said(), Said{"account:ada"}) << "by the start";
  put("bob");
  tick();
  tick();
  change("bob", [](auto& account) { account.password_hash = kOtherHash; });
  tick();
  change("bob", [](auto& account) {
    account.grants.pop_back();
    account.totp->used_step = 9;
  });
  tick();
  change("bob", [](auto& account) { account.totp->used_step = 10; });
  tick();
  remove("bob");
  tick();
  tick();
  EXPECT_EQ(said(), (Said{"account:ada", "account:bob", "account:bob password",
                          "account:bob grants", "-account:bob"}));
  for (const auto& record : rig_.records("identity.enrolled")) {
    const std::string text = json::print(record.body);
    EXPECT_EQ(text.find("argon2"), std::string::npos);
    EXPECT_EQ(text.find("1234567890"), std::string::npos);
    EXPECT_EQ(json::find(record.body, {"identity", "grants"})->get_array().at(0),
              json::Value("admin"));
  }
}

TEST_F(AccountWatchTest, WhatNobodySawIsRecordedByTheNextStart) {
  put("bob");
  tick();
  remove("bob");
  put("cleo");
  rig_.kill();
  ASSERT_TRUE(rig_.start());
  const Said expected{"account:ada", "account:bob", "-account:bob", "account:cleo"};
  EXPECT_EQ(said(), expected);
  watch();
  tick();
  rig_.finish();
  ASSERT_TRUE(rig_.start());
  EXPECT_EQ(said(), expected) << "once";
}

TEST_F(AccountWatchTest, WhereAccountsDoNotCountNobodyIsEnrolledByOne) {
  rig_.kill();
  rig_.config.sign_in->local = false;
  ASSERT_TRUE(rig_.start());
  EXPECT_EQ(said(), (Said{"account:ada", "-account:ada"}));
}

TEST_F(AccountWatchTest, OtherIdentitiesAreLeftAlone) {
  rig_.kill();
  rig_.config.readers = {{"audit", "another-secret-0123"}};
  ASSERT_TRUE(rig_.start());
  watch();
  remove("ada");
  tick();
  EXPECT_EQ(said(), (Said{"account:ada", "reader:audit", "-account:ada"}));
}

}  // namespace
}  // namespace pawl
