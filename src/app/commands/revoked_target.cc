#include "app/commands/revoked_target.h"

#include "base/encoding.h"
#include "foundation/crypto/signing_key.h"
#include "infrastructure/identity/authenticator.h"
#include "infrastructure/identity/http_credentials.h"
#include "operators/override/revocation.h"
#include "path/proof_names.h"

namespace pawl {
namespace {

constexpr std::string_view kKeyFile = "key-file:", kCertificate = "certificate:";
constexpr std::size_t kMaxFileBytes = 64 * 1024;
constexpr std::size_t kThumbprintChars = 43;

std::string_view without_line_ends(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  return text;
}

Result<std::string> key_of(const std::string& text, const std::string& path) {
  if (text.find("-----BEGIN") != std::string::npos) {
    const Result<SigningKey> pair = SigningKey::from_pem(text);
    const Result<PublicKey> key = pair ? pair->public_key() : PublicKey::from_pem(text);
    return key ? Result<std::string>(key_name(key->thumbprint())) : fail_at(path, key.error());
  }
  if (text.find('{') != std::string::npos) {
    const Result<json::Parsed> jwk = json::parse(text);
    const Result<PublicKey> key = jwk ? PublicKey::from_jwk(jwk->value) : fail(jwk.error());
    return key ? Result<std::string>(key_name(key->thumbprint())) : fail_at(path, key.error());
  }
  const Result<Digest> digest = identity::key_digest(without_line_ends(text));
  return digest ? Result<std::string>(key_name(digest_text(*digest)))
                : fail_at(path, digest.error());
}

}  // namespace

Result<std::string> revoked_target(Context& context, const std::string& what) {
  const bool is_certificate = what.starts_with(kCertificate);
  const std::string path = what.starts_with(kKeyFile) ? what.substr(kKeyFile.size())
                           : is_certificate           ? what.substr(kCertificate.size())
                                                      : "";
  if (path.empty() ||
      (is_certificate && path.size() == kThumbprintChars && !context.files.exists(path))) {
    return override_::parse_target(what);
  }
  const Result<std::string> text = read_file(context.files, path, kMaxFileBytes);
  if (!text) {
    return fail(text.error());
  }
  if (!is_certificate) {
    return key_of(*text, path);
  }
  const std::string thumbprint = identity::certificate_thumbprint(*text);
  return thumbprint.empty() ? fail(Code::kMalformed, path + ": expected a certificate in PEM")
                            : Result<std::string>(certificate_name(thumbprint));
}

}  // namespace pawl
