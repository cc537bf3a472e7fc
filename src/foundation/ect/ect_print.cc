#include "base/json_depth.h"
#include "base/json_text.h"
#include "foundation/ect/ect.h"
#include "foundation/ect/ect_issue.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

constexpr std::size_t kUsualBytes = 1024;  // without the extension object

std::string_view type_of(Dialect dialect) {
  return dialect == Dialect::kEct00 ? names::kTypEct00 : names::kTypEct01;
}

std::string print_with(const Claims& claims, std::string_view ext_text, Dialect dialect) {
  const bool is_old = dialect == Dialect::kEct00;
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
  out.list(is_old ? names::kClaimPar : names::kClaimPred, claims.pred, json::append_id);
  if (!claims.inp_hash.empty()) {
    out.text(names::kClaimInpHash, claims.inp_hash);
  }
  if (!claims.out_hash.empty()) {
    out.text(names::kClaimOutHash, claims.out_hash);
  }
  if (!ext_text.empty()) {
    out.raw(is_old ? names::kClaimExt : names::kClaimEctExt, ext_text);
  }
  return out.take();
}

std::string print_ext(const Claims& claims) {
  return claims.ext.empty() ? std::string() : json::print(claims.ext);
}

Result<std::string> issue_under(const std::string& header, const SigningKey& key,
                                const Claims& claims, std::string_view ext_text, Dialect dialect) {
  if (header.empty()) {
    return fail(Code::kTokenInvalid, "missing_kid: a token names the key that signs it");
  }
  if (const Status fits = check_claims(claims, ext_text); !fits) {
    return fail(fits.error());
  }
  if (json::nests_deeper_than(ext_text, kMaxExtDepth)) {
    return fail(Code::kTokenInvalid, "ext_too_deep: the extension object may nest 5 levels");
  }
  return jose::sign_under(header, key, print_with(claims, ext_text, dialect));
}

}  // namespace

std::string print(const Claims& claims) {
  return print_with(claims, print_ext(claims), Dialect::kEct01);
}

Issuer::Issuer(const SigningKey& key, std::string_view kid)
    : key_(key),
      header_(kid.empty() ? std::string() : jose::encoded_header(key, names::kTypEct01, kid)) {}

Result<std::string> Issuer::issue(const Claims& claims) const {
  return issue(claims, print_ext(claims));
}

Result<std::string> Issuer::issue(const Claims& claims, std::string_view ext_text) const {
  return issue_under(header_, key_, claims, ext_text, Dialect::kEct01);
}

DialectIssuer::DialectIssuer(const SigningKey& key, std::string_view kid, Dialect dialect)
    : key_(key),
      dialect_(dialect),
      header_(kid.empty() ? std::string() : jose::encoded_header(key, type_of(dialect), kid)) {}

Result<std::string> DialectIssuer::issue(const Claims& claims, std::string_view ext_text) const {
  return issue_under(header_, key_, claims, ext_text, dialect_);
}

Result<std::string> issue(const SigningKey& key, std::string_view kid, const Claims& claims) {
  return Issuer(key, kid).issue(claims);
}

}  // namespace pawl::ect
