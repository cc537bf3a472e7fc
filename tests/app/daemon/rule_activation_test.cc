// Which set of rules takes force: signatures, versions, and the signed set that stays.
#include "app/daemon/rule_activation.h"

#include <gtest/gtest.h>

#include "app/daemon/rule_files.h"
#include "tests/app/daemon/governance_rig.h"

namespace pawl {
namespace {

constexpr const char* kFile = "etc/rules.yaml";
constexpr const char* kInstance = "spiffe://example.org/pawl/gw1";

std::string rules_text(std::int64_t version, const std::string& tool) {
  return "set: {name: main, owner: ops@example.org, version: " + std::to_string(version) +
         "}\nrules:\n  - {id: one, when: {tool: " + tool + "}, then: allow}\n";
}

std::string digest_of(const std::string& text) {
  return (*rules::RuleSet::load({{kFile, text}}))->digest();
}

class RuleActivationTest : public testing::Test {
 protected:
  RuleActivationTest() {
    rig.put("etc/pawl.yaml", "domain: example.org\n");
    rig.config.file = "etc/pawl.yaml";
    rig.config.rule_signatures = SignatureDemand::kRequired;
  }

  // Ann and bob may let sets take force, carl may only lift stops. Enrolled before any start.
  void enrol() {
    ASSERT_TRUE(make_durable_directory(rig.files(), "srv/data/keys"));
    Result<Keystore> keys = Keystore::create(rig.files(), "srv/data/keys", rig.random());
    ASSERT_TRUE(keys) << keys.error().message;
    ASSERT_TRUE(keys->enrol_operator("ann", ann.public_key(), {"admin", "operator"}));
    ASSERT_TRUE(keys->enrol_operator("carl", carl.public_key(), {"operator"}));
  }

  SetStatement statement(const std::string& text, std::int64_t version, const std::string& before) {
    return {"main", "ops@example.org", version, digest_of(text), before, kInstance, rig.now()};
  }
  void put(const std::string& text, const std::string& signature = "") {
    rig.put(kFile, text);
    if (signature.empty()) {
      static_cast<void>(rig.files().remove(std::string(kFile) + ".sig"));
    } else {
      rig.put(std::string(kFile) + ".sig", signature + "\n");
    }
  }
  void put_signed(std::int64_t version, const std::string& tool, const std::string& before) {
    const std::string text = rules_text(version, tool);
    put(text, *sign_set(statement(text, version, before), ann));
  }
  std::string in_force() { return rig.governance().rules()->digest(); }
  std::string digest(std::int64_t version, const std::string& tool) {
    return digest_of(rules_text(version, tool));
  }
  std::string reload_error() {
    const Status done = rig.governance().reload_rules();
    rig.settle();
    return done ? "" : done.error().message;
  }

  GovernanceRig rig;
  const SigningKey ann = *SigningKey::generate(KeyKind::kP256);
  const SigningKey bob = *SigningKey::generate(KeyKind::kP256);
  const SigningKey carl = *SigningKey::generate(KeyKind::kP256);
};

TEST_F(RuleActivationTest, AFirstStartWithoutASignatureIsRefused) {
  enrol();
  put(rules_text(1, "a"));
  const std::string why = rig.refusal();
  EXPECT_NE(why.find("no signature"), std::string::npos) << why;
  EXPECT_NE(why.find("pawl rules sign --config etc/pawl.yaml"), std::string::npos) << why;
  put("rules: []\n");
  EXPECT_NE(rig.refusal().find("set: { name: main"), std::string::npos);
  put_signed(1, "a", "");
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(in_force(), digest(1, "a"));
  const auto found = rig.records("policy.activated");
  ASSERT_EQ(found.size(), 1u);
  const json::Value& body = found[0].body;
  EXPECT_EQ(json::find_string(body, {"set", "name"}), "main");
  EXPECT_EQ(*json::find(body, {"set", "version"}), json::Value(1));
  EXPECT_EQ(json::find_string(body, {"operator"}), "ann");
  EXPECT_TRUE(json::find_string(body, {"statement"}));
}

TEST_F(RuleActivationTest, WithoutAGoodSignatureTheSetBeforeStays) {
  enrol();
  put_signed(1, "a", "");
  ASSERT_TRUE(rig.start());
  const std::string text = rules_text(2, "b");
  SetStatement good = statement(text, 2, digest(1, "a"));
  struct Case {
    const char* name;
    std::string signature;
    const char* why;
  };
  SetStatement other_digest = good, elsewhere = good, follows_none = good, another = good,
               tomorrow = good, owner = good;
  other_digest.digest = digest(2, "c");
  elsewhere.audience = "spiffe://example.org/pawl/gw2";
  follows_none.before = "";
  another.name = "other";
  tomorrow.iat += 86'400;
  owner.owner = "me";
  std::string cut = *sign_set(good, ann);
  cut[cut.size() - 9] = cut[cut.size() - 9] == 'A' ? 'B' : 'A';
  const std::vector<Case> cases = {
      {"none", "", "no signature"},
      {"no token", "hello", "segment"},
      {"a key of nobody", *sign_set(good, bob), "no operator with this key"},
      {"without the role", *sign_set(good, carl), "has not the role admin"},
      {"changed", cut, ""},
      {"of other rules", *sign_set(other_digest, ann), "changed after they were signed"},
      {"for another instance", *sign_set(elsewhere, ann), "another instance"},
      {"after another set", *sign_set(follows_none, ann), "signed to follow"},
      {"of another name", *sign_set(another, ann), "signature is of set other"},
      {"of another owner", *sign_set(owner, ann), "signature is of set"},
      {"of tomorrow", *sign_set(tomorrow, ann), "from the future"},
  };
  for (const Case& one : cases) {
    put(text, one.signature);
    const std::string why = reload_error();
    EXPECT_FALSE(why.empty()) << one.name;
    if (std::string(one.name) != "no token") {
      EXPECT_NE(why.find(one.why), std::string::npos) << one.name << ": " << why;
    }
    EXPECT_EQ(in_force(), digest(1, "a")) << one.name;
    const json::Value status = rig.governance().status();
    EXPECT_EQ(json::find_string(status, {"rules", "reload_error"}), why) << one.name;
  }
  put(text, *sign_set(good, ann));
  EXPECT_EQ(reload_error(), "");
  EXPECT_EQ(in_force(), digest(2, "b"));
  EXPECT_EQ(rig.records("policy.activated").size(), 2u);
  // The same rules under another owner are another set.
  std::string owned = text;
  owned.replace(owned.find("ops@"), 3, "all");
  put(owned);
  EXPECT_NE(reload_error().find("does not rise"), std::string::npos);
}

TEST_F(RuleActivationTest, ARestartGoesOnWithTheSignedSet) {
  enrol();
  put_signed(1, "a", "");
  ASSERT_TRUE(rig.start());
  rig.kill();
  put(rules_text(2, "b"));
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(in_force(), digest(1, "a"));
  const json::Value status = rig.governance().status();
  EXPECT_NE(json::find_string(status, {"rules", "reload_error"})->find("no signature"),
            std::string_view::npos);
  EXPECT_EQ(rig.records("policy.activated").size(), 1u);
  rig.kill();
  // What is kept is no way around: it counts as what the ledger recorded, or not at all.
  const std::string kept = *read_file(rig.files(), "srv/data/rules_in_force.json");
  std::string forged = kept;
  forged.replace(forged.find("{tool: a}"), 9, "{tool: z}");
  rig.put("srv/data/rules_in_force.json", forged);
  EXPECT_NE(rig.refusal().find("does not count"), std::string::npos);
  static_cast<void>(rig.files().remove("srv/data/rules_in_force.json"));
  EXPECT_NE(rig.refusal().find("is missing"), std::string::npos);
  rig.put("srv/data/rules_in_force.json", kept);
  put_signed(2, "b", digest(1, "a"));
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(in_force(), digest(2, "b"));
  EXPECT_EQ(rig.records("policy.activated").size(), 2u);
}

TEST_F(RuleActivationTest, VersionsOnlyRise) {
  enrol();
  put_signed(3, "a", "");
  ASSERT_TRUE(rig.start());
  for (const std::int64_t version : {1, 2, 3}) {
    put_signed(version, "b", digest(3, "a"));
    EXPECT_NE(reload_error().find("does not rise above version 3"), std::string::npos) << version;
  }
  ASSERT_EQ(in_force(), digest(3, "a"));
  put_signed(7, "b", digest(3, "a"));
  EXPECT_EQ(reload_error(), "");
  // The set of before may come again, under a version of its own.
  put_signed(8, "a", digest(7, "b"));
  EXPECT_EQ(reload_error(), "");
  EXPECT_EQ(in_force(), digest(3, "a"));
  // And the files of then do not.
  put_signed(7, "b", digest(3, "a"));
  EXPECT_NE(reload_error(), "");
  rig.kill();
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(in_force(), digest(3, "a"));
}

TEST_F(RuleActivationTest, ANewAdminsSignatureCountedOnlyAfterARestart) {
  enrol();
  put_signed(1, "a", "");
  ASSERT_TRUE(rig.start());
  const std::string text = rules_text(2, "b");
  put(text, *sign_set(statement(text, 2, digest(1, "a")), bob));
  EXPECT_NE(reload_error().find("no operator with this key is enrolled"), std::string::npos);
  const auto records_of_bob = [this] {
    const auto found = rig.records("identity.enrolled");
    return std::count_if(found.begin(), found.end(), [](const auto& one) {
      return json::print(one.body).find("bob") != std::string::npos;
    });
  };
  EXPECT_EQ(records_of_bob(), 0);
  Result<Keystore> keys = Keystore::open(rig.files(), "srv/data/keys");  // of another process
  ASSERT_TRUE(keys);
  ASSERT_TRUE(keys->enrol_operator("bob", bob.public_key(), {"admin"}));
  EXPECT_EQ(reload_error(), "");
  EXPECT_EQ(in_force(), digest(2, "b"));
  EXPECT_EQ(records_of_bob(), 1) << "the ledger says who bob is before it says what he signed";
  put_signed(3, "c", digest(2, "b"));
  EXPECT_EQ(reload_error(), "");
  EXPECT_EQ(records_of_bob(), 1) << "once";
}

TEST_F(RuleActivationTest, ARevokedKeyLetsNothingTakeForce) {
  enrol();
  put_signed(1, "a", "");
  ASSERT_TRUE(rig.start());
  put_signed(2, "b", digest(1, "a"));
  std::string asked;
  const RuleActivation activation({rig.files(), rig.config,
                                   [this] { return rig.governance().keys().operators(); },
                                   DataFolder{"srv/data"}, kInstance, [this] { return rig.now(); },
                                   [&asked](const std::string& kid) -> Status {
                                     asked = kid;
                                     return fail(Code::kForbidden, "revoked");
                                   }});
  const SetInForce before{digest(1, "a"), "main", "ops@example.org", 1, true, digest(1, "a")};
  const Result<Activated> now = activation.at_reload(before);
  ASSERT_FALSE(now);
  EXPECT_NE(now.error().message.find("revoked"), std::string::npos);
  EXPECT_EQ(asked, ann.public_key().thumbprint());
  EXPECT_EQ(reload_error(), "") << "and it was good otherwise";
}

TEST_F(RuleActivationTest, AnUnsignedVersionRisesToo) {
  rig.config.rule_signatures = SignatureDemand::kOptional;
  put(rules_text(2, "a"));
  ASSERT_TRUE(rig.start());
  put(rules_text(2, "b"));
  EXPECT_NE(reload_error().find("does not rise"), std::string::npos);
  put(rules_text(3, "b"));
  EXPECT_EQ(reload_error(), "");
  put(rules_text(4, "b"), *sign_set(statement(rules_text(3, "a"), 3, ""), bob));
  EXPECT_EQ(reload_error(), "") << "a signature that does not count is none";
  put("rules: []\n");
  EXPECT_EQ(reload_error(), "") << "a set without a header has no version";
  put(rules_text(3, "c"));
  EXPECT_NE(reload_error().find("does not rise"), std::string::npos);
}

TEST_F(RuleActivationTest, WhereNoneIsNeededAStaleSignatureIsNone) {
  enrol();
  rig.config.rule_signatures = SignatureDemand::kOnceSigned;
  put(rules_text(1, "b"), *sign_set(statement(rules_text(1, "a"), 1, ""), ann));
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(in_force(), digest(1, "b"));
  EXPECT_EQ(*json::find(rig.governance().status(), {"rules", "signed"}), json::Value(false));
}

TEST_F(RuleActivationTest, WhatWasInForceBeforeThereWereSignaturesGoesOn) {
  enrol();
  rig.config.rule_signatures = SignatureDemand::kOptional;
  put("rules:\n  - {id: one, when: {tool: a}, then: allow}\n");
  ASSERT_TRUE(rig.start());
  rig.kill();
  rig.config.rule_signatures = SignatureDemand::kRequired;
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(*json::find(rig.governance().status(), {"rules", "signed"}), json::Value(false));
  put(rules_text(1, "b"));
  EXPECT_NE(reload_error(), "") << "and is followed by a signed one only";
  EXPECT_EQ(in_force(), digest(1, "a"));
  put_signed(1, "a", "");
  EXPECT_EQ(reload_error(), "") << "the same rules, signed now";
  EXPECT_EQ(*json::find(rig.governance().status(), {"rules", "signed"}), json::Value(true));
  EXPECT_EQ(rig.records("policy.activated").size(), 2u);
}

TEST_F(RuleActivationTest, WhereNoPresetIsNamedTheFirstSignedSetDecides) {
  enrol();
  rig.config.rule_signatures = SignatureDemand::kOnceSigned;
  put("rules: []\n");
  ASSERT_TRUE(rig.start());
  put("rules:\n  - {id: one, when: {tool: b}, then: allow}\n");
  EXPECT_EQ(reload_error(), "");
  put_signed(1, "a", "");
  EXPECT_EQ(reload_error(), "");
  put("rules: []\n");
  EXPECT_NE(reload_error(), "");
  EXPECT_EQ(in_force(), digest(1, "a"));
}

TEST_F(RuleActivationTest, AKeptSetIsDurableBeforeTheRulesChange) {
  enrol();
  put_signed(1, "a", "");
  ASSERT_TRUE(rig.start());
  put_signed(2, "b", digest(1, "a"));
  EXPECT_EQ(reload_error(), "");
  rig.kill();
  put(rules_text(3, "c"));
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(in_force(), digest(2, "b"));
}

}  // namespace
}  // namespace pawl
