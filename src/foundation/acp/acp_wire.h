// Policy tokens as text: JWS compact, typ `acp+jwt`.
//
// Purpose:    print, sign and read a token, strictly: what is not known is refused, for it could be
//             a limit.
// Threading:  pure functions.
// Errors:     kTokenInvalid with a reason in front: "bad_type", "missing_member", "unknown_member",
//             "unknown_constraint", "unknown_trigger", "unknown_action", "bad_<member>",
//             "too_many", "too_large", "malformed" (docs/formats/acp.md).
// Rule:       read() looks at the form of each part; the graph and the constraints as rules are
//             looked at by check_graph() and compile(); signature and time by verify_chain().
//
// Example:
//   Result<std::string> compact = acp::issue(key, key.public_key().thumbprint(), claims);
#pragma once

#include <string>
#include <string_view>

#include "foundation/acp/acp_token.h"
#include "foundation/jose/jws.h"

namespace pawl::acp {

// The payload: compact JSON, members in the order of the page.
std::string print(const Claims& claims);
Result<Claims> read_claims(std::string_view payload);
Result<Token> read(const jose::Jws& jws);
// Whatever read_claims() would refuse is not signed.
Result<std::string> issue(const SigningKey& key, std::string_view kid, const Claims& claims);

// One constraint object; `of_node`: without max_depth and max_delegations.
Result<Constraints> read_constraints(const json::Value& value, bool of_node);
Result<Gate> read_gate(const json::Value& value);

}  // namespace pawl::acp
