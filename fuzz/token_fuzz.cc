// Execution Context Tokens and the JWS around them.
// Input: a payload, then an edit of three bytes (support/keys.h). The payload is also read as a
// compact token and as an unsigned one, as a peer could send them; one with a certificate chain is
// judged as if somebody vouched for every chain.
#include "base/encoding.h"
#include "foundation/ect/ect.h"
#include "foundation/ect/received_token.h"
#include "foundation/records/names.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl::ect {
namespace {

Result<PublicKey> resolve(std::string_view, std::string_view kid) {
  if (kid != "k") {
    return fail(Code::kNotFound, "no such key");
  }
  return fuzz::token_key().public_key();
}

void check_claims_hold(const Token& token, const VerifyOptions& options) {
  const Claims& claims = token.claims;
  FUZZ_CHECK(check_claims(claims), "what was accepted keeps the limits of what we issue");
  FUZZ_CHECK(claims.exp + kClockSkewSeconds > options.now.seconds(), "it has not expired");
  FUZZ_CHECK(claims.iat <= options.now.seconds() + kClockSkewSeconds, "it is not from the future");
  const Result<std::string> again = issue(fuzz::token_key(), "k", claims);
  FUZZ_CHECK(again, "accepted claims can be issued");
  const Result<Token> back = verify(*again, resolve, options);
  FUZZ_CHECK(back && print(back->claims) == print(claims), "issued claims read back");
}

void check_signed(std::string_view payload, std::string_view edit, std::string_view typ) {
  const Result<std::string> compact = jose::sign(fuzz::token_key(), typ, "k", payload);
  if (!compact) {
    return;
  }
  const VerifyOptions options{.now = WallTime{1'772'064'150'000'000}};
  const Result<Token> token = verify(*compact, resolve, options);
  if (token) {
    check_claims_hold(*token, options);
  } else {
    FUZZ_CHECK(token.error().code == Code::kTokenInvalid, "a bad token is invalid, with a reason");
  }
  const std::string other = fuzz::altered(*compact, edit);
  if (other != *compact) {
    FUZZ_CHECK(!verify_signed(other, resolve, options), "no altered token verifies");
  }
  if (const Result<jose::Jws> jws = jose::decode(*compact)) {
    FUZZ_CHECK(jws->payload_text == payload, "the payload is what was signed");
    const bool valid = jose::verify(*jws, fuzz::token_key().public_key(), {"ES256"}).has_value();
    FUZZ_CHECK(valid, "what we sign verifies");
    FUZZ_CHECK(!jose::verify(*jws, fuzz::token_key().public_key(), {}), "no allowed alg, no yes");
    FUZZ_CHECK(!jose::verify(*jws, fuzz::log_key().public_key(), {"ES256", "EdDSA"}),
               "another key does not verify");
  }
}

void check_chain(const jose::Jws& jws) {
  const Result<ChainKey> key = read_chain_key(jws);
  if (key) {
    FUZZ_CHECK(key->chain.uris() == std::vector<std::string>{key->subject}, "it has one name");
    FUZZ_CHECK(!key->chain.is_authority() && key->chain.may_sign(), "it is a signer's");
  }
  const KeyResolver nobody = [](std::string_view, std::string_view) -> Result<PublicKey> {
    FUZZ_CHECK(false, "a chain is no kid of a key set");
    return fail(Code::kNotFound, "no such key");
  };
  VerifyOptions options;
  options.vouch = [](const ChainKey&, std::int64_t at_s) { return Validity{at_s, at_s}; };
  const Result<Token> token = verify_signed(jws.compact, nobody, options);
  FUZZ_CHECK(!token || (key && token->chain && token->claims.iss == key->subject),
             "what verifies is of the name in its certificate");
}

void check_unsigned(std::string_view payload) {
  const Result<Token> token = read_unsigned(base64url_encode(payload));
  if (!token) {
    FUZZ_CHECK(token.error().code == Code::kTokenInvalid, "a bad token is invalid, with a reason");
    return;
  }
  FUZZ_CHECK(token->level == Level::kL1, "what is unsigned is of level 1");
  FUZZ_CHECK(check_claims(token->claims, json::print(token->claims.ext), Level::kL1),
             "what was accepted keeps the limits");
  const Result<Token> back = read_unsigned(base64url_encode(print(token->claims)));
  FUZZ_CHECK(back && print(back->claims) == print(token->claims), "it reads back");
}

}  // namespace
}  // namespace pawl::ect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const auto [payload, edit] = fuzz::parts<2>(fuzz::view(data, size));
  ect::check_signed(payload, edit, names::kTypEct01);
  ect::check_signed(payload, edit, names::kTypEct00);
  ect::check_unsigned(payload);
  (void)ect::read_unsigned(std::string(payload));
  if (const Result<jose::Jws> jws = jose::decode(std::string(payload))) {
    FUZZ_CHECK(jws->compact == payload, "the exact bytes are kept");
    if (ect::brings_chain(*jws)) {
      ect::check_chain(*jws);
    }
    const Result<ect::Token> record = ect::read(*jws);
    ect::read(*jws, true);
    if (const auto received = record ? ect::read_received_token(record->claims) : std::nullopt) {
      (void)ect::check_received(*received, record->claims);
    }
  }
  return 0;
}
