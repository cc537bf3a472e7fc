#include "foundation/ect/exec_audit.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/foundation/ect/sample_claims.h"

namespace pawl::ect {
namespace {

TEST(ExecAudit, ATokenIsHeldToTheRulesOfItsIssuer) {
  const IssuerRules any;
  const IssuerRules audit{.is_exec_audit = true};
  const IssuerRules bank{.is_exec_audit = true, .domain = "bank.example"};
  const IssuerRules other{
      .is_exec_audit = true, .domain = "bank.example", .domain_member = "com.example.domain"};
  const std::string ours = R"({"pawl.domain":{"domain":"bank.example"}})";
  struct Case {
    const char* name;
    const IssuerRules& rules;
    Dialect dialect;
    Level level;
    std::string ext;
    const char* reason;  // empty: it is taken
  };
  const Case cases[] = {
      {"no rules", any, Dialect::kEct00, Level::kL1, "{}", ""},
      {"no domain asked for", audit, Dialect::kEct01, Level::kL2, "{}", ""},
      {"dialect -00", audit, Dialect::kEct00, Level::kL2, "{}", "bad_type"},
      {"in CBOR form", audit, Dialect::kEctCbor00, Level::kL2, "{}", "bad_type"},
      {"unsigned", audit, Dialect::kEct01, Level::kL1, "{}", "level"},
      {"its domain", bank, Dialect::kEct01, Level::kL2, ours, ""},
      {"no domain", bank, Dialect::kEct01, Level::kL2, "{}", "wrong_domain"},
      {"another domain", bank, Dialect::kEct01, Level::kL2,
       R"({"pawl.domain":{"domain":"bank.example.org"}})", "wrong_domain"},
      {"a domain that is no object", bank, Dialect::kEct01, Level::kL2,
       R"({"pawl.domain":"bank.example"})", "wrong_domain"},
      {"under a name of its own", other, Dialect::kEct01, Level::kL2,
       R"({"com.example.domain":"bank.example"})", ""},
      {"under our name, where another is asked for", other, Dialect::kEct01, Level::kL2, ours,
       "wrong_domain"},
      {"under a name of its own, and no text", other, Dialect::kEct01, Level::kL2,
       R"({"com.example.domain":{"domain":"bank.example"}})", "wrong_domain"},
  };
  for (const Case& one : cases) {
    Token token{.claims = sample_claims(),
                .dialect = one.dialect,
                .level = one.level,
                .kid = {},
                .compact = {}};
    token.claims.ext = json::parse(one.ext)->value.get_object();
    const Status found = check_issuer_rules(token, one.rules);
    EXPECT_EQ(found ? "" : found.error().message.substr(0, found.error().message.find(':')),
              one.reason)
        << one.name;
  }
}

TEST(ExecAudit, FactsThatAreNotGivenAreLeftOut) {
  EXPECT_EQ(print_domain_facts({.domain = "a.example"}), R"({"domain":"a.example"})");
  EXPECT_EQ(print_domain_facts({"a.example", "EU", "spiffe", {"dora", "ai-act"}}),
            R"({"domain":"a.example","jurisdiction":"EU","framework":"spiffe",)"
            R"("regulations":["dora","ai-act"]})");
}

}  // namespace
}  // namespace pawl::ect
