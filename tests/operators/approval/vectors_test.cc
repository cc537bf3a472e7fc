// The examples of docs/formats/approval.md and enrollment.md, made by another implementation.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "operators/approval/enrollment_wire.h"
#include "operators/approval/statement_wire.h"
#include "tests/operators/approval/held_call.h"
#include "tests/support/source_dir.h"

namespace pawl::approval {
namespace {

json::Value vector_of(const std::string& name) {
  std::ifstream file(source_dir() + "/tests/vectors/approval/" + name);
  std::stringstream text;
  text << file.rdbuf();
  const Result<json::Parsed> parsed = json::parse(text.str());
  EXPECT_TRUE(parsed) << name;
  return parsed ? parsed->value : json::Value(json::Object{});
}

std::string text_at(const json::Value& value, std::string_view member) {
  return std::string(json::find_string(value, {member}).value_or(""));
}

TEST(ApprovalVectors, Statement) {
  const json::Value vector = vector_of("statement.json");
  const Result<Binding> binding = read_binding(*json::find(vector, {"binding"}));
  ASSERT_TRUE(binding);
  EXPECT_EQ(binding->digest, digest_of(text_at(vector, "params")));
  EXPECT_EQ(binding_digest(*binding), text_at(vector, "binding_digest"));
  const PublicKey key = *PublicKey::from_jwk(*json::find(vector, {"key"}));
  EXPECT_EQ(key.thumbprint(), text_at(vector, "kid"));
  const std::vector<Operator> ada = {{"ada", key, key.thumbprint(), {"approver"}}};
  const Result<VerifiedStatement> verified = verify_statement(text_at(vector, "token"), ada);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(canonical_statement(verified->statement), text_at(vector, "statement"));
  EXPECT_EQ(digest_text(statement_digest(verified->statement)), text_at(vector, "digest"));
  EXPECT_EQ(verified->statement.binding, *binding);
  EXPECT_EQ(verified->statement.terms_digest, text_at(vector, "terms_digest"));
  EXPECT_EQ(terms_digest({{"approver"}, 1, 1, 900, {}}, ""), text_at(vector, "terms_digest"));
  // On the approval that it was made for it counts.
  ApprovalState state;
  Request request;
  request.id = verified->statement.approval;
  request.binding = *binding;
  request.terms.roles = {"approver"};
  request.nonce = verified->statement.nonce;
  EXPECT_EQ(run(state, request), std::nullopt);
  EXPECT_EQ(run(state, Decide{verified->statement, verified->evidence, kSelf}), std::nullopt);
  EXPECT_EQ(state.find(request.id)->phase, Phase::kApproved);
}

TEST(ApprovalVectors, Enrollment) {
  const json::Value vector = vector_of("enrollment.json");
  const Result<Enrollment> said = verify_enrollment(text_at(vector, "token"), {});
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->kid, text_at(vector, "kid"));
  EXPECT_TRUE(decide_enrollment({}, *said, kSelf, kNow));
  EnrolledOperators state;
  state.apply({*said, kNow, text_at(vector, "token")});
  ASSERT_NE(state.find(said->kid), nullptr);
  EXPECT_EQ(state.find(said->kid)->name, "ada");
}

}  // namespace
}  // namespace pawl::approval
