#include "infrastructure/jsonrpc/error_table.h"

#include <gtest/gtest.h>

#include <set>

#include "base/json.h"

namespace pawl::jsonrpc {
namespace {

// Walks the enum: a new code without a row does not compile into a passing test.
TEST(ErrorTableTest, EveryCodeHasItsRow) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kErrorRows; ++i) {
    const Code code = static_cast<Code>(i);
    const ErrorRow& row = error_row(code);
    SCOPED_TRACE(std::string(code_name(code)));
    EXPECT_EQ(row.code, code);
    EXPECT_FALSE(row.title.empty());
    EXPECT_GE(row.api_status, 400);
    EXPECT_LE(row.api_status, 599);
    EXPECT_TRUE(row.transport_status == 200 || row.transport_status >= 400);
    EXPECT_TRUE(names.insert(std::string(code_name(code))).second) << "name used twice";
  }
  EXPECT_EQ(code_name(static_cast<Code>(kErrorRows)), "internal") << "the enum has grown";
}

TEST(ErrorTableTest, UsesOnlyNumbersThatMayBeUsed) {
  const std::set<int> standard = {-32700, -32600, -32601, -32602, -32603, -32020, -32021, -32022};
  for (const ErrorRow& row : error_table()) {
    SCOPED_TRACE(std::string(code_name(row.code)));
    EXPECT_TRUE(standard.contains(row.rpc_code) ||
                (row.rpc_code <= -32010 && row.rpc_code >= -32019));
    EXPECT_NE(row.rpc_code, -32002);
    EXPECT_NE(row.rpc_code, -32042);
    if (row.governance) {
      EXPECT_EQ(row.transport_status, 200) << "a governance refusal is answered in band";
    }
  }
  // A client must not repeat what a rule denies, nor what was revoked; what is stopped goes on
  // later.
  EXPECT_EQ(error_row(Code::kRevoked).rpc_code, error_row(Code::kDenied).rpc_code);
  EXPECT_EQ(error_row(Code::kApprovalRequired).rpc_code, error_row(Code::kDenied).rpc_code);
  EXPECT_NE(error_row(Code::kRevoked).rpc_code, error_row(Code::kStopped).rpc_code);
  EXPECT_EQ(error_row(Code::kHeaderMismatch).rpc_code, -32020);
  EXPECT_EQ(error_row(Code::kMissingCapability).rpc_code, -32021);
  EXPECT_EQ(error_row(Code::kUnsupportedVersion).rpc_code, -32022);
}

TEST(ProblemTest, PrintsRfc9457) {
  const std::string text =
      problem_json(Error{Code::kStopped, "agent \"triage\" is stopped"}, "0197-abc");
  EXPECT_EQ(text,
            R"({"type":"urn:pawl:problem:stopped","title":"Stopped by an operator","status":409,)"
            R"("detail":"agent \"triage\" is stopped","record":"0197-abc"})");
  EXPECT_TRUE(json::parse(text));
  EXPECT_EQ(problem_json(Error{Code::kInternal, ""}).find("record"), std::string::npos);
}

}  // namespace
}  // namespace pawl::jsonrpc
