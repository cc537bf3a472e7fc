#include "base/json_text.h"
#include "foundation/ect/ect.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

template <class List, class Print>
std::string array_of(const List& list, Print print_one) {
  std::string out = "[";
  for (const auto& element : list) {
    if (out.size() > 1) {
      out += ',';
    }
    out += print_one(element);
  }
  return out + "]";
}

std::string print_with(const Claims& claims, std::string_view ext_text) {
  const auto quoted_id = [](const Uuid& id) { return json::quote(id.text()); };
  const auto quoted = [](const std::string& text) { return json::quote(text); };
  json::ObjectText out(ext_text.size() + 1024);
  out.text(names::kClaimIss, claims.iss);
  out.raw(names::kClaimAud, array_of(claims.aud, quoted));
  out.raw(names::kClaimIat, std::to_string(claims.iat));
  out.raw(names::kClaimExp, std::to_string(claims.exp));
  out.text(names::kClaimJti, claims.jti.text());
  if (claims.wid) {
    out.text(names::kClaimWid, claims.wid->text());
  }
  out.text(names::kClaimExecAct, claims.exec_act);
  out.raw(names::kClaimPred, array_of(claims.pred, quoted_id));
  if (!claims.inp_hash.empty()) {
    out.text(names::kClaimInpHash, claims.inp_hash);
  }
  if (!claims.out_hash.empty()) {
    out.text(names::kClaimOutHash, claims.out_hash);
  }
  if (!claims.ext.empty()) {
    out.raw(names::kClaimEctExt, ext_text);
  }
  return out.take();
}

}  // namespace

std::string print(const Claims& claims) {
  return print_with(claims, json::print(claims.ext));
}

Result<std::string> issue(const SigningKey& key, std::string_view kid, const Claims& claims) {
  return issue(key, kid, claims, json::print(claims.ext));
}

Result<std::string> issue(const SigningKey& key, std::string_view kid, const Claims& claims,
                          std::string_view ext_text) {
  if (kid.empty()) {
    return fail(Code::kTokenInvalid, "missing_kid: a token names the key that signs it");
  }
  if (const Status fits = check_claims(claims, ext_text); !fits) {
    return fail(fits.error());
  }
  return jose::sign(key, names::kTypEct01, kid, print_with(claims, ext_text));
}

}  // namespace pawl::ect
