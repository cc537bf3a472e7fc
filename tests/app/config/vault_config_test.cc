// vault:NAME in a configuration: found, or refused with what and where.
#include <gtest/gtest.h>

#include "app/config/config.h"
#include "foundation/vault/vault_store.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

constexpr WallTime kNow{1'772'874'000'000'000};

class VaultConfig : public ::testing::Test {
 protected:
  VaultConfig() {
    EXPECT_TRUE(files_.make_directory("etc"));
    put("token", "the-secret");
    put("lost", "x");
    put("gone", "x");
    erase("gone");
    put("empty", "");
  }
  void put(const std::string& name, const std::string& secret) {
    EXPECT_TRUE(vault_.put("secret/" + name, secret, kNow, random_));
  }
  void erase(const std::string& name) {
    const auto ordered = vault_.order_erasure("secret/" + name, kNow);
    EXPECT_TRUE(ordered && vault_.destroy(*ordered, "0195a000-0000-7000-8000-000000000001"));
  }
  Result<std::vector<std::string>> keys() { return files_.list("etc/data/vault-keys"); }
  void lose_keys() {
    const Result<std::vector<std::string>> names = keys();
    for (const std::string& name : *names) {
      EXPECT_TRUE(files_.remove("etc/data/vault-keys/" + name));
    }
  }
  Result<Config> load(const std::string& text, const LoadOptions& options = {}) {
    EXPECT_TRUE(write_file(files_, "etc/pawl.yaml", text));
    return load_config(
        files_, "etc/pawl.yaml",
        [](const std::string&) { return std::optional<std::string>("from-environment"); }, options);
  }

  FaultFiles files_;
  SeededRandom random_;
  vault::Vault vault_{files_, "etc/data"};
};

const std::string kServers =
    "data: ./data\n"
    "servers:\n"
    "  url:   { url: \"http://127.0.0.1:1/mcp?k=${vault:token}\",\n"
    "           headers: { A: \"vault:token\", B: \"Bearer ${vault:token} ${X}\" } }\n"
    "  child: { command: [run], env: { T: \"vault:token\", U: \"a-${vault:token}\" } }\n"
    "agents:\n"
    "  a: { key: \"vault:token\" }\n";

TEST_F(VaultConfig, ASecretStandsWhereItIsNamed) {
  const Result<Config> config = load(kServers);
  ASSERT_TRUE(config) << config.error().message;
  const mcp::ServerConfig& url = config->servers.front();
  EXPECT_EQ(url.url, "http://127.0.0.1:1/mcp?k=the-secret");
  EXPECT_EQ(url.headers.get("A"), "the-secret");
  EXPECT_EQ(url.headers.get("B"), "Bearer the-secret from-environment");
  EXPECT_EQ(config->servers.back().env.at("T"), "the-secret");
  EXPECT_EQ(config->servers.back().env.at("U"), "a-the-secret");
  EXPECT_EQ(config->agents.front().key, "the-secret");
  EXPECT_EQ(config->vault_names,
            (std::map<std::string, std::string>{{"token", "servers.url.url"}}));
  EXPECT_EQ(show_config(*config).find("the-secret"), std::string::npos);
}

TEST_F(VaultConfig, ACommandThatOnlyLooksOpensNothing) {
  lose_keys();
  const Result<Config> config = load(kServers, {"", false});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->servers.front().headers.get("A"), kUnsetSecret);
  EXPECT_TRUE(config->vault_names.empty());
}

TEST_F(VaultConfig, TheDataFolderOfTheCommandLineHasTheVault) {
  const Result<Config> other = load("data: ./other\n" + kServers.substr(13), {"etc/data", true});
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(other->data, "etc/data");
  EXPECT_FALSE(load("data: ./other\n" + kServers.substr(13)));
}

TEST_F(VaultConfig, WhatDoesNotOpenIsRefusedWithWhatAndWhere) {
  const auto message = [&](const std::string& value) {
    const Result<Config> config = load(
        "data: ./data\n"
        "servers:\n"
        "  s: { url: \"http://127.0.0.1:1/mcp\", headers: { A: \"" +
        value + "\" } }\n");
    return config ? "loaded" : config.error().message;
  };
  const std::string where = "etc/pawl.yaml:3:48: servers.s.headers: ";
  EXPECT_EQ(message("vault:none"),
            where +
                "vault: there is no secret/none in etc/data/vault; expected what `pawl vault "
                "put none` stores");
  EXPECT_EQ(message("vault:gone"),
            where +
                "vault: secret/gone was erased, ordered 2026-03-07T09:00:00.000Z, record "
                "0195a000-0000-7000-8000-000000000001; expected what `pawl vault put gone` "
                "stores");
  EXPECT_EQ(message("vault:empty"), where + "vault: empty is empty");
  EXPECT_EQ(message("vault:"), where + "vault: \"secret/\" is no name");
  EXPECT_EQ(message("Bearer ${vault:../x}"), where + "vault: \"../x\" is no name of a secret");
  lose_keys();
  for (const char* value : {"vault:lost", "Bearer ${vault:lost}"}) {
    EXPECT_TRUE(message(value).starts_with(where + "vault: secret/lost: the vault key "))
        << message(value);
    EXPECT_NE(message(value).find(" is lost: expected it in etc/"), std::string::npos);
  }
}

TEST_F(VaultConfig, NoSecretGoesIntoTheArgumentsOfACommand) {
  const Result<Config> config =
      load("data: ./data\nservers: { s: { command: [run, \"--token=${vault:token}\"] } }\n");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("servers.s.command: every user of the machine can read"),
            std::string::npos)
      << config.error().message;
}

}  // namespace
}  // namespace pawl
