// The signed envelope of a token in CBOR form.
#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "foundation/cose/sign1.h"
#include "foundation/ect/ect_cbor.h"
#include "foundation/jose/token_refusal.h"
#include "foundation/records/cbor_names.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

using jose::refuse;

constexpr std::size_t kMaxBytes = 48 * 1024;  // 64 KiB of text

bool has_typ(const cose::Sign1& message) {
  const cbor::Value* typ = cbor::find(message.protected_header, cose::kTyp);
  const std::string* text = typ == nullptr ? nullptr : typ->get<std::string>();
  return text != nullptr && *text == names::kCoseTypEct;
}

// As of the JSON form: typ and alg first, so that a foreign token costs no look-up.
Status check_header(const cose::Sign1& message, const std::vector<std::string>& algorithms) {
  if (!has_typ(message)) {
    return refuse("bad_type: expected typ (16) application/exec+cwt in the protected header");
  }
  if (std::find(algorithms.begin(), algorithms.end(), message.alg) == algorithms.end()) {
    return refuse("bad_alg: the algorithm is not in the allow list");
  }
  if (message.kid.empty()) {
    return refuse("missing_kid: the header must name the key");
  }
  return message.payload ? Status{} : Status(refuse("malformed: the payload is detached"));
}

// Which keys count depends on it, so it is read before the signature is checked.
Result<std::string> issuer_of(std::string_view claims) {
  const Result<cbor::Item> item = cbor::read(claims);
  const cbor::Map* map = item ? item->value.get<cbor::Map>() : nullptr;
  if (map == nullptr) {
    return refuse("malformed: " +
                  (item ? std::string("the payload must be a map") : item.error().message));
  }
  const cbor::Value* iss = cbor::find(*map, names::kCborIss);
  const std::string* text = iss == nullptr ? nullptr : iss->get<std::string>();
  return text != nullptr ? Result<std::string>(*text) : refuse("missing_claim: iss");
}

Result<cose::Sign1> decoded(std::string_view text) {
  const Result<std::string> bytes = base64url_decode(text);
  Result<cose::Sign1> message =
      bytes ? cose::decode(*bytes, cbor::Form::kDeterministic, kMaxBytes) : fail(bytes.error());
  return message ? std::move(message) : refuse("malformed", message.error());
}

Result<Token> token_of(const cose::Sign1& message, std::string text, bool missing_is_root) {
  Result<Claims> claims = read_cbor_claims(*message.payload, missing_is_root);
  if (!claims) {
    return fail(claims.error());
  }
  return Token{.claims = *std::move(claims),
               .dialect = Dialect::kEctCbor00,
               .level = Level::kL2,
               .kid = message.kid,
               .compact = std::move(text),
               .cbor_claims = *message.payload};
}

}  // namespace

bool looks_cbor_bytes(std::string_view bytes) {
  return bytes.starts_with("\xd2") || bytes.starts_with("\xd8\x3d\xd2");
}

bool looks_cbor(std::string_view text) {
  // "0" is 0xd0 to 0xd3, "2D3S" the two tags: nothing is decoded of a JWS.
  if (text.find('.') != std::string_view::npos ||
      !(text.starts_with('0') || text.starts_with("2D3S"))) {
    return false;
  }
  const Result<std::string> bytes = base64url_decode(text);
  return bytes && looks_cbor_bytes(*bytes);
}

Result<std::string> issue_cbor(const SigningKey& key, std::string_view kid, const Claims& claims) {
  if (kid.empty()) {
    return refuse("missing_kid: a token names the key that signs it");
  }
  if (Status fits = check_claims(claims); !fits) {
    return fail(fits.error());
  }
  Result<std::string> payload = print_cbor(claims);
  if (!payload) {
    return payload;
  }
  cose::Draft draft;
  draft.protected_header = {
      {cbor::Value{cose::kTyp}, cbor::Value{std::string(names::kCoseTypEct)}}};
  draft.kid = kid;
  draft.payload = *std::move(payload);
  return cose::sign(key, draft);
}

Result<Token> read_cbor(std::string text) {
  const Result<cose::Sign1> message = decoded(text);
  if (!message) {
    return fail(message.error());
  }
  if (Status header = check_header(*message, {message->alg}); !header) {
    return fail(header.error());
  }
  return token_of(*message, std::move(text), false);
}

Result<Token> verify_signed_cbor(std::string text, const KeyResolver& resolve,
                                 const VerifyOptions& options) {
  const Result<cose::Sign1> message = decoded(text);
  if (!message) {
    return fail(message.error());
  }
  if (Status header = check_header(*message, options.algorithms); !header) {
    return fail(header.error());
  }
  const Result<std::string> iss = issuer_of(*message->payload);
  if (!iss) {
    return fail(iss.error());
  }
  const Result<PublicKey> key = resolve(*iss, message->kid);
  if (!key) {
    return refuse("unknown_key", key.error());
  }
  if (Status good = cose::verify(*message, *key, options.algorithms); !good) {
    return refuse("bad_signature", good.error());
  }
  return token_of(*message, std::move(text), options.missing_parents_is_root);
}

}  // namespace pawl::ect
