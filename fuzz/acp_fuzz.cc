// Policy tokens.
// Input: a payload, what a delegate says of it (a narrowing, docs/formats/acp.md), then an edit of
// three bytes (support/keys.h). The payload is also read as a compact token.
#include "base/encoding.h"
#include "foundation/acp/acp_attenuate.h"
#include "foundation/acp/acp_standing.h"
#include "foundation/acp/acp_wire.h"
#include "foundation/records/names.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl::acp {
namespace {

constexpr std::int64_t kNow = 1'772'064'200;

Result<PublicKey> any_key(Signer, std::string_view, std::string_view kid) {
  return kid == "k" ? Result<PublicKey>(fuzz::token_key().public_key())
                    : Result<PublicKey>(fail(Code::kNotFound, "no such key"));
}

NodeState done(const Uuid&, std::string_view) {
  return NodeState::kDone;
}

rules::Facts call(const std::string& act, const json::Value& arguments) {
  rules::Facts out;
  const std::size_t slash = act.find('/');
  const std::string_view whole = act;
  out.verb = "tool.call";
  out.server = slash == std::string::npos ? "s" : whole.substr(0, slash);
  out.tool = slash == std::string::npos ? whole : whole.substr(slash + 1);
  out.arguments = &arguments;
  return out;
}

// What the last token allows by itself, the one before allows.
void check_narrowed(const Link& child, const Link& parent) {
  const Chain below{{child}};
  const Chain above{{parent}};
  for (const json::Value& arguments :
       {json::Value(json::Object{}), json::Value(json::Object{{"n", 1}, {"env", "test"}})}) {
    for (const Node& node : child.token.claims.nodes) {
      const rules::Facts facts = call(node.act, arguments);
      const Standing narrow = standing(below, node.agent, facts, done, kNow);
      const Standing wide = standing(above, node.agent, facts, done, kNow);
      FUZZ_CHECK(!narrow.allowed || wide.allowed, "a delegation widens nothing");
      FUZZ_CHECK(!narrow.allowed || narrow.hold || !wide.hold, "a delegation drops no hold");
    }
  }
}

void check_link(const Chain& chain, std::string_view narrowing, const std::string& compact) {
  const Result<Narrowing> by = read_narrowing(narrowing);
  const Result<Claims> child =
      by ? attenuate(chain.links[0].token, *by, Uuid::v8(std::string(16, 'x')), kNow)
         : fail(by.error());
  const Result<std::string> token =
      child ? issue(fuzz::token_key(), "k", *child) : fail(child.error());
  if (!token) {
    FUZZ_CHECK(token.error().code == Code::kTokenInvalid, "a bad narrowing has a reason");
    return;
  }
  const std::vector<std::string> tokens{compact, *token};
  if (const auto both = verify_chain(tokens, any_key, child->aud.front(), kNow)) {
    check_narrowed(both->links[1], both->links[0]);
  }
}

void check_token(std::string_view payload, std::string_view narrowing, std::string_view edit) {
  const Result<Claims> claims = read_claims(payload);
  if (!claims) {
    FUZZ_CHECK(claims.error().code == Code::kTokenInvalid, "a bad token is invalid");
    FUZZ_CHECK(claims.error().message.find(": ") != std::string::npos, "with a reason");
    return;
  }
  FUZZ_CHECK(claims->nodes.size() <= kMaxNodes && claims->edges.size() <= kMaxEdges &&
                 claims->gates.size() <= kMaxRules,
             "limits hold");
  const Result<Claims> back = read_claims(print(*claims));
  FUZZ_CHECK(back && *back == *claims, "what is printed reads back");
  const Result<std::string> compact = issue(fuzz::token_key(), "k", *claims);
  if (!compact) {
    return;
  }
  const std::vector<std::string> one{*compact};
  const Result<Chain> chain = verify_chain(one, any_key, claims->aud.front(), kNow);
  const std::vector<std::string> other{fuzz::altered(*compact, edit)};
  FUZZ_CHECK(other == one || !verify_chain(other, any_key, claims->aud.front(), kNow),
             "no altered token verifies");
  if (chain) {
    FUZZ_CHECK(!standing(*chain, "nobody's", {}, done, kNow).allowed ||
                   claims->nodes.front().agent == "nobody's",
               "whom no node names may do nothing");
    check_link(*chain, narrowing, *compact);
  }
}

}  // namespace
}  // namespace pawl::acp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const auto [payload, narrowing, edit] = fuzz::parts<3>(fuzz::view(data, size));
  acp::check_token(payload, narrowing, edit);
  (void)acp::read_narrowing(payload);
  if (const Result<jose::Jws> jws = jose::decode(std::string(payload))) {
    (void)acp::read(*jws);
  }
  return 0;
}
