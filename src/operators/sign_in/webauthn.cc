#include "operators/sign_in/webauthn.h"

#include "base/encoding.h"
#include "foundation/cose/cose_key.h"
#include "foundation/crypto/algorithm.h"
#include "foundation/crypto/der_signature.h"
#include "operators/sign_in/authenticator_data.h"
#include "operators/sign_in/client_data.h"

namespace pawl::sign_in {
namespace {

constexpr cbor::Limits kAttestationLimits{.form = cbor::Form::kAny,
                                          .max_bytes = 2 * kMaxAuthenticatorData,
                                          .max_depth = 4,
                                          .max_items = 32};

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kTokenInvalid, "passkey: " + std::string(why));
}

const cbor::Value* member(const cbor::Map& map, std::string_view name) {
  for (const cbor::Member& one : map) {
    const std::string* key = one.key.get<std::string>();
    if (key != nullptr && *key == name) {
      return &one.value;
    }
  }
  return nullptr;
}

// "attStmt" of `none` is an empty map (8.7).
Result<std::string> attested_data(std::string_view attestation_object) {
  const Result<cbor::Item> item = cbor::read(attestation_object, kAttestationLimits);
  const cbor::Map* map = item ? item->value.get<cbor::Map>() : nullptr;
  if (map == nullptr || !item->tags.empty() || map->size() != 3) {
    return refuse("attestation object: expected a map of fmt, attStmt and authData");
  }
  const cbor::Value* format = member(*map, "fmt");
  const cbor::Value* statement = member(*map, "attStmt");
  const cbor::Value* data = member(*map, "authData");
  const std::string* name = format != nullptr ? format->get<std::string>() : nullptr;
  const cbor::Map* said = statement != nullptr ? statement->get<cbor::Map>() : nullptr;
  const cbor::Bytes* bytes = data != nullptr ? data->get<cbor::Bytes>() : nullptr;
  if (name == nullptr || said == nullptr || bytes == nullptr) {
    return refuse("attestation object: expected a map of fmt, attStmt and authData");
  }
  if (*name != "none" || !said->empty()) {
    return fail(Code::kUnsupported, "passkey: attestation: expected none");
  }
  return bytes->bytes;
}

// What is signed: the authenticator data and the digest of the client data (6.3.3).
Status check_signature(const Assertion& assertion, const PublicKey& key) {
  const bool is_ec = key.kind() == KeyKind::kP256;
  if (!is_ec && key.kind() != KeyKind::kEd25519) {
    return fail(Code::kUnsupported, "passkey: expected a key of P-256 or Ed25519");
  }
  const std::optional<std::string> signature =
      is_ec ? es256_from_der(assertion.signature) : std::optional(assertion.signature);
  if (!signature) {
    return fail(Code::kBadSignature, "passkey: the signature is not one of ES256");
  }
  const std::string signed_text =
      assertion.authenticator_data + std::string(view(sha256(assertion.client_data)));
  switch (key.verify(default_algorithm(key.kind()), signed_text, *signature)) {
    case Verdict3::kValid:
      return {};
    case Verdict3::kInvalid:
      return fail(Code::kBadSignature, "passkey: not signed with this key");
    case Verdict3::kCannotDecide:
      break;
  }
  return fail(Code::kUndecidable, "passkey: the signature cannot be checked");
}

// A copy of the device would count from where the copy was made.
bool went_back(std::uint32_t counter, std::uint32_t before) {
  return counter <= before && (counter != 0 || before != 0);
}

}  // namespace

Result<Verified> verify_assertion(const Assertion& assertion, const Passkey& passkey,
                                  const Digest& challenge, const RelyingParty& party) {
  if (assertion.credential != passkey.credential) {
    return refuse("another credential");
  }
  if (passkey.rp_id != party.id) {
    return refuse("made for another relying party");
  }
  if (Status good =
          check_client_data(assertion.client_data, "webauthn.get", challenge, party.origin);
      !good) {
    return fail(good.error());
  }
  const Result<AuthenticatorData> data = read_authenticator_data(assertion.authenticator_data);
  Status good = data ? check_presence(*data, party) : Status(fail(data.error()));
  if (good && data->credential) {
    good = refuse("authenticator data: a new credential, where a known one answers");
  }
  good = good ? check_signature(assertion, passkey.key) : good;
  if (!good) {
    return fail(good.error());
  }
  if (went_back(data->counter, passkey.counter)) {
    return refuse("its counter went back: there may be a copy of the device");
  }
  return Verified{data->counter};
}

Result<Passkey> verify_registration(const Registration& registration, const Digest& challenge,
                                    const RelyingParty& party) {
  if (Status good =
          check_client_data(registration.client_data, "webauthn.create", challenge, party.origin);
      !good) {
    return fail(good.error());
  }
  const Result<std::string> bytes = attested_data(registration.attestation_object);
  if (!bytes) {
    return fail(bytes.error());
  }
  const Result<AuthenticatorData> data = read_authenticator_data(*bytes);
  if (Status good = data ? check_presence(*data, party) : Status(fail(data.error())); !good) {
    return fail(good.error());
  }
  if (!data->credential) {
    return refuse("authenticator data: no new credential");
  }
  const Result<PublicKey> key = cose::read_key(data->credential->key);
  if (!key) {
    return fail(key.error().code == Code::kUnsupported ? Code::kUnsupported : Code::kTokenInvalid,
                "passkey: " + key.error().message);
  }
  return Passkey{base64url_encode(data->credential->id), party.id, *key, data->counter};
}

}  // namespace pawl::sign_in
