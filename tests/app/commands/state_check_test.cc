// The table of tests/vectors/state, which the independent verifier reads too.
#include "app/commands/state_check.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "foundation/records/kinds.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

TEST(StateCheck, EveryRecordOfTheTableIsTakenAsItSays) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/state/records.json");
  ASSERT_TRUE(text) << text.error().message;
  const json::Value table = json::parse(*text)->value;
  const json::Array& cases = json::find(table, {"cases"})->get_array();
  EXPECT_GT(cases.size(), 25u);
  for (const json::Value& one : cases) {
    StateReport report;
    for (const json::Value& record : json::find(one, {"records"})->get_array()) {
      const std::string act(*json::find_string(record, {"act"}));
      const json::Object claims{{"jti", std::string(*json::find_string(record, {"id"}))}};
      EXPECT_TRUE(is_state_record(act)) << act;
      const std::string wrong = wrong_state(act, claims, json::find(record, {"parents"}),
                                            *json::find(record, {"body"}), report);
      const std::string expected(json::find_string(record, {"wrong"}).value_or(""));
      const auto name = json::find_string(one, {"name"}).value_or("");
      EXPECT_EQ(wrong.empty(), expected.empty()) << name << ": " << wrong;
      EXPECT_NE(wrong.find(expected), std::string::npos) << name << ": " << wrong;
    }
  }
}

TEST(StateCheck, LooksAtNoOtherRecords) {
  for (const std::string_view act :
       {kinds::kToolCall, kinds::kNodeStarted, kinds::kPolicyActivated, kinds::kIdentityRevoked}) {
    EXPECT_FALSE(is_state_record(act)) << act;
  }
}

}  // namespace
}  // namespace pawl
