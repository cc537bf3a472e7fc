#include "base/result.h"

namespace pawl {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kMalformed:
      return "malformed";
    case Code::kInvalidRequest:
      return "invalid_request";
    case Code::kUnknownMethod:
      return "unknown_method";
    case Code::kInvalidParams:
      return "invalid_params";
    case Code::kHeaderMismatch:
      return "header_mismatch";
    case Code::kMissingCapability:
      return "missing_capability";
    case Code::kUnsupportedVersion:
      return "unsupported_version";
    case Code::kTooLarge:
      return "too_large";
    case Code::kUnauthenticated:
      return "unauthenticated";
    case Code::kForbidden:
      return "forbidden";
    case Code::kTokenInvalid:
      return "token_invalid";
    case Code::kPolicyTokenInvalid:
      return "policy_token_invalid";
    case Code::kDenied:
      return "denied";
    case Code::kApprovalRequired:
      return "approval_required";
    case Code::kStopped:
      return "stopped";
    case Code::kRevoked:
      return "revoked";
    case Code::kOverloaded:
      return "overloaded";
    case Code::kUpstreamUnavailable:
      return "upstream_unavailable";
    case Code::kUpstreamFailed:
      return "upstream_failed";
    case Code::kDeadlineExceeded:
      return "deadline_exceeded";
    case Code::kCancelled:
      return "cancelled";
    case Code::kEvidenceUnavailable:
      return "evidence_unavailable";
    case Code::kNotFound:
      return "not_found";
    case Code::kConflict:
      return "conflict";
    case Code::kBadSignature:
      return "bad_signature";
    case Code::kUndecidable:
      return "undecidable";
    case Code::kIo:
      return "io";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kInternal:
      return "internal";
  }
  return "internal";
}

}  // namespace pawl
