#include "infrastructure/identity/proof_rules.h"

#include <gtest/gtest.h>

#include "infrastructure/identity/authorization_field.h"
#include "infrastructure/identity/nonces.h"
#include "infrastructure/identity/workload_id.h"

namespace pawl::identity {
namespace {

// RFC 3986, 6.2.2 and 6.2.3; RFC 9449, 4.3: query and fragment do not count.
TEST(ProofTarget, IsComparedInNormalForm) {
  const std::string actual = "https://gw.example.org/mcp/files";
  const struct {
    const char* said;
    bool same;
  } cases[] = {
      {"https://gw.example.org/mcp/files", true},
      {"HTTPS://GW.Example.ORG/mcp/files", true},
      {"https://gw.example.org:443/mcp/files", true},
      {"https://gw.example.org:/mcp/files", true},
      {"https://gw.example.org/mcp/files?x=1#y", true},
      {"https://gw.example.org/mcp/./a/../files", true},
      {"https://gw.example.org/mcp/%66iles", true},
      {"https://gw.example.org/mcp/Files", false},
      {"https://gw.example.org/mcp/files/", false},
      {"https://gw.example.org/mcp", false},
      {"https://gw.example.org:8443/mcp/files", false},
      {"https://gw.example:443.org/mcp/files", false},
      {"http://gw.example.org/mcp/files", false},
      {"https://gw.example.org.evil/mcp/files", false},
      {"https://gw.example.org@evil/mcp/files", false},
      {"https://ann@gw.example.org/mcp/files", false},
      {"https://gw.example.org/mcp%2Ffiles", false},
      {"//gw.example.org/mcp/files", false},
      {"/mcp/files", false},
      {"ftp://gw.example.org/mcp/files", false},
      {"https:///mcp/files", false},
      {" https://gw.example.org/mcp/files", false},
      {"", false},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(is_same_target(one.said, actual), one.same) << one.said;
  }
  EXPECT_TRUE(is_same_target("http://h", "http://h:80/"));
  EXPECT_FALSE(is_same_target("http://h/", "http://h:443/"));
  EXPECT_FALSE(is_same_target("no url", "no url"));
  EXPECT_FALSE(
      is_same_target("http://h/" + std::string(9000, 'a'), "http://h/" + std::string(9000, 'a')));
  EXPECT_FALSE(is_one_of_targets("http://h/", {}));
}

TEST(ProofTime, IsAWindow) {
  const ProofExpected expected{
      .method = "POST", .targets = {}, .now_s = 1000, .max_age_s = 60, .started_s = 950};
  const struct {
    std::int64_t made;
    bool good;
  } made[] = {{1000, true},  {950, true},  {949, false}, {1030, true},
              {1031, false}, {900, false}, {0, false}};
  for (const auto& one : made) {
    EXPECT_EQ(check_made_at(one.made, expected).has_value(), one.good) << one.made;
  }
  ProofExpected long_running = expected;
  long_running.started_s = 0;
  EXPECT_TRUE(check_made_at(940, long_running));
  EXPECT_FALSE(check_made_at(939, long_running));
  const struct {
    std::int64_t ends;
    bool good;
  } ends[] = {{1001, true}, {1000, false}, {999, false}, {1090, true}, {1091, false}};
  for (const auto& one : ends) {
    EXPECT_EQ(check_ends_at(one.ends, expected).has_value(), one.good) << one.ends;
  }
}

TEST(Binding, OnlyOneThumbprintIsUnderstood) {
  const std::string jkt(43, 'A');
  const auto of = [](const std::string& payload) {
    return bound_thumbprint(json::parse(payload)->value);
  };
  EXPECT_EQ(of("{}").value(), "");
  EXPECT_EQ(of(R"({"cnf":{"jkt":")" + jkt + R"("}})").value(), jkt);
  for (const std::string& bad :
       {std::string(R"({"cnf":{}})"), std::string(R"({"cnf":null})"), std::string(R"({"cnf":"x"})"),
        std::string(R"({"cnf":{"jkt":"short"}})"), std::string(R"({"cnf":{"jkt":7}})"),
        std::string(R"({"cnf":{"x5t#S256":"abc"}})"),
        R"({"cnf":{"jkt":")" + jkt + R"(","x5t#S256":"abc"}})"}) {
    ASSERT_FALSE(of(bad)) << bad;
    EXPECT_EQ(of(bad).error().refusal, Refusal::kTokenBound) << bad;
  }
}

// RFC 9449, 7.1, and RFC 7515, appendix C: SHA-256 in base64url without padding.
TEST(TokenHash, IsThatOfTheStandard) {
  EXPECT_EQ(token_hash("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
            "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
}

TEST(Nonces, AreGoodForTheirSpanAndTheNext) {
  const Nonces nonces(std::string(32, 'k'));
  const std::string made = nonces.current(600);
  EXPECT_TRUE(nonces.is_good(made, 600));
  EXPECT_TRUE(nonces.is_good(made, 1199));
  EXPECT_FALSE(nonces.is_good(made, 1200));
  EXPECT_FALSE(nonces.is_good(made, 599));  // not yet
  EXPECT_FALSE(nonces.is_good("", 600));
  EXPECT_FALSE(Nonces(std::string(32, 'x')).is_good(made, 600));  // another start
}

TEST(WorkloadId, IsOfATrustDomain) {
  const auto id = parse_workload_id("spiffe://example.org/ns/prod/sa/web");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->domain, "example.org");
  EXPECT_EQ(id->path, "/ns/prod/sa/web");
  EXPECT_TRUE(parse_workload_id("wimse://example.org/x"));
  for (const char* bad :
       {"", "spiffe://", "spiffe://example.org", "spiffe://example.org/", "spiffe:///x",
        "spiffe://Example.org/x", "spiffe://example.org:1/x", "spiffe://a@example.org/x",
        "spiffe://example.org/x/", "spiffe://example.org//x", "spiffe://example.org/./x",
        "spiffe://example.org/../x", "spiffe://example.org/x?y", "spiffe://example.org/x#y",
        "spiffe://example.org/%41", "https://example.org/x", "SPIFFE://example.org/x"}) {
    EXPECT_FALSE(parse_workload_id(bad)) << bad;
  }
  EXPECT_FALSE(parse_workload_id("spiffe://example.org/" + std::string(2048, 'a')));
}

TEST(Authorization, IsOneSchemeAndOneToken) {
  EXPECT_EQ(parse_authorization("Bearer abc")->scheme, Scheme::kBearer);
  EXPECT_EQ(parse_authorization("dpop  a.b.c")->scheme, Scheme::kDpop);
  EXPECT_EQ(parse_authorization("dpop  a.b.c")->token, "a.b.c");
  EXPECT_EQ(parse_authorization("WPT a.b.c")->scheme, Scheme::kWpt);
  for (const char* bad : {"", "DPoP", "DPoP ", "DPoPa b", "DPoP a b", "DPoP a,b", "Basic a"}) {
    EXPECT_FALSE(parse_authorization(bad)) << bad;
  }
}

}  // namespace
}  // namespace pawl::identity
