#include "base/encoding.h"
#include "foundation/crypto/sha256.h"
#include "foundation/sd_jwt/sd_jwt.h"
#include "foundation/sd_jwt/sd_jwt_refusal.h"

namespace pawl::sd_jwt {
namespace {

constexpr json::Limits kLimits{
    .max_bytes = kMaxDisclosureBytes, .max_depth = kMaxDepth + 1, .max_members = 4096};
constexpr std::size_t kSaltAndValue = 2, kSaltNameAndValue = 3;

Result<Disclosure> read_disclosure(std::string_view encoded) {
  if (encoded.size() > kMaxDisclosureBytes) {
    return refuse("too_large", "a disclosure has at most 32 KiB");
  }
  const Result<std::string> text = base64url_decode(encoded);
  const Result<json::Parsed> parsed =
      text ? json::parse(*text, kLimits) : Result<json::Parsed>(fail(text.error()));
  if (!parsed) {
    return refuse("bad_disclosure", parsed.error().message);
  }
  const json::Array* parts = parsed->value.if_array();
  const std::size_t size = parts == nullptr ? 0 : parts->size();
  if (size != kSaltAndValue && size != kSaltNameAndValue) {
    return refuse("bad_disclosure", "expected an array of two or three elements");
  }
  const bool has_name = size == kSaltNameAndValue;
  if (!(*parts)[0].is_string() || (has_name && !(*parts)[1].is_string())) {
    return refuse("bad_disclosure", "the salt and the name must be strings");
  }
  Disclosure out;
  out.encoded = encoded;
  out.digest = digest_text(sha256(encoded));
  out.salt = (*parts)[0].get_string();
  if (has_name) {
    out.name = std::string((*parts)[1].get_string());
  }
  out.value = json::Value(parts->back(), {});
  return out;
}

}  // namespace

bool looks_like_sd_jwt(std::string_view text) {
  return text.find('~') != std::string_view::npos;
}

Result<SdJwt> parse(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return refuse("too_large", "an SD-JWT has at most 256 KiB");
  }
  const std::size_t first = text.find('~');
  const std::size_t last = text.rfind('~');
  if (first == std::string_view::npos) {
    return refuse("malformed", "expected the issuer's JWT and '~' behind it");
  }
  Result<jose::Jws> jws = jose::decode(std::string(text.substr(0, first)), kMaxBytes);
  if (!jws) {
    return refuse("malformed", jws.error().message);
  }
  SdJwt out;
  out.jws = *std::move(jws);
  out.presented = text.substr(0, last + 1);
  out.key_binding = text.substr(last + 1);
  for (std::size_t at = first + 1; at < last + 1;) {
    const std::size_t end = text.find('~', at);
    if (out.disclosures.size() == kMaxDisclosures) {
      return refuse("too_many_disclosures", "an SD-JWT has at most 512 disclosures");
    }
    Result<Disclosure> one = read_disclosure(text.substr(at, end - at));
    if (!one) {
      return fail(one.error());
    }
    out.disclosures.push_back(*std::move(one));
    at = end + 1;
  }
  return out;
}

}  // namespace pawl::sd_jwt
