#include "foundation/pkcs11/token_object.h"

#include <array>
#include <vector>

#include "base/encoding.h"
#include "base/json.h"

namespace pawl::pkcs11 {
namespace {

constexpr std::size_t kMaxAttribute = 4096;
// DER: the named curve, as an OID or, Edwards curves in some tokens, as its name.
constexpr std::string_view kP256{"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10};
constexpr std::string_view kEdwardsOid{"\x06\x03\x2b\x65\x70", 5};
constexpr std::string_view kEdwardsName{
    "\x13\x0c"
    "edwards25519",
    14};

class Search {
 public:
  Search(const Session& session, std::vector<CK_ATTRIBUTE> wanted) : session_(session) {
    begun_ = session.functions.C_FindObjectsInit(session.handle, wanted.data(),
                                                 static_cast<CK_ULONG>(wanted.size()));
  }
  ~Search() {
    if (check_ok(begun_)) {
      static_cast<void>(session_.functions.C_FindObjectsFinal(session_.handle));
    }
  }
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
  // At most two: more make no difference.
  Result<std::vector<CK_OBJECT_HANDLE>> found() {
    std::array<CK_OBJECT_HANDLE, 2> objects{};
    CK_ULONG count = 0;
    CK_RV answer = begun_;
    if (check_ok(answer)) {
      answer =
          session_.functions.C_FindObjects(session_.handle, objects.data(), objects.size(), &count);
    }
    if (!check_ok(answer) || count > objects.size()) {
      return fail(Code::kIo, "cannot search the token: " + reason(answer));
    }
    return std::vector<CK_OBJECT_HANDLE>(objects.begin(), objects.begin() + count);
  }

 private:
  const Session& session_;
  CK_RV begun_;
};

template <typename Value>
CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, Value& value) {
  return {type, &value, sizeof value};
}

// Empty: it has none, or does not tell it.
std::string bytes_at(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE wanted{type, nullptr, 0};
  if (!check_ok(session.functions.C_GetAttributeValue(session.handle, object, &wanted, 1)) ||
      wanted.ulValueLen == 0 || wanted.ulValueLen > kMaxAttribute) {
    return "";
  }
  std::string bytes(wanted.ulValueLen, '\0');
  wanted.pValue = bytes.data();
  if (!check_ok(session.functions.C_GetAttributeValue(session.handle, object, &wanted, 1)) ||
      wanted.ulValueLen > bytes.size()) {
    return "";
  }
  bytes.resize(wanted.ulValueLen);
  return bytes;
}

CK_KEY_TYPE type_of(KeyKind kind) {
  return kind == KeyKind::kP256 ? CKK_EC : CKK_EC_EDWARDS;
}

Status check_kind(const Session& session, CK_OBJECT_HANDLE object, KeyKind kind) {
  const char* expected =
      kind == KeyKind::kP256 ? "expected an EC key on P-256" : "expected an Ed25519 key";
  CK_KEY_TYPE type = 0;
  CK_ATTRIBUTE wanted = attribute(CKA_KEY_TYPE, type);
  const CK_RV answer = session.functions.C_GetAttributeValue(session.handle, object, &wanted, 1);
  if (!check_ok(answer)) {
    return fail(Code::kIo, "the token does not tell the type of the key: " + reason(answer));
  }
  const std::string curve = bytes_at(session, object, CKA_EC_PARAMS);
  const bool fits =
      kind == KeyKind::kP256 ? curve == kP256 : curve == kEdwardsOid || curve == kEdwardsName;
  return type == type_of(kind) && fits ? Status{} : Status(fail(Code::kMalformed, expected));
}

// DER OCTET STRING, as the standard has it, or the point itself, as some tokens have it.
std::string_view point_in(std::string_view value, std::size_t size) {
  return value.size() == size + 2 && value[0] == '\x04' &&
                 static_cast<unsigned char>(value[1]) == size
             ? value.substr(2)
             : value;
}

Result<PublicKey> key_of_point(std::string_view value, KeyKind kind) {
  if (kind == KeyKind::kEd25519) {
    return PublicKey::from_ed25519(point_in(value, 32));
  }
  const std::string_view point = point_in(value, 65);
  if (point.size() != 65 || point.front() != '\x04') {
    return fail(Code::kMalformed, "the token's public key is no uncompressed point on P-256");
  }
  return PublicKey::from_jwk(json::Object{{"kty", "EC"},
                                          {"crv", "P-256"},
                                          {"x", base64url_encode(point.substr(1, 32))},
                                          {"y", base64url_encode(point.substr(33, 32))}});
}

// Empty: there is no public key beside it.
std::string point_beside(const Session& session, CK_OBJECT_HANDLE key, KeyKind kind) {
  CK_OBJECT_CLASS is_public = CKO_PUBLIC_KEY;
  CK_KEY_TYPE type = type_of(kind);
  for (const CK_ATTRIBUTE_TYPE by : {CKA_ID, CKA_LABEL}) {
    std::string name = bytes_at(session, key, by);
    if (name.empty()) {
      continue;
    }
    Search search(session, {attribute(CKA_CLASS, is_public),
                            attribute(CKA_KEY_TYPE, type),
                            {by, name.data(), static_cast<CK_ULONG>(name.size())}});
    const auto found = search.found();
    return found && found->size() == 1 ? bytes_at(session, found->front(), CKA_EC_POINT) : "";
  }
  return "";
}

}  // namespace

Result<CK_OBJECT_HANDLE> find_private_key(const Session& session, const Pkcs11Uri& uri,
                                          KeyKind kind) {
  CK_OBJECT_CLASS is_private = CKO_PRIVATE_KEY;
  std::vector<CK_ATTRIBUTE> wanted{attribute(CKA_CLASS, is_private)};
  for (const CK_ATTRIBUTE_TYPE type : {CKA_ID, CKA_LABEL}) {
    if (CK_ATTRIBUTE* named = p11_kit_uri_get_attribute(uri.impl().uri.get(), type)) {
      wanted.push_back(*named);
    }
  }
  Search search(session, std::move(wanted));
  const Result<std::vector<CK_OBJECT_HANDLE>> found = search.found();
  if (!found) {
    return fail(found.error());
  }
  if (found->empty()) {
    return fail(Code::kNotFound, "the token has no such private key");
  }
  if (found->size() > 1) {
    return fail(Code::kConflict, "two private keys of the token fit; expected id= in the URI");
  }
  const Status fits = check_kind(session, found->front(), kind);
  return fits ? Result<CK_OBJECT_HANDLE>(found->front()) : fail(fits.error());
}

Result<PublicKey> public_part_of(const Session& session, CK_OBJECT_HANDLE key, KeyKind kind) {
  std::string point = bytes_at(session, key, CKA_EC_POINT);
  if (point.empty()) {
    point = point_beside(session, key, kind);
  }
  return point.empty() ? fail(Code::kNotFound, "the token has no public key beside the private one")
                       : key_of_point(point, kind);
}

}  // namespace pawl::pkcs11
