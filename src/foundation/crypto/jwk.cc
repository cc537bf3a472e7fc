#include "foundation/crypto/jwk.h"

#include <openssl/core_names.h>

#include "base/encoding.h"

namespace pawl::openssl {
namespace {

constexpr std::size_t kEd25519Size = 32;
constexpr std::size_t kMaxRsaOctets = 1024;  // 8192 bits
constexpr std::size_t kMaxExponentOctets = 8;

Result<std::string> octets_member(const json::Value& jwk, std::string_view name) {
  const std::optional<std::string_view> text = json::find_string(jwk, {name});
  if (!text) {
    return fail(Code::kMalformed,
                "JWK: member '" + std::string(name) + "' is missing or no string");
  }
  Result<std::string> octets = base64url_decode(*text);
  if (!octets) {
    return fail_at("JWK: member '" + std::string(name) + "'", octets.error());
  }
  return octets;
}

Result<Pkey> key_from_params(const char* type, OSSL_PARAM* params) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  if (!check_not_null(context) || !check_one(EVP_PKEY_fromdata_init(context.get()))) {
    return openssl_fail(Code::kInternal, "cannot import a key");
  }
  EVP_PKEY* made = nullptr;
  const bool is_made =
      check_one(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params));
  Pkey pkey(made);
  if (!is_made || !check_not_null(pkey)) {
    return openssl_fail(Code::kMalformed, "JWK: the members are not a key");
  }
  return pkey;
}

Result<Pkey> ec_key(const json::Value& jwk) {
  const std::optional<std::string_view> curve = json::find_string(jwk, {"crv"});
  if (curve != "P-256" && curve != "P-384") {
    return fail(Code::kMalformed, "JWK: crv of an EC key must be P-256 or P-384");
  }
  const std::size_t width = curve == "P-256" ? 32 : 48;
  Result<std::string> x = octets_member(jwk, "x");
  if (!x) {
    return fail(x.error());
  }
  Result<std::string> y = octets_member(jwk, "y");
  if (!y) {
    return fail(y.error());
  }
  if (x->size() != width || y->size() != width) {
    return fail(Code::kMalformed, "JWK: x and y of " + std::string(*curve) + " have " +
                                      std::to_string(width) + " bytes each");
  }
  std::string group(*curve);
  std::string point = "\x04" + *x + *y;  // uncompressed, SEC 1
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end(),
  };
  return key_from_params("EC", params);
}

Result<Pkey> rsa_key(const json::Value& jwk) {
  Result<std::string> n = octets_member(jwk, "n");
  if (!n) {
    return fail(n.error());
  }
  Result<std::string> e = octets_member(jwk, "e");
  if (!e) {
    return fail(e.error());
  }
  if (n->size() > kMaxRsaOctets || e->size() > kMaxExponentOctets) {
    return fail(Code::kMalformed, "JWK: an RSA key has at most 8192 bits and 64 bits of exponent");
  }
  const BigNumber modulus(BN_bin2bn(octets_of(*n), static_cast<int>(n->size()), nullptr));
  const BigNumber exponent(BN_bin2bn(octets_of(*e), static_cast<int>(e->size()), nullptr));
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!check_not_null(modulus) || !check_not_null(exponent) || !check_not_null(builder) ||
      !check_one(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get())) ||
      !check_one(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()))) {
    return openssl_fail(Code::kInternal, "cannot import a key");
  }
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  if (!check_not_null(params)) {
    return openssl_fail(Code::kInternal, "cannot import a key");
  }
  return key_from_params("RSA", params.get());
}

// width 0: as many octets as the number has.
Result<std::string> number_text(const EVP_PKEY* pkey, const char* name, int width) {
  BIGNUM* read = nullptr;
  const bool is_read = check_one(EVP_PKEY_get_bn_param(pkey, name, &read));
  const BigNumber number(read);
  if (!is_read || !check_not_null(number)) {
    return openssl_fail(Code::kInternal, std::string("cannot read key parameter ") + name);
  }
  const int count = width == 0 ? BN_num_bytes(number.get()) : width;
  std::string octets(static_cast<std::size_t>(count), '\0');
  if (!check_count(BN_bn2binpad(number.get(), octets_of(octets), count), count)) {
    return openssl_fail(Code::kInternal, std::string("cannot write key parameter ") + name);
  }
  return base64url_encode(octets);
}

Result<std::string> ec_jwk(const EVP_PKEY* pkey, std::string_view curve, int width) {
  Result<std::string> x = number_text(pkey, OSSL_PKEY_PARAM_EC_PUB_X, width);
  if (!x) {
    return x;
  }
  Result<std::string> y = number_text(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, width);
  if (!y) {
    return y;
  }
  return R"({"crv":")" + std::string(curve) + R"(","kty":"EC","x":")" + *x + R"(","y":")" + *y +
         R"("})";
}

Result<std::string> rsa_jwk(const EVP_PKEY* pkey) {
  Result<std::string> e = number_text(pkey, OSSL_PKEY_PARAM_RSA_E, 0);
  if (!e) {
    return e;
  }
  Result<std::string> n = number_text(pkey, OSSL_PKEY_PARAM_RSA_N, 0);
  if (!n) {
    return n;
  }
  return R"({"e":")" + *e + R"(","kty":"RSA","n":")" + *n + R"("})";
}

Result<std::string> ed25519_jwk(const EVP_PKEY* pkey) {
  std::string raw(kEd25519Size, '\0');
  std::size_t size = raw.size();
  if (!check_one(EVP_PKEY_get_raw_public_key(pkey, octets_of(raw), &size)) || size != raw.size()) {
    return openssl_fail(Code::kInternal, "cannot read an Ed25519 key");
  }
  return R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url_encode(raw) + R"("})";
}

}  // namespace

Result<Pkey> public_key_from_jwk(const json::Value& jwk) {
  if (!jwk.is_object()) {
    return fail(Code::kMalformed, "JWK: expected an object");
  }
  if (json::find(jwk, {"d"}) != nullptr) {
    return fail(Code::kMalformed, "JWK: a private key where a public key is expected");
  }
  const std::optional<std::string_view> type = json::find_string(jwk, {"kty"});
  if (type == "EC") {
    return ec_key(jwk);
  }
  if (type == "RSA") {
    return rsa_key(jwk);
  }
  if (type == "OKP" && json::find_string(jwk, {"crv"}) == "Ed25519") {
    Result<std::string> x = octets_member(jwk, "x");
    if (!x) {
      return fail(x.error());
    }
    return public_key_from_ed25519(*x);
  }
  return fail(Code::kMalformed, "JWK: expected kty EC, RSA, or OKP with crv Ed25519");
}

Result<Pkey> public_key_from_ed25519(std::string_view raw) {
  if (raw.size() != kEd25519Size) {
    return fail(Code::kMalformed, "an Ed25519 public key has 32 bytes");
  }
  Pkey pkey(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, octets_of(raw), raw.size()));
  if (!check_not_null(pkey)) {
    return openssl_fail(Code::kMalformed, "not an Ed25519 public key");
  }
  return pkey;
}

Result<std::string> jwk_of(const EVP_PKEY* pkey, KeyKind kind) {
  switch (kind) {
    case KeyKind::kP256:
      return ec_jwk(pkey, "P-256", 32);
    case KeyKind::kP384:
      return ec_jwk(pkey, "P-384", 48);
    case KeyKind::kEd25519:
      return ed25519_jwk(pkey);
    case KeyKind::kRsa:
      return rsa_jwk(pkey);
  }
  return fail(Code::kInternal, "a key of no kind");
}

}  // namespace pawl::openssl
