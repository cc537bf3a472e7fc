// Result<T>: a value, or an Error from one closed set of codes.
//
// Purpose:    the only way a fallible function of Pawl answers; no exceptions on the data path.
// Threading:  plain values.
// Not errors: an empty list, a call that a rule refused (that is a Verdict), a held call.
//
// Example:
//   Result<Key> key = load_key(path);
//   if (!key) return fail(key.error());
//   return fail(Code::kNotFound, "no key named " + name);
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace pawl {

// The closed set. infrastructure/jsonrpc/error_table.cc maps each to HTTP and JSON-RPC, and a test
// walks this list: add a code here and there in one change.
enum class Code {
  kMalformed,            // not valid JSON, YAML or framing
  kInvalidRequest,       // well-formed, but not a valid request
  kUnknownMethod,        // no such method for this peer and version
  kInvalidParams,        // wrong whatever the state; retrying is useless
  kHeaderMismatch,       // MCP headers disagree with the body
  kMissingCapability,    // the client did not declare what the answer needs
  kUnsupportedVersion,   // protocol revision not spoken here
  kTooLarge,             // over a configured size, depth or count
  kUnauthenticated,      // no usable identity
  kForbidden,            // identity known, not allowed on this listener or resource
  kTokenInvalid,         // an Execution Context Token did not verify
  kPolicyTokenInvalid,   // a policy token did not verify, or disagrees with another one
  kDenied,               // a rule (or the absence of one) says no
  kApprovalRequired,     // a rule says that people have to be asked first
  kStopped,              // a stop is in force for the scope
  kRevoked,              // an operator revoked who calls, or what proves it
  kOverloaded,           // a limit on open calls, queues or rate was reached
  kUpstreamUnavailable,  // nothing was sent: the server is down or its breaker is open
  kUpstreamFailed,       // something may have been sent: the outcome is unknown
  kDeadlineExceeded,     // the caller's or our deadline passed
  kCancelled,            // the caller withdrew
  kEvidenceUnavailable,  // the ledger cannot record: nothing governed happens
  kNotFound,
  kConflict,             // the state moved on; read it again
  kBadSignature,         // proven not to be what it claims
  kUndecidable,          // cannot tell good from bad with what is at hand
  kIo,                   // the file system or the network failed
  kUnsupported,          // a valid thing that this build or configuration does not do
  kInternal,             // our defect
};

// Stable name of a code on the wire, in logs and metrics: "denied", "upstream_failed".
std::string_view code_name(Code code);

struct Error {
  Code code = Code::kInternal;
  std::string message;  // for people: what, where, what was expected; never secrets or arguments
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// Cold: the compiler keeps what leads here away from the usual way.
[[gnu::cold]] inline tl::unexpected<Error> fail(Code code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}
[[gnu::cold]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}
// Puts where it happened before what happened.
[[gnu::cold]] inline tl::unexpected<Error> fail_at(std::string_view where, const Error& error) {
  return fail(error.code, std::string(where) + ": " + error.message);
}

}  // namespace pawl
