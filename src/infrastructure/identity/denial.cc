#include "infrastructure/identity/denial.h"

#include <algorithm>

namespace pawl::identity {
namespace {

// A quoted-string without escapes (RFC 6750, section 3).
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    out += c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c;
  }
  return out + "\"";
}

std::string dpop_error(const Finding& finding) {
  if (finding.refusal == Refusal::kProofNonce) {
    return "use_dpop_nonce";
  }
  return finding.refusal != Refusal::kTokenBound && is_about_proof(finding.refusal)
             ? "invalid_dpop_proof"
             : "invalid_token";
}

std::string algorithms_of(const DenialContext& context) {
  std::string names;
  for (const std::string& name : context.dpop_algorithms) {
    names += (names.empty() ? "" : " ") + name;
  }
  return "algs=" + quoted(names);
}

std::string challenge_of(const Finding& finding, const DenialContext& context,
                         std::string_view text) {
  if (context.shown == Scheme::kWpt) {
    return "WPT";
  }
  if (context.shown == Scheme::kDpop || finding.refusal == Refusal::kTokenBound) {
    return "DPoP error=" + quoted(dpop_error(finding)) + ", error_description=" + quoted(text) +
           ", " + algorithms_of(context);
  }
  std::string out = "Bearer";
  if (!context.dpop_algorithms.empty()) {
    out += ", DPoP " + algorithms_of(context);
  }
  return out + (context.takes_wpt ? ", WPT" : "");
}

}  // namespace

Denial denial_of(const Finding& finding, const DenialContext& context) {
  Denial out;
  out.refusal = finding.refusal;
  out.agent = finding.agent;
  out.text = finding.agent.empty()
                 ? std::string(kRefusalText)
                 : std::string(refusal_name(finding.refusal)) + ": " + finding.detail;
  if (finding.refusal == Refusal::kProofMemory) {
    out.status = 503;
    out.code = Code::kOverloaded;
    return out;
  }
  out.challenge = challenge_of(finding, context, out.text);
  if (finding.refusal == Refusal::kProofNonce) {
    out.dpop_nonce = context.nonce;
  }
  return out;
}

}  // namespace pawl::identity
