#include "base/json_text.h"
#include "foundation/ect/ect.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

constexpr std::size_t kUsualBytes = 1024;  // without the extension object

std::string print_with(const Claims& claims, std::string_view ext_text) {
  json::ObjectText out(ext_text.size() + kUsualBytes);
  out.text(names::kClaimIss, claims.iss);
  out.list(names::kClaimAud, claims.aud, json::append_quoted);
  out.number(names::kClaimIat, claims.iat);
  out.number(names::kClaimExp, claims.exp);
  out.id(names::kClaimJti, claims.jti);
  if (claims.wid) {
    out.id(names::kClaimWid, *claims.wid);
  }
  out.text(names::kClaimExecAct, claims.exec_act);
  out.list(names::kClaimPred, claims.pred, json::append_id);
  if (!claims.inp_hash.empty()) {
    out.text(names::kClaimInpHash, claims.inp_hash);
  }
  if (!claims.out_hash.empty()) {
    out.text(names::kClaimOutHash, claims.out_hash);
  }
  if (!ext_text.empty()) {
    out.raw(names::kClaimEctExt, ext_text);
  }
  return out.take();
}

std::string print_ext(const Claims& claims) {
  return claims.ext.empty() ? std::string() : json::print(claims.ext);
}

}  // namespace

std::string print(const Claims& claims) {
  return print_with(claims, print_ext(claims));
}

Issuer::Issuer(const SigningKey& key, std::string_view kid)
    : key_(key),
      header_(kid.empty() ? std::string() : jose::encoded_header(key, names::kTypEct01, kid)) {}

Result<std::string> Issuer::issue(const Claims& claims) const {
  return issue(claims, print_ext(claims));
}

Result<std::string> Issuer::issue(const Claims& claims, std::string_view ext_text) const {
  if (header_.empty()) {
    return fail(Code::kTokenInvalid, "missing_kid: a token names the key that signs it");
  }
  if (const Status fits = check_claims(claims, ext_text); !fits) {
    return fail(fits.error());
  }
  return jose::sign_under(header_, key_, print_with(claims, ext_text));
}

Result<std::string> issue(const SigningKey& key, std::string_view kid, const Claims& claims) {
  return Issuer(key, kid).issue(claims);
}

}  // namespace pawl::ect
