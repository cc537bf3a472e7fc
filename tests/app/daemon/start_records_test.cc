// A start records what is not as the ledger last said: the configuration, and who is enrolled.
#include <gtest/gtest.h>

#include "app/daemon/state_changes.h"
#include "tests/app/daemon/governance_rig.h"
#include "tests/support/lost_key.h"

namespace pawl {
namespace {

std::string text(const json::Value& value, std::initializer_list<std::string_view> path) {
  return std::string(json::find_string(value, path).value_or(""));
}

std::vector<std::string> texts(const json::Value& value, std::string_view name) {
  std::vector<std::string> out;
  if (const json::Value* list = json::find(value, {name})) {
    for (const json::Value& one : list->get_array()) {
      out.emplace_back(one.get_string());
    }
  }
  return out;
}

AgentConfig agent(const std::string& id, std::vector<std::string> groups) {
  AgentConfig out;
  out.id = id;
  out.key = "secret-secret-secret";
  out.groups = std::move(groups);
  return out;
}

TEST(StartRecords, TheFirstStartSaysHowItIsConfigured) {
  GovernanceRig rig;
  ASSERT_TRUE(rig.start());
  const auto found = rig.records("config.changed");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_GT(found[0].index, rig.records("node.started").front().index);
  const json::Value& body = found[0].body;
  EXPECT_EQ(text(body, {"policy"}), rig.governance().rules()->digest());
  EXPECT_FALSE(text(body, {"version"}).empty());
  EXPECT_EQ(text(body, {"digest"}).size(), 43u);
  EXPECT_EQ(json::find(body, {"before"}), nullptr);
  EXPECT_EQ(json::find(body, {"changed"}), nullptr);
  EXPECT_EQ(text(body, {"sections", "domain"}).size(), 43u);
  rig.finish();
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(rig.records("config.changed").size(), 1u) << "nothing changed";
  EXPECT_EQ(rig.records("identity.enrolled").size(), 0u);
}

TEST(StartRecords, AChangeNamesItsSectionsAndFollowsFromTheLast) {
  GovernanceRig rig;
  ASSERT_TRUE(rig.start());
  rig.kill();
  rig.config.limits.open_calls = 7;
  rig.config.agents = {agent("triage", {})};
  ASSERT_TRUE(rig.start());
  rig.finish();
  rig.development = true;
  ASSERT_TRUE(rig.start());
  const auto found = rig.records("config.changed");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(texts(found[1].body, "changed"), (std::vector<std::string>{"agents", "limits"}));
  EXPECT_EQ(texts(found[2].body, "changed"), std::vector<std::string>{"development"});
  for (const std::size_t i : {1u, 2u}) {
    EXPECT_EQ(text(found[i].body, {"before"}), text(found[i - 1].body, {"digest"}));
    EXPECT_NE(text(found[i].body, {"before"}), text(found[i].body, {"digest"}));
  }
}

// What a start compares with stands in the snapshot: no walk, however long the log is.
TEST(StartRecords, TheLastConfigurationIsKnownWithoutReadingTheLog) {
  GovernanceRig rig;
  ASSERT_TRUE(rig.start());
  rig.finish();
  rig.open();
  const json::Value status = rig.governance().status();
  EXPECT_EQ(json::find(status, {"ledger", "replayed"})->to_number<std::uint64_t>(), 0u);
  ASSERT_TRUE(rig.begin());
  EXPECT_EQ(rig.records("config.changed").size(), 1u);
}

TEST(StartRecords, WhoCannotRecordItDoesNotBegin) {
  GovernanceRig rig;
  rig.open();
  LostKey lost(*SigningKey::generate(KeyKind::kP256));
  rig.governance().recorder().sign_with(lost.key(), "kid");
  lost.lose();
  const Status begun = rig.begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, Code::kEvidenceUnavailable);
}

TEST(StartRecords, SayWhoIsEnrolledAndWhoNoMore) {
  GovernanceRig rig;
  rig.open();
  const SigningKey ann = *SigningKey::generate(KeyKind::kP256);
  ASSERT_TRUE(rig.governance().keys().enrol_operator("ann", ann.public_key(), {"operator"}));
  ASSERT_TRUE(rig.governance().keys().enrol_agent("robot", rig.random()));
  rig.config.agents = {agent("triage", {"a"})};
  rig.config.readers = {{"audit", "another-secret-0123"}};
  rig.config.issuers.emplace_back().issuer = "https://idp.example";
  rig.config.trust_domains.emplace_back().name = "example.net";
  rig.config.trusted_tokens.emplace_back().issuer = "spiffe://example.net/pawl/gw1";
  ASSERT_TRUE(rig.begin());
  std::vector<std::string> targets;
  for (const auto& record : rig.records("identity.enrolled")) {
    targets.push_back(text(record.body, {"identity", "target"}));
    EXPECT_EQ(json::print(record.body).find("secret"), std::string::npos);
  }
  EXPECT_EQ(targets,
            (std::vector<std::string>{"agent:robot", "agent:triage",
                                      "jwt_issuer:https://idp.example", "operator:ann",
                                      "reader:audit", "token_issuer:spiffe://example.net/pawl/gw1",
                                      "trust_domain:example.net"}));
  EXPECT_EQ(text(rig.records("identity.enrolled")[3].body, {"identity", "kid"}),
            ann.public_key().thumbprint());

  rig.kill();
  rig.config.readers.clear();
  rig.config.agents[0].groups = {"a", "b"};
  ASSERT_TRUE(rig.start());
  const auto removed = rig.records("identity.removed");
  ASSERT_EQ(removed.size(), 1u);
  EXPECT_EQ(text(removed[0].body, {"identity", "target"}), "reader:audit");
  const auto enrolled = rig.records("identity.enrolled");
  ASSERT_EQ(enrolled.size(), 8u) << "one has other groups now";
  EXPECT_EQ(text(enrolled.back().body, {"identity", "target"}), "agent:triage");
  rig.finish();
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(rig.records("identity.enrolled").size(), 8u);
  EXPECT_EQ(rig.records("identity.removed").size(), 1u);
}

// The name of each section that differs has no room beside all of them; their digests say it, too.
TEST(StartRecords, AConfigurationAlwaysFitsIntoItsRecord) {
  RecordedState::Configuration before{"before", {}};
  SectionDigests now;
  for (int i = 0; i < 40; ++i) {
    before.sections["a_section_" + std::to_string(i)] = std::string(43, 'a');
    now["a_section_" + std::to_string(i)] = std::string(43, i < 2 ? 'b' : 'a');
  }
  const auto few = config_changes(before, now, std::string(43, 'p'));
  ASSERT_EQ(few.size(), 1u);
  EXPECT_EQ(texts(few[0].body, "changed").size(), 0u) << json::print(few[0].body).size();
  EXPECT_EQ(json::find(few[0].body, {"sections"})->get_object().size(), 40u);
  now.erase(std::next(now.begin(), 30), now.end());
  before.sections.erase(std::next(before.sections.begin(), 30), before.sections.end());
  const auto fits = config_changes(before, now, std::string(43, 'p'));
  EXPECT_EQ(texts(fits[0].body, "changed").size(), 2u);
  EXPECT_LE(json::print(fits[0].body).size(), 2500u);
}

// A body that did not fit would be known by no start, and recorded at each.
TEST(StartRecords, AnIdentityThatIsTooLargeIsThereByItsDigest) {
  GovernanceRig rig;
  std::vector<std::string> groups;
  for (int i = 0; i < 500; ++i) {
    groups.push_back("group-" + std::to_string(i));
  }
  rig.config.agents = {agent("triage", groups)};
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(text(rig.records("identity.enrolled").at(0).body, {"identity", "hash"}).size(), 43u);
  rig.finish();
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(rig.records("identity.enrolled").size(), 1u);
}

}  // namespace
}  // namespace pawl
