// JSON Web Tokens of a trusted issuer, and the key sets they are checked with.
// Input: a payload, then an edit of three bytes (support/keys.h); the payload is also a key set.
#include "infrastructure/identity/jwt.h"

#include "foundation/jose/jws.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl::identity {
namespace {

constexpr WallTime kNow{1'772'064'150'000'000};

class FixedKeys : public KeySource {
 public:
  std::shared_ptr<const jose::JwkSet> keys() override { return keys_; }
  void unknown_key() override {}

 private:
  std::shared_ptr<const jose::JwkSet> keys_ =
      std::make_shared<const jose::JwkSet>(fuzz::token_key_set());
};

const std::vector<JwtIssuer>& issuers() {
  static const std::vector<JwtIssuer> list = {{.issuer = "https://issuer.example",
                                               .audiences = {"https://gw.example.org/mcp"},
                                               .algorithms = {"ES256"},
                                               .keys = std::make_shared<FixedKeys>(),
                                               .groups_claim = "groups",
                                               .on_behalf_of_claim = "user"}};
  return list;
}

void check_identity(const JwtIdentity& identity, std::string_view payload) {
  const json::Value claims = json::parse(payload)->value;
  FUZZ_CHECK(!identity.agent.empty() && json::find_string(claims, {"sub"}) == identity.agent,
             "the agent is the one that the token names");
  FUZZ_CHECK(json::find_string(claims, {"iss"}) == issuers()[0].issuer, "of the trusted issuer");
  const json::Value* exp = json::find(claims, {"exp"});
  FUZZ_CHECK(exp != nullptr && exp->is_number(), "it says when it ends");
  FUZZ_CHECK(exp->to_number<double>() + 1 + kJwtSkewSeconds > static_cast<double>(kNow.seconds()),
             "it has not expired");
  for (const std::string& group : identity.groups) {
    FUZZ_CHECK(!group.empty(), "a group has a name");
  }
}

}  // namespace
}  // namespace pawl::identity

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::identity;
  const auto [payload, edit] = fuzz::parts<2>(fuzz::view(data, size));
  FUZZ_CHECK(!verify_jwt(std::string(payload), issuers(), kNow), "a bare text is no token of ours");
  if (const auto compact = jose::sign(fuzz::token_key(), "at+jwt", "k", payload)) {
    if (const auto identity = verify_jwt(*compact, issuers(), kNow)) {
      check_identity(*identity, payload);
    }
    const std::string other = fuzz::altered(*compact, edit);
    FUZZ_CHECK(other == *compact || !verify_jwt(other, issuers(), kNow),
               "no altered token names an agent");
    const auto foreign = jose::sign(fuzz::log_key(), "at+jwt", "k", payload);
    FUZZ_CHECK(!verify_jwt(*foreign, issuers(), kNow), "no other key names an agent");
  }
  if (const auto set = jose::JwkSet::parse(payload)) {
    FUZZ_CHECK(set->size() > 0, "an empty set is none");
    for (const auto& [kid, key] : set->keys()) {
      FUZZ_CHECK(key.thumbprint().size() == 43, "a key has a thumbprint");
      FUZZ_CHECK(PublicKey::from_jwk(json::parse(key.to_jwk())->value), "a key reads back");
    }
  }
  return 0;
}
