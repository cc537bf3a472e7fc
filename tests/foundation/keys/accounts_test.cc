#include "foundation/keys/accounts.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

PublicKey new_key(KeyKind kind = KeyKind::kP256) {
  return SigningKey::generate(kind)->public_key();
}

std::string outcome(const Status& status) {
  return status ? "ok" : std::string(code_name(status.error().code));
}

TEST(AccountsTest, TextKeepsTheAccounts) {
  Accounts accounts;
  const PublicKey alice = new_key();
  ASSERT_TRUE(accounts.add_operator("alice@example.org", alice, {"operator", "auditor"}));
  ASSERT_TRUE(accounts.add_operator("bob", new_key(), {}));
  ASSERT_TRUE(accounts.add_agent_key("spiffe://example.org/agent", sha256("key 1")));
  ASSERT_TRUE(accounts.add_agent_key("spiffe://example.org/agent", sha256("key 2")));
  ASSERT_TRUE(accounts.add_agent_key("other", sha256("key 3")));

  const Result<Accounts> again = Accounts::parse(accounts.print());
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->print(), accounts.print());
  EXPECT_EQ(again->agents, accounts.agents);
  ASSERT_EQ(again->operators.size(), 2u);
  EXPECT_EQ(again->operators[0].kid, alice.thumbprint());
  EXPECT_EQ(again->operators[0].roles, (std::vector<std::string>{"operator", "auditor"}));
  EXPECT_TRUE(again->operators[1].roles.empty());
  EXPECT_TRUE(Accounts::parse(Accounts().print()).has_value());
}

TEST(AccountsTest, TheExampleOfTheFormatPageIsRead) {
  const Result<std::string> page =
      read_file(system_files(), source_dir() + "/docs/formats/keystore.md");
  ASSERT_TRUE(page.has_value());
  const std::size_t begin = page->find("```json\n") + 8;
  const std::string example = page->substr(begin, page->find("```", begin) - begin);
  const Result<Accounts> accounts = Accounts::parse(example);
  ASSERT_TRUE(accounts.has_value()) << accounts.error().message;
  EXPECT_EQ(accounts->print(), example);
  EXPECT_EQ(accounts->agents.at("spiffe://example.org/agent"), std::vector<Digest>{sha256("")});
}

TEST(AccountsTest, ChangesThatDoNotFitAreRefused) {
  Accounts accounts;
  const PublicKey alice = new_key();
  const PublicKey bob = new_key();
  ASSERT_TRUE(accounts.add_operator("alice", alice, {}));
  ASSERT_TRUE(accounts.add_operator("bob", bob, {}));
  ASSERT_TRUE(accounts.add_agent_key("agent", sha256("key")));
  const std::string before = accounts.print();

  EXPECT_EQ(outcome(accounts.add_operator("alice", new_key(), {})), "conflict");
  EXPECT_EQ(outcome(accounts.add_operator("carol", bob, {})), "conflict");
  EXPECT_EQ(outcome(accounts.add_operator("alice", bob, {})), "conflict");
  EXPECT_EQ(outcome(accounts.add_operator("carol", new_key(KeyKind::kEd25519), {})),
            "invalid_params");
  EXPECT_EQ(outcome(accounts.add_agent_key("other", sha256("key"))), "conflict");
  EXPECT_EQ(outcome(accounts.remove_agent("other")), "not_found");
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a\"b"),
                                  std::string("a\\b"), std::string("a\n"), std::string("\xc3\xa9"),
                                  std::string("a\0b", 3), std::string(257, 'a')}) {
    EXPECT_EQ(outcome(accounts.add_operator(name, new_key(), {})), "invalid_params") << name;
    EXPECT_EQ(outcome(accounts.add_operator("carol", new_key(), {name})), "invalid_params");
    EXPECT_EQ(outcome(accounts.add_agent_key(name, sha256("new"))), "invalid_params") << name;
  }
  EXPECT_EQ(accounts.print(), before);

  EXPECT_EQ(outcome(accounts.add_operator("alice", alice, {"operator"})), "ok");
  EXPECT_EQ(accounts.operators.size(), 2u);
  EXPECT_EQ(accounts.operators[0].roles, std::vector<std::string>{"operator"});
  EXPECT_EQ(outcome(accounts.remove_agent("agent")), "ok");
  EXPECT_TRUE(accounts.agents.empty());
}

TEST(AccountsTest, BadTextIsMalformedAndSaysWhere) {
  const std::string jwk = new_key().to_jwk();
  const std::string digest(43, 'A');
  const auto file = [](const std::string& operators, const std::string& agents) {
    return R"({"format":1,"operators":[)" + operators + R"(],"agents":[)" + agents + "]}";
  };
  const auto person = [](const std::string& name, const std::string& key) {
    return R"({"name":")" + name + R"(","roles":[],"key":)" + key + "}";
  };
  const auto agent = [](const std::string& name, const std::string& keys) {
    return R"({"name":")" + name + R"(","keys":[)" + keys + "]}";
  };
  const std::string quoted = '"' + digest + '"';
  struct Case {
    const char* name;
    std::string text;
    const char* where;
  };
  const Case cases[] = {
      {"empty", "", "line 1"},
      {"cut", "{\n\"format\": 1,\n", "line 3"},
      {"no object", "[]", "the whole text"},
      {"another format", R"({"format":2,"operators":[],"agents":[]})", "/format"},
      {"unknown member", R"({"format":1,"operators":[],"agents":[],"groups":[]})", "exactly"},
      {"member twice", R"({"format":1,"operators":[],"agents":[],"agents":[]})", "agents"},
      {"operators no array", R"({"format":1,"operators":{},"agents":[]})", "/operators"},
      {"operator without key", file(R"({"name":"a","roles":[]})", ""), "/operators/0"},
      {"operator with more", file(R"({"name":"a","roles":[],"key":)" + jwk + R"(,"x":1})", ""),
       "/operators/0"},
      {"bad key", file(person("a", "{}"), ""), "/operators/0/key"},
      {"Ed25519 key", file(person("a", new_key(KeyKind::kEd25519).to_jwk()), ""), "/operators/0"},
      {"bad name", file(person("a b", jwk), ""), "/operators/0"},
      {"role no string", file(R"({"name":"a","roles":[1],"key":)" + jwk + "}", ""),
       "/operators/0/roles/0"},
      {"operator twice", file(person("a", jwk) + "," + person("a", jwk), ""), "/operators/1"},
      {"key twice", file(person("a", jwk) + "," + person("b", jwk), ""), "/operators/1"},
      {"agent without keys", file("", agent("a", "")), "/agents/0/keys"},
      {"digest too short", file("", agent("a", R"("AAAA")")), "/agents/0/keys/0"},
      {"digest no string", file("", agent("a", "1")), "/agents/0/keys/0"},
      {"agent twice", file("", agent("a", quoted) + "," + agent("a", quoted)), "/agents/1"},
      {"digest twice", file("", agent("a", quoted) + "," + agent("b", quoted)), "/agents/1/keys/0"},
      {"bad agent name", file("", agent("", quoted)), "/agents/0"},
  };
  for (const Case& c : cases) {
    const Result<Accounts> accounts = Accounts::parse(c.text);
    ASSERT_FALSE(accounts.has_value()) << c.name;
    EXPECT_EQ(accounts.error().code, Code::kMalformed) << c.name;
    EXPECT_NE(accounts.error().message.find(c.where), std::string::npos)
        << c.name << ": " << accounts.error().message;
  }
}

}  // namespace
}  // namespace pawl
