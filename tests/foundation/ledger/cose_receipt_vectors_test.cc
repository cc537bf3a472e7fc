// The vector of docs/formats/cose_receipt.md: made by another implementation (cborg, Node's
// crypto).
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/files.h"
#include "foundation/ledger/cose_receipt.h"
#include "foundation/ledger/verify_statement.h"
#include "tests/support/source_dir.h"

namespace pawl::ledger {
namespace {

TEST(CoseReceiptVectors, TheStatementIsGoodAndSaysWhatItWasMadeOf) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/cose_receipt.json");
  ASSERT_TRUE(text) << text.error().message;
  const json::Value vector = json::parse(*text)->value;
  const auto member = [&](std::string_view name) {
    return std::string(json::find_string(vector, {name}).value_or(""));
  };
  const Result<Trust> trust = parse_trust(json::print(*json::find(vector, {"trust"})));
  ASSERT_TRUE(trust) << trust.error().message;
  const std::string bytes = *hex_decode(member("statement"));
  const Report report = verify_statement(bytes, *trust);
  EXPECT_EQ(report.verdict, Verdict::kGood) << report.reason;
  EXPECT_EQ(report.reason, "entry 2 stands in the log example.org/pawl/n1 of size 3");

  const Result<Statement> statement = read_statement(bytes);
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->entry, member("entry"));
  // What is written in the deterministic encoding has one spelling.
  const CoseReceipt& receipt = statement->receipts.at(0);
  EXPECT_EQ(hex_encode(receipt.message.protected_bytes),
            member("receipt").substr(8, 2 * receipt.message.protected_bytes.size()));
}

}  // namespace
}  // namespace pawl::ledger
