#include "infrastructure/identity/content_digest.h"

#include "foundation/crypto/sha256.h"
#include "foundation/crypto/sha512.h"
#include "infrastructure/identity/structured_field.h"

namespace pawl::identity {

Judged<void> check_content_digest(const http::Headers& headers, std::string_view body) {
  const auto wrong = [](const char* what) { return refuse(Refusal::kProofDigest, what); };
  if (headers.count(kFieldContentDigest) != 1) {
    return wrong("expected one Content-Digest, because there is content");
  }
  const auto digests = parse_sf_dictionary(*headers.get(kFieldContentDigest));
  if (!digests) {
    return wrong("expected Content-Digest with sha-256=:...: or sha-512=:...:");
  }
  bool known = false;
  for (const SfMember& member : *digests) {
    if (member.key != "sha-256" && member.key != "sha-512") {
      continue;
    }
    const auto* said = member.is_list ? nullptr : std::get_if<SfBytes>(&member.items[0].value);
    const std::string right =
        member.key == "sha-256" ? std::string(view(sha256(body))) : sha512(body);
    if (said == nullptr || !equal_constant_time(said->bytes, right)) {
      return wrong("expected the digest of the content that arrived");
    }
    known = true;
  }
  if (!known) {
    return wrong("expected a Content-Digest by sha-256 or sha-512");
  }
  return {};
}

}  // namespace pawl::identity
