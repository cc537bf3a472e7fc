#include "foundation/ledger/verify_cbor_token.h"

#include "base/encoding.h"
#include "foundation/ect/ect_cbor.h"
#include "foundation/ledger/receipt_verdict.h"

namespace pawl::ledger {
bool looks_like_cbor_token(std::string_view text) {
  return ect::looks_cbor_bytes(text) || ect::looks_cbor(text);
}

Report verify_cbor_token(std::string_view text, const std::optional<Trust>& trust) {
  Report report;
  const std::string presented =
      ect::looks_cbor_bytes(text) ? base64url_encode(text) : std::string(text);
  const Result<ect::Token> token = ect::read_cbor(presented);
  if (!token) {
    return not_proven(report, "the token: " + token.error().message);
  }
  if (!trust) {
    return not_decided(report,
                       "the token reads, but who signed it needs keys that you trust: verify "
                       "with --trust FILE");
  }
  const PublicKey* key = trust->token_keys.find(token->kid);
  if (key == nullptr) {
    return not_decided(report, "the trust file has no token key with kid \"" + token->kid + "\"");
  }
  const ect::VerifyOptions options{.accept_cbor = true};
  const auto resolve = [key](std::string_view, std::string_view) -> Result<PublicKey> {
    return *key;
  };
  if (const Result<ect::Token> good = ect::verify_signed(presented, resolve, options); !good) {
    return good.error().code == Code::kUndecidable
               ? not_decided(report, good.error().message)
               : not_proven(report, "the token: " + good.error().message);
  }
  report.tokens_verified = 1;
  return not_decided(report, "the key \"" + token->kid + "\" signed token " +
                                 token->claims.jti.text() + " of " + token->claims.iss +
                                 ", but nothing here proves that it stands in a ledger");
}

}  // namespace pawl::ledger
