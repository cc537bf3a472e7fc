#include "infrastructure/mcp/discover.h"

#include <gtest/gtest.h>

namespace pawl::mcp {
namespace {

using List = std::vector<std::string>;

TEST(DiscoverTest, OffersOnlyWhatAllSpeak) {
  const struct {
    const char* name;
    std::vector<List> spoken;
    List common;
  } cases[] = {
      {"no servers", {}, {}},
      {"one", {{"2025-06-18", "2026-07-28"}}, {"2026-07-28", "2025-06-18"}},
      {"unknown revisions are left out", {{"2099-01-01", "2025-11-25"}}, {"2025-11-25"}},
      {"both", {{"2025-11-25", "2025-06-18"}, {"2025-06-18", "2026-07-28"}}, {"2025-06-18"}},
      {"nothing in common", {{"2025-11-25"}, {"2026-07-28"}}, {}},
      {"one that speaks nothing", {{"2025-11-25"}, {}}, {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(common_revisions(c.spoken), c.common);
  }
}

TEST(DiscoverTest, ChoosesARevision) {
  const List both = {"2026-07-28", "2025-11-25", "2025-06-18"};
  EXPECT_EQ(choose_revision("2025-06-18", both), "2025-06-18");
  EXPECT_EQ(choose_revision("2024-11-05", both), "2025-11-25");
  EXPECT_EQ(choose_revision("2026-07-28", both), "2025-11-25") << "initialize is legacy";
  EXPECT_EQ(choose_revision("2025-11-25", {"2026-07-28"}), "");
  EXPECT_EQ(choose_revision("2025-11-25", {}), "");
}

TEST(DiscoverTest, ReadsTheUpstreamsRevisions) {
  EXPECT_EQ(*initialized_revision(R"({"protocolVersion":"2025-06-18"})"), "2025-06-18");
  EXPECT_EQ(initialized_revision(R"({"protocolVersion":"2024-11-05"})").error().code,
            Code::kUnsupportedVersion);
  EXPECT_EQ(initialized_revision(R"({"protocolVersion":"2026-07-28"})").error().code,
            Code::kUnsupportedVersion);
  EXPECT_EQ(initialized_revision("{}").error().code, Code::kUpstreamFailed);
  EXPECT_EQ(*discovered_revisions(R"({"supportedVersions":["x",7,"2026-07-28"]})"),
            List{"2026-07-28"});
  EXPECT_EQ(discovered_revisions(R"({"supportedVersions":"2026-07-28"})").error().code,
            Code::kUpstreamFailed);
}

TEST(DiscoverTest, MasksCapabilities) {
  const struct {
    const char* in;
    const char* server;
    const char* client;
  } cases[] = {
      {"{}", "{}", "{}"},
      {R"({"tools":{ "listChanged" : true},"experimental":{"x":{}},"sampling":{},"new":{}})",
       R"({"tools":{ "listChanged" : true}})", R"({"sampling":{}})"},
      {R"({"extensions":{"io.modelcontextprotocol/tasks":{},"org.example/x":{}}})",
       R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})",
       R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})"},
      {R"({"tools":true,"roots":null})", "{}", "{}"},
      {"7", "{}", "{}"},
      {"{", "{}", "{}"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.in);
    EXPECT_EQ(mask_server_capabilities(c.in), c.server);
    EXPECT_EQ(mask_client_capabilities(c.in), c.client);
  }
}

TEST(DiscoverTest, PassesTheUpstreamsOwnWords) {
  EXPECT_EQ(*initialize_result(R"({"protocolVersion":"2025-06-18", )"
                               R"("capabilities":{"tools":{},"experimental":{}},)"
                               R"("serverInfo":{"name":"s","version":"1.0"},"instructions":"do"})",
                               "2025-06-18"),
            R"({"protocolVersion":"2025-06-18", "capabilities":{"tools":{}},)"
            R"("serverInfo":{"name":"s","version":"1.0"},"instructions":"do"})");
  EXPECT_EQ(*discover_result(R"({"supportedVersions":["2099-01-01","2026-07-28"],)"
                             R"("capabilities":{"tools":{}},"cacheScope":"public"})",
                             {"2026-07-28"}),
            R"({"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},)"
            R"("cacheScope":"private"})");
  for (const char* bad : {"{}", R"({"capabilities":[]})", "7", "{"}) {
    EXPECT_EQ(initialize_result(bad, "2025-06-18").error().code, Code::kUpstreamFailed) << bad;
    EXPECT_EQ(discover_result(bad, {}).error().code, Code::kUpstreamFailed) << bad;
  }
}

TEST(DiscoverTest, JoinsSeveralServers) {
  const List results = {
      R"({"capabilities":{"tools":{"listChanged":false},"experimental":{"x":{}}}})",
      R"({"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true}}})"};
  EXPECT_EQ(*combined_initialize(results, "2025-11-25", "0.1.0"),
            R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},)"
            R"("resources":{"subscribe":true}},"serverInfo":{"name":"pawl","version":"0.1.0"}})");
  EXPECT_EQ(*combined_discover(results, {"2026-07-28"}, "0.1.0"),
            R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":)"
            R"({"tools":{"listChanged":true},"resources":{"subscribe":true}},"ttlMs":0,)"
            R"("cacheScope":"private","_meta":{"io.modelcontextprotocol/serverInfo":)"
            R"({"name":"pawl","version":"0.1.0"}}})");
  EXPECT_EQ(combined_initialize({"{}"}, "2025-11-25", "0").error().code, Code::kUpstreamFailed);
}

}  // namespace
}  // namespace pawl::mcp
