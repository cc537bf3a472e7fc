#include <algorithm>

#include "base/encoding.h"
#include "foundation/ect/ect.h"
#include "foundation/ect/ect_cbor.h"
#include "foundation/jose/token_refusal.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

using jose::refuse;

// Typ and alg are judged before a key is looked up, so that a foreign token costs no look-up.
Status check_header(const jose::Jws& jws, const std::vector<std::string>& algorithms) {
  if (jws.typ != names::kTypEct01 && jws.typ != names::kTypEct00) {
    return refuse("bad_type: expected exec+jwt or wimse-exec+jwt");
  }
  if (std::find(algorithms.begin(), algorithms.end(), jws.alg) == algorithms.end()) {
    return refuse("bad_alg: the algorithm is not in the allow list");
  }
  if (jws.kid.empty() && !brings_chain(jws)) {
    return refuse("missing_kid: the header must name the key");
  }
  return {};
}

struct Signer {
  PublicKey key;
  std::optional<ChainFacts> chain{};
};

Result<Signer> signer_of(const jose::Jws& jws, const KeyResolver& resolve,
                         const VerifyOptions& options) {
  const auto iss = json::find_string(jws.payload, {names::kClaimIss});
  if (!iss) {
    return refuse("missing_claim: iss");
  }
  if (brings_chain(jws)) {
    return vouched_key(jws, *iss, options.vouch, options.now.seconds()).map([](VouchedKey found) {
      return Signer{std::move(found.key), std::move(found.facts)};
    });
  }
  Result<PublicKey> key = resolve(*iss, jws.kid);
  if (!key) {
    return refuse("unknown_key", key.error());
  }
  return Signer{*std::move(key)};
}

}  // namespace

bool looks_unsigned(std::string_view text) {
  if (text.find('.') != std::string_view::npos) {
    return false;
  }
  const Result<std::string> bytes = base64url_decode(text);
  return bytes && !bytes->empty() && bytes->front() == '{';
}

Result<Token> verify_signed(std::string compact, const KeyResolver& resolve,
                            const VerifyOptions& options) {
  if (looks_unsigned(compact)) {
    return refuse("level: the token is unsigned (L1); at least L2 is needed");
  }
  if (looks_cbor(compact)) {
    return options.accept_cbor
               ? verify_signed_cbor(std::move(compact), resolve, options)
               : refuse("bad_form: tokens in CBOR form are not taken here (tokens.cbor)");
  }
  const Result<jose::Jws> jws = jose::decode(std::move(compact));
  if (!jws) {
    return refuse("malformed", jws.error());
  }
  if (const Status header = check_header(*jws, options.algorithms); !header) {
    return fail(header.error());
  }
  const Result<Signer> signer = signer_of(*jws, resolve, options);
  if (!signer) {
    return fail(signer.error());
  }
  if (const Status good = jose::verify(*jws, signer->key, options.algorithms); !good) {
    return refuse("bad_signature", good.error());
  }
  Result<Token> token = read(*jws, options.missing_parents_is_root);
  if (token && signer->chain) {
    token->kid = signer->key.thumbprint();
    token->chain = signer->chain;
  }
  return token;
}

Status check_presented(const Claims& claims, const VerifyOptions& options) {
  if (!options.audience.empty() &&
      std::find(claims.aud.begin(), claims.aud.end(), options.audience) == claims.aud.end()) {
    return refuse("wrong_audience: aud does not name " + options.audience);
  }
  if (!options.check_times) {
    return {};
  }
  const std::int64_t now = options.now.seconds();
  if (now >= claims.exp) {
    return refuse("expired: exp has passed");
  }
  if (claims.iat > now + kClockSkewSeconds) {
    return refuse("not_yet: iat lies more than 30 s ahead");
  }
  if (now - claims.iat > kMaxAgeSeconds) {
    return refuse("too_old: iat lies more than 900 s back");
  }
  return {};
}

Status check_presented(const Token& token, const VerifyOptions& options) {
  const std::int64_t now = options.now.seconds();
  if (options.check_times && token.chain &&
      (now < token.chain->validity.from_s || now > token.chain->validity.until_s)) {
    return refuse("chain_time: a certificate of its chain does not hold now");
  }
  return check_presented(token.claims, options);
}

Result<Token> verify(std::string compact, const KeyResolver& resolve,
                     const VerifyOptions& options) {
  Result<Token> token = verify_signed(std::move(compact), resolve, options);
  if (!token) {
    return token;
  }
  if (const Status presented = check_presented(*token, options); !presented) {
    return fail(presented.error());
  }
  return token;
}

}  // namespace pawl::ect
