// The published vectors (tests/vectors/acp): made by another implementation, read by this one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/files.h"
#include "foundation/acp/acp_standing.h"
#include "tests/support/source_dir.h"

namespace pawl::acp {
namespace {

std::string text_of(const json::Value& object, std::string_view name) {
  return std::string(json::find_string(object, {name}).value_or(""));
}

std::string reason_of(const std::string& message) {
  return message.substr(0, message.find(':'));
}

class AcpVectors : public ::testing::Test {
 protected:
  AcpVectors() {
    const Result<std::string> text =
        read_file(system_files(), source_dir() + "/tests/vectors/acp/tokens.json");
    vectors_ = json::parse(text.value_or("{}"))->value;
    for (const json::Value& one : array("keys")) {
      keys_.emplace(text_of(one, "iss"), *PublicKey::from_jwk(*json::find(one, {"jwk"})));
      begins_[text_of(one, "iss")] = json::find(one, {"begins"})->get_bool();
    }
  }

  const json::Array& array(std::string_view name) {
    return json::find(vectors_, {name})->get_array();
  }
  std::int64_t now() { return json::find(vectors_, {"now"})->get_int64(); }

  Result<Chain> verify(const json::Value& one) {
    std::vector<std::string> tokens;
    for (const json::Value& token : json::find(one, {"tokens"})->get_array()) {
      tokens.emplace_back(token.get_string());
    }
    const KeyFinder keys = [&](Signer signer, std::string_view iss,
                               std::string_view kid) -> Result<PublicKey> {
      const auto found = keys_.find(std::string(iss));
      if (found == keys_.end() || found->second.thumbprint() != kid ||
          begins_[found->first] != (signer == Signer::kIssuer)) {
        return fail(Code::kNotFound, "no such key");
      }
      return found->second;
    };
    return verify_chain(tokens, keys, text_of(vectors_, "audience"), now());
  }

  json::Value vectors_;
  std::map<std::string, PublicKey> keys_;
  std::map<std::string, bool> begins_;
};

TEST_F(AcpVectors, EveryChainIsJudgedAsThePageSays) {
  ASSERT_GT(array("cases").size(), 25u);
  for (const json::Value& one : array("cases")) {
    const Result<Chain> chain = verify(one);
    EXPECT_EQ(chain ? "ok" : reason_of(chain.error().message), text_of(one, "expect"))
        << text_of(one, "name") << (chain ? "" : ": " + chain.error().message);
  }
}

TEST_F(AcpVectors, EveryRequestIsJudgedAsThePageSays) {
  ASSERT_GT(array("requests").size(), 10u);
  for (const json::Value& one : array("requests")) {
    const Result<Chain> chain = verify(one);
    ASSERT_TRUE(chain) << text_of(one, "name") << ": " << chain.error().message;
    const json::Array& done = json::find(one, {"done"})->get_array();
    const DoneNodes state = [&](const Uuid&, std::string_view node) {
      return std::find(done.begin(), done.end(), json::Value(node)) != done.end()
                 ? NodeState::kDone
                 : NodeState::kOpen;
    };
    rules::Facts facts;
    const std::string server = text_of(one, "server"), verb = text_of(one, "verb"),
                      tool = text_of(one, "tool");
    facts.server = server;
    facts.verb = verb;
    facts.tool = tool;
    facts.arguments = json::find(one, {"arguments"});
    const Standing found = standing(*chain, text_of(one, "agent"), facts, state, now());
    EXPECT_EQ(found.reason.empty() ? "allowed" : reason_of(found.reason), text_of(one, "expect"))
        << text_of(one, "name");
    EXPECT_EQ(found.allowed, text_of(one, "expect") == "allowed" || found.hold.has_value());
  }
}

}  // namespace
}  // namespace pawl::acp
