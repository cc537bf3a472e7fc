#include "infrastructure/mcp/request_headers.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pawl::mcp {
namespace {

constexpr const char* kMetaText =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

jsonrpc::Message message_of(const std::string& method, const std::string& params) {
  Result<jsonrpc::Message> message = jsonrpc::decode(
      jsonrpc::request("1", method, params.empty() ? "" : "{" + params + "," + kMetaText + "}"));
  EXPECT_TRUE(message);
  return *message;
}

const MethodInfo* info_of(std::string_view method) {
  return find_method(method, kRevision20260728, Side::kClient, Form::kRequest);
}

const std::vector<std::string> kSupported = {"2026-07-28", "2025-11-25"};

TEST(RequestHeadersTest, ChecksThemAgainstTheBody) {
  const std::string call =
      R"("name":"read_file","arguments":{"region":"us-west1","n":42,"b":true})";
  const std::vector<ParamHeader> params = {{"Region", {"region"}}, {"N", {"n"}}, {"B", {"b"}}};
  const http::Headers good = {{"mcp-protocol-version", "2026-07-28"},
                              {"MCP-METHOD", "tools/call"},
                              {"Mcp-Name", "read_file"},
                              {"Mcp-Param-Region", "us-west1"},
                              {"Mcp-Param-N", "42"},
                              {"Mcp-Param-B", "true"}};
  const auto with = [&](std::string_view name, std::string_view value) {
    http::Headers out = good;
    out.set(name, value);
    return out;
  };
  const auto without = [&](std::string_view name) {
    http::Headers out = good;
    out.remove(name);
    return out;
  };
  const auto twice = [&](std::string_view name, std::string_view value) {
    http::Headers out = good;
    out.add(name, value);
    return out;
  };
  const struct {
    const char* name;
    http::Headers headers;
    std::optional<Code> refused;
  } cases[] = {
      {"all fit", good, std::nullopt},
      {"integers compare as numbers", with("Mcp-Param-N", "42.0"), std::nullopt},
      {"encoded name", with("Mcp-Name", "=?base64?cmVhZF9maWxl?="), std::nullopt},
      {"unrecognised parameter", with("Mcp-Param-Other", "x"), std::nullopt},
      {"no version", without("MCP-Protocol-Version"), Code::kHeaderMismatch},
      {"no method", without("Mcp-Method"), Code::kHeaderMismatch},
      {"no name", without("Mcp-Name"), Code::kHeaderMismatch},
      {"no parameter", without("Mcp-Param-Region"), Code::kHeaderMismatch},
      {"version of another revision", with("MCP-Protocol-Version", "2025-11-25"),
       Code::kHeaderMismatch},
      {"another method", with("Mcp-Method", "tools/list"), Code::kHeaderMismatch},
      {"method in other case", with("Mcp-Method", "Tools/Call"), Code::kHeaderMismatch},
      {"the tool of a harmless one", with("Mcp-Name", "delete_all"), Code::kHeaderMismatch},
      {"name in other case", with("Mcp-Name", "Read_File"), Code::kHeaderMismatch},
      {"another region", with("Mcp-Param-Region", "eu"), Code::kHeaderMismatch},
      {"another number", with("Mcp-Param-N", "43"), Code::kHeaderMismatch},
      {"not a number", with("Mcp-Param-N", "0x2a"), Code::kHeaderMismatch},
      {"infinite", with("Mcp-Param-N", "inf"), Code::kHeaderMismatch},
      {"upper case flag", with("Mcp-Param-B", "True"), Code::kHeaderMismatch},
      {"name twice", twice("Mcp-Name", "read_file"), Code::kHeaderMismatch},
      {"version twice", twice("MCP-Protocol-Version", "2026-07-28"), Code::kHeaderMismatch},
      {"parameter twice", twice("Mcp-Param-Region", "us-west1"), Code::kHeaderMismatch},
      {"bad base64", with("Mcp-Name", "=?base64?***?="), Code::kHeaderMismatch},
      {"cut base64", with("Mcp-Name", "=?base64?cmVhZF9maWxl=?="), Code::kHeaderMismatch},
      {"marker in upper case", with("Mcp-Name", "=?BASE64?cmVhZF9maWxl?="), Code::kHeaderMismatch},
      {"control character", with("Mcp-Name", "read_file\x01"), Code::kHeaderMismatch},
      {"not ASCII", with("Mcp-Name", "read_file\xc3\xa9"), Code::kHeaderMismatch},
      {"line break", with("Mcp-Param-Region", "us-west1\r\nX: y"), Code::kHeaderMismatch},
  };
  const jsonrpc::Message message = message_of("tools/call", call);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto fault =
        check_request_headers(c.headers, message, info_of("tools/call"), kSupported, &params);
    EXPECT_EQ(fault.has_value(), c.refused.has_value()) << (fault ? fault->message : "");
    if (fault) {
      EXPECT_EQ(fault->code, *c.refused);
      EXPECT_EQ(fault->http_status, 400);
    }
  }
}

TEST(RequestHeadersTest, AsksTheBodyWhichHeadersThereMustBe) {
  const http::Headers base = {
      {"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "t"}};
  const struct {
    const char* name;
    const char* arguments;
    const char* header;  // of Mcp-Param-A; nullptr: none
    bool refused;
  } cases[] = {
      {"null has no header", R"({"o":{"a":null}})", nullptr, false},
      {"absent has no header", R"({"o":{}})", nullptr, false},
      {"a header without a value", R"({"o":{}})", "x", true},
      {"nested value", R"({"o":{"a":"x"}})", "x", false},
      {"same name elsewhere", R"({"a":"x"})", "x", true},
      {"spaces around are encoded", R"({"o":{"a":" x "}})", "=?base64?IHggx?=", true},
      {"spaces around", R"({"o":{"a":" x "}})", "=?base64?IHgg?=", false},
      {"a value that looks encoded", R"({"o":{"a":"=?base64?literal?="}})",
       "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=", false},
      {"an object cannot be mirrored", R"({"o":{"a":{}}})", nullptr, false},
      {"an unsafe integer cannot be mirrored", R"({"o":{"a":9007199254740993}})",
       "9007199254740993", true},
  };
  const std::vector<ParamHeader> params = {{"A", {"o", "a"}}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    http::Headers headers = base;
    if (c.header != nullptr) {
      headers.add("mcp-param-a", c.header);
    }
    const auto fault = check_request_headers(
        headers, message_of("tools/call", R"("name":"t","arguments":)" + std::string(c.arguments)),
        info_of("tools/call"), kSupported, &params);
    EXPECT_EQ(fault.has_value(), c.refused) << (fault ? fault->message : "");
  }
}

TEST(RequestHeadersTest, AnswersVersionsAndMissingMetadata) {
  const auto check = [](const char* version, const std::string& params) {
    const Result<jsonrpc::Message> message =
        jsonrpc::decode(jsonrpc::request("1", "tools/list", params));
    return check_request_headers({{"MCP-Protocol-Version", version}, {"Mcp-Method", "tools/list"}},
                                 *message, info_of("tools/list"), kSupported, nullptr);
  };
  const auto meta = [](const char* version) {
    return std::string(R"({"_meta":{"io.modelcontextprotocol/protocolVersion":")") + version +
           R"(","io.modelcontextprotocol/clientCapabilities":{}}})";
  };
  const auto unknown = check("1900-01-01", meta("1900-01-01"));
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->code, Code::kUnsupportedVersion);
  EXPECT_EQ(unknown->data, R"({"supported":["2026-07-28","2025-11-25"],"requested":"1900-01-01"})");
  const auto legacy = check("2025-11-25", meta("2025-11-25"));
  ASSERT_TRUE(legacy) << "a legacy revision without initialize";
  EXPECT_EQ(legacy->code, Code::kUnsupportedVersion);
  for (const char* params :
       {"", "{}", R"({"_meta":7})", R"({"_meta":{}})",
        R"({"_meta":{"io.modelcontextprotocol/protocolVersion":7}})",
        R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})"}) {
    SCOPED_TRACE(params);
    const auto missing = check("2026-07-28", params);
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->code, Code::kInvalidParams);
    EXPECT_EQ(missing->http_status, 400);
  }
}

TEST(RequestHeadersTest, TellsTheEraOfARequest) {
  const struct {
    const char* name;
    http::Headers headers;
    std::string text;
    Era era;
  } cases[] = {
      {"initialize", {}, jsonrpc::request("1", "initialize", "{}"), Era::kLegacy},
      {"initialize with a modern header",
       {{"MCP-Protocol-Version", "2026-07-28"}},
       jsonrpc::request("1", "initialize", "{}"),
       Era::kLegacy},
      {"bare", {}, jsonrpc::request("1", "tools/list", ""), Era::kLegacy},
      {"legacy header",
       {{"MCP-Protocol-Version", "2025-06-18"}},
       jsonrpc::request("1", "tools/list", ""),
       Era::kLegacy},
      {"modern header",
       {{"MCP-Protocol-Version", "2026-07-28"}},
       jsonrpc::request("1", "tools/list", ""),
       Era::kModern},
      {"unknown header",
       {{"MCP-Protocol-Version", "x"}},
       jsonrpc::request("1", "tools/list", ""),
       Era::kModern},
      {"unknown header in a session",
       {{"MCP-Protocol-Version", "x"}, {"Mcp-Session-Id", "s"}},
       jsonrpc::request("1", "tools/list", ""),
       Era::kLegacy},
      {"metadata",
       {},
       jsonrpc::request("1", "tools/list", std::string("{") + kMetaText + "}"),
       Era::kModern},
      {"method header only",
       {{"Mcp-Method", "tools/list"}},
       jsonrpc::request("1", "tools/list", ""),
       Era::kModern},
      {"discover", {}, jsonrpc::request("1", "server/discover", ""), Era::kModern},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(era_of_request(c.headers, *jsonrpc::decode(c.text)), c.era);
  }
}

TEST(RequestHeadersTest, WritesThemFromTheBody) {
  const jsonrpc::Message message =
      message_of("tools/call",
                 R"("name":"lies \u00e9","arguments":{"r":"a\r\nX: y","n":-7,"t":false,"z":null})");
  const std::vector<ParamHeader> params = {{"R", {"r"}}, {"N", {"n"}}, {"T", {"t"}}, {"Z", {"z"}}};
  const http::Headers client = {{"Mcp-Param-N", "99"},
                                {"mcp-param-other", "kept"},
                                {"Mcp-Param-Bad", "a\r\nb"},
                                {"Authorization", "secret"},
                                {"Mcp-Name", "delete_all"}};
  const http::Headers out =
      upstream_headers(message, *info_of("tools/call"), kRevision20260728, &params, &client);
  EXPECT_EQ(out.get("MCP-Protocol-Version"), "2026-07-28");
  EXPECT_EQ(out.get("Mcp-Method"), "tools/call");
  EXPECT_EQ(out.get("Mcp-Name"), "=?base64?bGllcyDDqQ==?=");
  EXPECT_EQ(out.get("Mcp-Param-R"), "=?base64?YQ0KWDogeQ==?=");
  EXPECT_EQ(out.get_all("Mcp-Param-N"), std::vector<std::string_view>{"-7"});
  EXPECT_EQ(out.get("Mcp-Param-T"), "false");
  EXPECT_FALSE(out.has("Mcp-Param-Z"));
  EXPECT_EQ(out.get("Mcp-Param-Other"), "kept");
  EXPECT_FALSE(out.has("Mcp-Param-Bad"));
  EXPECT_FALSE(out.has("Authorization"));
}

}  // namespace
}  // namespace pawl::mcp
