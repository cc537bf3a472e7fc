#include "app/commands/approval_words.h"

#include "app/commands/state_words.h"
#include "tests/app/commands/approval_rig.h"

namespace pawl {
namespace {

class ApprovalWords : public ApprovalLog {};

TEST_F(ApprovalWords, SayWhatHappened) {
  enroll_both();
  ask(1, {{"approver"}, 1, 2, 900, {"admin"}});
  decide("bob");
  decide("bob", Decision::kDeny);
  remove("bob", "ada");
  const char* expected[] = {"ada enrolled as admin, approver, key ",
                            "signed by ada with key ",
                            "1 of approver, up to 2 uses, then 1 of admin, until 2026-",
                            "bob (approver) approved 1 use until 2026-",
                            "bob (approver) denied it, signed with key ",
                            "bob removed, all keys"};
  for (std::size_t i = 0; i < log_.size(); ++i) {
    const jose::Jws record = *jose::decode(log_[i]);
    const std::string kind(*json::find_string(record.payload, {"exec_act"}));
    const std::string words = state_words(kind, record);
    EXPECT_NE(words.find(expected[i]), std::string::npos) << words;
  }
  EXPECT_EQ(approval_words(kinds::kToolCall, json::Object{}), "");
  EXPECT_EQ(approval_words(kinds::kApprovalDecided, json::Object{}), "");
}

}  // namespace
}  // namespace pawl
