#include "operators/sign_in/authenticator_data.h"

#include "foundation/crypto/sha256.h"
#include "path/plugged.h"

namespace pawl::sign_in {
namespace {

constexpr std::size_t kHash = 32, kFixed = 37, kAaguid = 16;
constexpr std::uint8_t kPresent = 0x01, kRecognized = 0x04, kMayBackUp = 0x08, kBackedUp = 0x10,
                       kHasCredential = 0x40, kHasExtensions = 0x80;
constexpr cbor::Limits kLimits{
    .form = cbor::Form::kAny, .max_bytes = kMaxAuthenticatorData, .max_depth = 8, .max_items = 256};

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kTokenInvalid, "passkey: authenticator data: " + std::string(why));
}

std::size_t number(std::string_view big_endian) {
  std::size_t out = 0;
  for (const char byte : big_endian) {
    out = (out << 8) | static_cast<unsigned char>(byte);
  }
  return out;
}

// Takes a map from the front.
Result<cbor::Map> take_map(std::string_view& rest) {
  Result<cbor::First> first = cbor::read_first(rest, kLimits);
  if (!first) {
    return refuse(first.error().message);
  }
  cbor::Map* map = std::get_if<cbor::Map>(&first->item.value.data);
  if (map == nullptr || !first->item.tags.empty()) {
    return refuse("expected a map");
  }
  rest.remove_prefix(first->size);
  return std::move(*map);
}

Result<NewCredential> take_credential(std::string_view& rest) {
  if (rest.size() < kAaguid + 2) {
    return refuse("cut off");
  }
  const std::size_t size = number(rest.substr(kAaguid, 2));
  rest.remove_prefix(kAaguid + 2);
  if (size == 0 || size > kMaxCredentialId || size > rest.size()) {
    return refuse("the credential's id is cut off, empty or longer than 1023 bytes");
  }
  NewCredential out;
  out.id = rest.substr(0, size);
  rest.remove_prefix(size);
  Result<cbor::Map> key = take_map(rest);
  if (!key) {
    return fail(key.error());
  }
  out.key = *std::move(key);
  return out;
}

}  // namespace

Result<AuthenticatorData> read_authenticator_data(std::string_view bytes) {
  if (bytes.size() < kFixed || bytes.size() > kMaxAuthenticatorData) {
    return refuse("expected 37 to 4096 bytes");
  }
  AuthenticatorData out;
  out.rp_id_hash = bytes.substr(0, kHash);
  out.flags = static_cast<std::uint8_t>(bytes[kHash]);
  out.counter = static_cast<std::uint32_t>(number(bytes.substr(kHash + 1, 4)));
  std::string_view rest = bytes.substr(kFixed);
  if ((out.flags & kHasCredential) != 0) {
    Result<NewCredential> credential = take_credential(rest);
    if (!credential) {
      return fail(credential.error());
    }
    out.credential = *std::move(credential);
  }
  if ((out.flags & kHasExtensions) != 0) {
    if (const Result<cbor::Map> extensions = take_map(rest); !extensions) {
      return fail(extensions.error());
    }
  }
  if (!rest.empty()) {
    return refuse("bytes left over");
  }
  return out;
}

Status check_presence(const AuthenticatorData& data, const RelyingParty& party) {
  if (data.rp_id_hash != view(sha256(party.id))) {
    return refuse("made for another relying party");
  }
  if ((data.flags & kPresent) == 0) {
    return refuse("the person was not there (UP)");
  }
  if ((data.flags & kRecognized) == 0 && plugged(ControlId::kUserVerified)) {
    return refuse("the person was not recognized (UV)");
  }
  if ((data.flags & kBackedUp) != 0 && (data.flags & kMayBackUp) == 0) {
    return refuse("backed up (BS), and may not be (BE)");
  }
  return {};
}

}  // namespace pawl::sign_in
