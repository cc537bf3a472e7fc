#include "foundation/ect/chain_key.h"

#include <array>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "foundation/crypto/algorithm.h"
#include "foundation/jose/token_refusal.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

using jose::refuse;

constexpr std::string_view kMember = "x5c";
constexpr std::string_view kThumbprint = "x5t#S256";
// Each would name a key, too.
constexpr std::array<std::string_view, 3> kOtherKeys = {"jwk", "jku", "x5u"};

Result<std::vector<std::string>> der_of(const json::Value& member) {
  const json::Array* list = member.if_array();
  if (list == nullptr || list->empty() || list->size() > kMaxChainLength) {
    return refuse("bad_x5c: expected an array of 1 to " + std::to_string(kMaxChainLength) +
                  " certificates, the signer's own first");
  }
  std::vector<std::string> out;
  for (const json::Value& one : *list) {
    Result<std::string> der =
        one.is_string() ? base64_decode(one.get_string()) : fail(Code::kMalformed, "not a text");
    if (!der) {
      return refuse("bad_x5c", der.error());
    }
    out.push_back(*std::move(der));
  }
  return out;
}

Status check_leaf(const CertificateChain& chain) {
  if (chain.uris().size() != 1) {
    return refuse("bad_certificate: expected exactly one URI name in the signer's certificate");
  }
  if (chain.is_authority()) {
    return refuse("bad_certificate: the signer's certificate is that of an authority");
  }
  if (!chain.may_sign()) {
    return refuse("bad_certificate: the certificate's key is not for signatures");
  }
  return {};
}

// What else the header says of the key.
Status check_names(const jose::Jws& jws, const ChainKey& key) {
  for (const std::string_view other : kOtherKeys) {
    if (jws.header.contains(other)) {
      return refuse("bad_x5c: the header has " + std::string(other) + ", too");
    }
  }
  const std::string certificate = key.chain.thumbprint();
  const json::Value* said = jws.header.if_contains(kThumbprint);
  if (said != nullptr && (!said->is_string() || said->get_string() != certificate)) {
    return refuse("bad_x5c: x5t#S256 is of another certificate");
  }
  if (!jws.kid.empty() && jws.kid != key.key.thumbprint() && jws.kid != certificate) {
    return refuse("bad_x5c: kid is neither the thumbprint of the key nor of the certificate");
  }
  const std::optional<Algorithm> algorithm = parse_algorithm(jws.alg);
  if (!algorithm || key_kind_of(*algorithm) != key.key.kind()) {
    return refuse("bad_alg: the algorithm is none of the certificate's key");
  }
  return {};
}

}  // namespace

bool brings_chain(const jose::Jws& jws) {
  return jws.header.contains(kMember);
}

bool brings_chain(const std::string& compact) {
  const Result<jose::Jws> jws = jose::decode(compact);
  return jws && brings_chain(*jws);
}

Result<ChainKey> read_chain_key(const jose::Jws& jws) {
  const json::Value* member = jws.header.if_contains(kMember);
  const Result<std::vector<std::string>> der =
      member != nullptr ? der_of(*member) : refuse("bad_x5c: there is none");
  if (!der) {
    return fail(der.error());
  }
  Result<CertificateChain> chain = CertificateChain::of_der(*der);
  if (!chain) {
    return refuse("bad_x5c", chain.error());
  }
  if (Status leaf = check_leaf(*chain); !leaf) {
    return fail(leaf.error());
  }
  Result<PublicKey> key = chain->key();
  if (!key) {
    return refuse(kReasonLeaf, key.error());
  }
  std::string subject = chain->uris().front();
  ChainKey out{*std::move(chain), *std::move(key), std::move(subject)};
  if (Status fits = check_names(jws, out); !fits) {
    return fail(fits.error());
  }
  return out;
}

Result<VouchedKey> vouched_key(const jose::Jws& jws, std::string_view iss,
                               const ChainVoucher& vouch, std::int64_t now_s) {
  Result<ChainKey> brought = read_chain_key(jws);
  if (!brought) {
    return fail(brought.error());
  }
  if (iss != brought->subject) {
    return refuse("wrong_issuer: iss is not the name in the signer's certificate");
  }
  if (!vouch) {
    return refuse("unknown_key: no trust domain is known here whose certificates count");
  }
  tl::expected<Validity, ChainRefusal> good = vouch(*brought, now_s);
  const json::Value* iat = json::find(jws.payload, {names::kClaimIat});
  if (!good && good.error().reason == kReasonChainTime && iat != nullptr && iat->is_int64()) {
    good = vouch(*brought, iat->get_int64());
  }
  if (!good) {
    return refuse(std::string(good.error().reason) + ": " + good.error().text);
  }
  return VouchedKey{std::move(brought->key), {brought->chain.thumbprint(), *good}};
}

}  // namespace pawl::ect
