#include "foundation/cose/cose_key.h"

#include "base/encoding.h"

namespace pawl::cose {
namespace {

// Labels and values of RFC 9052 (7.1) and RFC 9053 (7.1, 7.2, 2.1, 2.2).
constexpr std::int64_t kKty = 1, kAlgorithm = 3, kCurve = -1, kX = -2, kY = -3;
constexpr std::int64_t kOkp = 1, kEc2 = 2;
constexpr std::int64_t kEs256 = -7, kEdDsa = -8;
constexpr std::int64_t kP256 = 1, kEd25519 = 6;
constexpr std::size_t kCoordinate = 32;

bool is_number(const cbor::Map& map, std::int64_t label, std::int64_t number) {
  const cbor::Value* value = cbor::find(map, label);
  const std::int64_t* read = value != nullptr ? value->get<std::int64_t>() : nullptr;
  return read != nullptr && *read == number;
}

// nullptr: not there, or not 32 bytes.
const std::string* coordinate(const cbor::Map& map, std::int64_t label) {
  const cbor::Value* value = cbor::find(map, label);
  const cbor::Bytes* bytes = value != nullptr ? value->get<cbor::Bytes>() : nullptr;
  return bytes != nullptr && bytes->bytes.size() == kCoordinate ? &bytes->bytes : nullptr;
}

Result<PublicKey> read_ec2(const cbor::Map& map) {
  const std::string* x = coordinate(map, kX);
  const std::string* y = coordinate(map, kY);
  if (map.size() != 5 || !is_number(map, kKty, kEc2) || !is_number(map, kCurve, kP256) ||
      x == nullptr || y == nullptr) {
    return fail(Code::kMalformed, "COSE key: expected exactly kty 2, alg -7, crv 1, x and y");
  }
  return PublicKey::from_jwk(json::Object{
      {"kty", "EC"}, {"crv", "P-256"}, {"x", base64url_encode(*x)}, {"y", base64url_encode(*y)}});
}

Result<PublicKey> read_okp(const cbor::Map& map) {
  const std::string* x = coordinate(map, kX);
  if (map.size() != 4 || !is_number(map, kKty, kOkp) || !is_number(map, kCurve, kEd25519) ||
      x == nullptr) {
    return fail(Code::kMalformed, "COSE key: expected exactly kty 1, alg -8, crv 6 and x");
  }
  return PublicKey::from_ed25519(*x);
}

}  // namespace

Result<PublicKey> read_key(const cbor::Map& map) {
  if (is_number(map, kAlgorithm, kEs256)) {
    return read_ec2(map);
  }
  if (is_number(map, kAlgorithm, kEdDsa)) {
    return read_okp(map);
  }
  return fail(Code::kUnsupported, "COSE key: expected alg -7 (ES256) or -8 (EdDSA)");
}

}  // namespace pawl::cose
