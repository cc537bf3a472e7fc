#include "app/commands/config_command.h"

#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

class ConfigCommand : public CommandRig {};

TEST_F(ConfigCommand, FindsWhatServeWouldRefuse) {
  struct Case {
    const char* name;
    std::string text;
    const char* told;
  };
  const std::string long_key = "key: aaaaaaaaaaaaaaaaaaaa";
  const Case cases[] = {
      {"a short key", "agents:\n  a: { key: short }\n",
       "pawl.yaml:2:13: agents.a.key: agent key: expected at least 16 characters"},
      {"an empty key", "agents:\n  a: { key: \"\" }\n", "pawl.yaml:2:13: agents.a.key"},
      {"a key that cannot be sent", "agents:\n  a: { key: \"aaaaaaaa bbbbbbbb\" }\n",
       "pawl.yaml:2:13: agents.a.key: agent key: expected letters"},
      {"one key for two", "agents:\n  a: { " + long_key + " }\n  b: { " + long_key + " }\n",
       "pawl.yaml:3:13: agents.b.key: is the key of agent \"a\" too"},
      {"a bad local agent", "local_agent: a/b\n", "pawl.yaml:1:14: local_agent: expected 1 to 128"},
      {"control off loopback", "control: 192.0.2.1:7701\n",
       "pawl.yaml:1:10: control: 192.0.2.1:7701 is off loopback"},
      {"the data listener off loopback", "domain: x\nlisten: 0.0.0.0:7700\n",
       "pawl.yaml:2:9: listen: 0.0.0.0:7700 is off loopback: configure tls"},
      {"one port for two", "listen: 127.0.0.1:7702\n",
       "pawl.yaml:1:9: listen: `override` has the address of `listen` (127.0.0.1:7702)"},
      {"no port above", "control: 127.0.0.1:65535\n",
       "pawl.yaml:1:10: override: `override` has the address of `control`"},
      {"a host name", "listen: localhost:7700\n",
       "pawl.yaml:1:9: listen: address \"localhost:7700\": expected an IP address"},
      {"a certificate that is not there", "tls: { certificate: c.pem, key: k.pem }\n",
       "pawl.yaml:1:21: tls.certificate: ./c.pem: cannot open"},
      {"a certificate that is none", "tls: { certificate: bad.yaml, key: bad.yaml }\n",
       "pawl.yaml:1:6: tls: "},
      {"a weak algorithm",
       "jwt_issuers:\n  - { issuer: i, audience: [a], jwks_file: j, algorithms: [HS256] }\n",
       "pawl.yaml:2:5: jwt_issuers[0]: issuer 'i': expected algorithms out of"},
      {"a key set in the clear",
       "jwt_issuers:\n  - { issuer: i, audience: [a], jwks_url: \"http://a.example/k\" }\n",
       "pawl.yaml:2:5: jwt_issuers[0]: jwt_issuers i: key set URL"},
      {"an issuer twice",
       "jwt_issuers:\n  - { issuer: i, audience: [a], jwks_file: j }\n"
       "  - { issuer: i, audience: [b], jwks_file: j }\n",
       "pawl.yaml:3:5: jwt_issuers[1]: issuer \"i\" stands twice"},
      {"keys of tokens in the clear",
       "trusted_tokens:\n  - { issuer: i, jwks_url: \"http://a.example/k\" }\n",
       "pawl.yaml:2:28: trusted_tokens[0].jwks_url: key set URL"},
      {"an issuer of tokens twice",
       "trusted_tokens:\n  - { issuer: i, jwks_file: j }\n  - { issuer: i, jwks_file: k }\n",
       "pawl.yaml:3:5: trusted_tokens[1]: issuer \"i\" stands twice"},
      {"a MAC for tokens", "tokens: { algorithms: [ES256, HS256] }\n",
       "pawl.yaml:1:23: tokens.algorithms: \"HS256\" is a MAC"},
      {"no such user", "service: { user: no-such-user-1, child_user: nobody }\n",
       "pawl.yaml:1:18: service.user: "},
      {"one user for both", "service: { user: nobody, child_user: \"65534\" }\n",
       "pawl.yaml:1:38: service.child_user: is the same user"},
      {"a data folder whose socket has no name", "data: /" + std::string(120, 'd') + "\n",
       "pawl.yaml:1:7: data: Unix socket path"},
      {"a URL that nothing can call", "servers:\n  s: { url: \"http://user@h/mcp\" }\n",
       "pawl.yaml:2:13: servers.s.url: expected http"},
      {"rules that do not load", "rules: [bad.yaml]\n", "bad.yaml:2:11: unknown key \"whem\""},
  };
  write("bad.yaml", "rules:\n- {id: a, whem: {}}\n");
  for (const Case& c : cases) {
    write("pawl.yaml", c.text);
    const Ran ran = run({"config", "check"});
    EXPECT_EQ(ran.exit, kExitUnclear) << c.name << ran.out;
    EXPECT_TRUE(is_one_line(ran.err)) << c.name << ran.err;
    EXPECT_NE(ran.err.find(c.told), std::string::npos) << c.name << ": " << ran.err;
  }
}

TEST_F(ConfigCommand, WhatIsGoodIsGood) {
  variables_["KEY"] = "aaaaaaaaaaaaaaaaaaaa";
  write("rules.yaml", "rules: []\n");
  write("pawl.yaml",
        "agents:\n  a: { key: \"${KEY}\" }\n  b: {}\nrules: [rules.yaml]\n"
        "listen: 127.0.0.1:0\ncontrol: 127.0.0.1:0\n"
        "servers: { s: { url: \"https://h.example/mcp\", ca_file: none.pem } }\n"
        "trusted_tokens: [ { issuer: i, jwks_file: none.json } ]\n");
  const Ran ran = run({"config", "check"});
  EXPECT_EQ(ran.exit, kExitGood) << ran.err;
  EXPECT_EQ(ran.out, "./pawl.yaml is good\n");
  for (const char* told :
       {"pawl.yaml:7:56: servers.s.ca_file: ./none.pem: cannot open", "will not be reached",
        "pawl.yaml:8:43: trusted_tokens[0].jwks_file: ", "no parents here"}) {
    EXPECT_NE(ran.err.find(told), std::string::npos) << told << ran.err;
  }
}

// Who only looks has no secrets: neither a short placeholder nor an unset URL is a mistake then.
TEST_F(ConfigCommand, LookingNeedsNoSecrets) {
  write("pawl.yaml",
        "agents: { a: { key: \"${NOT_SET}\" }, b: { key: \"${NOT_SET}\" } }\n"
        "servers: { s: { url: \"${NO_URL}\" } }\nrules: []\n");
  EXPECT_EQ(run({"config", "show"}).exit, kExitGood);
  EXPECT_EQ(run({"rules", "check"}).exit, kExitGood);
}

}  // namespace
}  // namespace pawl
