// A chain of policy tokens: the first is an issuer's, each further one narrows the one before.
//
// Purpose:    verify that the last token was delegated step by step, and widens nothing.
// Threading:  pure functions; a Chain is an immutable value.
// Errors:     kTokenInvalid with a reason in front (docs/formats/acp.md); kUndecidable when a
//             library fails. What is not shown to be narrower is refused.
//
// A link is signed with a key of its parent's `sub`, the holder; KeyFinder answers only with a key
// that is bound to exactly this issuer and not revoked.
//
// Example:
//   Result<Chain> chain = verify_chain(tokens, keys, "spiffe://example.org/pawl/gw1", now);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/acp/acp_constraints.h"
#include "foundation/acp/acp_graph.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::acp {

// Whose key is asked for: of one who may begin a chain, or of one who narrows a token that he
// holds.
enum class Signer { kIssuer, kHolder };
using KeyFinder =
    std::function<Result<PublicKey>(Signer signer, std::string_view iss, std::string_view kid)>;

// A gate with its trigger as a condition.
struct CompiledGate {
  Gate gate;
  std::optional<rules::ComparableSet> condition{};  // by action and by threshold
};

// One token, ready to be asked.
struct Link {
  Token token;
  Graph graph;
  std::vector<ConstraintSet> constraints;                                  // of the whole graph
  std::map<std::string, std::vector<ConstraintSet>, std::less<>> of_node;  // further ones, by id
  std::map<std::string, rules::ComparableSet, std::less<>> acts;           // by act
  std::vector<CompiledGate> gates;
};

struct Chain {
  std::vector<Link> links;  // at least one; the first is the issuer's
  // What counts for it as one run, whichever tokens narrow the first: SHA-256 over what the issuer
  // signed (the signature can be written in two ways), 43 characters. Of verify_chain().
  std::string run{};
  std::size_t memory = 0;  // bytes that it takes, about (acp_patterns.h). Of verify_chain().
  const Claims& root() const { return links.front().token.claims; }
  const Claims& leaf() const { return links.back().token.claims; }
};

// The link narrows its parent, and was made by who may; signatures were checked.
Status check_narrower(const Link& child, const Link& parent);
using LinkCheck = Status(const Link& child, const Link& parent);

// tokens: compact texts, the issuer's first, 1..11. now: seconds. `check_link`: of each link and
// its parent.
Result<Chain> verify_chain(std::span<const std::string> tokens, const KeyFinder& keys,
                           std::string_view audience, std::int64_t now,
                           LinkCheck* check_link = &check_narrower);

// What of a token can be checked without keys, time or parent.
Result<Link> compile(Token token);

}  // namespace pawl::acp
