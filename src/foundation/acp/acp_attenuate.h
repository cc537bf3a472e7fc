// A token made from its parent by narrowing: what is not said stays as it is.
//
// Threading:  pure functions.
// Errors:     kTokenInvalid, as the parts say; "wider_delegations" when none is left; "bad_nodes"
//             for a node that the parent does not have. Whether the whole is narrower, verify_chain
//             says.
//
// Example:
//   Result<Claims> child = attenuate(parent, {.sub = "spiffe://example.org/agent/b"}, jti, now);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "foundation/acp/acp_token.h"

namespace pawl::acp {

struct Narrowing {
  std::string sub{};  // to whom; empty: the holder narrows for itself
  std::optional<std::vector<std::string>> aud{};
  std::optional<std::int64_t> exp{};
  std::optional<std::vector<std::string>> nodes{};  // ids that stay
  std::vector<Constraints> constraints{};           // further ones
  std::vector<Gate> gates{};  // further ones; one with an id of the parent's replaces it
};

// {"sub":...,"aud":[...],"exp":...,"nodes":[...],"constraints":...,"hitl":{"rules":[...]}}
Result<Narrowing> read_narrowing(std::string_view text);

Result<Claims> attenuate(const Token& parent, const Narrowing& by, const Uuid& jti,
                         std::int64_t now);

}  // namespace pawl::acp
