#include "foundation/ect/wit_key.h"

#include <algorithm>
#include <utility>

#include "foundation/crypto/algorithm.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

bool is_named(std::string_view iss, std::string_view kid, const WitKey& wit) {
  return iss == wit.subject && (wit.kid.empty() || kid == wit.kid || kid == wit.key.thumbprint());
}

}  // namespace

Result<WitKey> read_wit(const std::string& wit) {
  const Result<jose::Jws> jws = jose::decode(wit);
  if (!jws) {
    return fail_at("WIT", jws.error());
  }
  const auto subject = json::find_string(jws->payload, {"sub"});
  const json::Value* jwk = json::find(jws->payload, {"cnf", "jwk"});
  Result<PublicKey> key =
      jwk != nullptr ? PublicKey::from_jwk(*jwk) : fail(Code::kMalformed, "no cnf.jwk");
  if (!subject || subject->empty() || !key) {
    return fail(Code::kMalformed, "WIT: expected sub, and a public key in cnf.jwk");
  }
  const std::string algorithm(json::find_string(*jwk, {"alg"}).value_or(""));
  const std::optional<Algorithm> known = parse_algorithm(algorithm);
  if (!known || key_kind_of(*known) != key->kind()) {
    return fail(Code::kMalformed, "WIT: expected cnf.jwk.alg, an algorithm of its key");
  }
  return WitKey{std::string(*subject), *std::move(key), algorithm,
                std::string(json::find_string(*jwk, {"kid"}).value_or("")), wit};
}

bool is_of_wit(const std::string& compact, const WitKey& wit) {
  const Result<jose::Jws> jws = jose::decode(compact);
  return jws && !brings_chain(*jws) &&
         is_named(json::find_string(jws->payload, {names::kClaimIss}).value_or(""), jws->kid, wit);
}

bool is_of_wit(const Token& token, const WitKey& wit) {
  return token.level == Level::kL2 && token.dialect != Dialect::kEctCbor00 && !token.chain &&
         is_named(token.claims.iss, token.kid, wit);
}

Result<Token> verify_by_wit(std::string compact, const WitKey& wit, const VerifyOptions& options) {
  VerifyOptions as_it_says = options;
  as_it_says.accept_cbor = false;
  as_it_says.vouch = {};
  std::erase_if(as_it_says.algorithms,
                [&](const std::string& name) { return name != wit.algorithm; });
  const KeyResolver resolve = [&](std::string_view iss, std::string_view kid) {
    return is_named(iss, kid, wit)
               ? Result<PublicKey>(wit.key)
               : Result<PublicKey>(fail(Code::kNotFound, "the WIT is of another workload or key"));
  };
  return verify_signed(std::move(compact), resolve, as_it_says);
}

}  // namespace pawl::ect
