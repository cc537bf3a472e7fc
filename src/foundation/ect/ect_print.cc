#include "foundation/ect/ect.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

// Adds `"name":raw`, after a comma when it is not the first member.
void add_raw(std::string& out, std::string_view name, std::string_view raw) {
  if (out.size() > 1) {
    out += ',';
  }
  out.append("\"").append(name).append("\":").append(raw);
}

void add_text(std::string& out, std::string_view name, std::string_view text) {
  add_raw(out, name, json::quote(text));
}

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

}  // namespace

std::string print(const Claims& claims) {
  const auto quoted_id = [](const Uuid& id) { return json::quote(id.text()); };
  const auto quoted = [](const std::string& text) { return json::quote(text); };
  std::string out = "{";
  add_text(out, names::kClaimIss, claims.iss);
  add_raw(out, names::kClaimAud, array_of(claims.aud, quoted));
  add_raw(out, names::kClaimIat, std::to_string(claims.iat));
  add_raw(out, names::kClaimExp, std::to_string(claims.exp));
  add_text(out, names::kClaimJti, claims.jti.text());
  if (claims.wid) {
    add_text(out, names::kClaimWid, claims.wid->text());
  }
  add_text(out, names::kClaimExecAct, claims.exec_act);
  add_raw(out, names::kClaimPred, array_of(claims.pred, quoted_id));
  if (!claims.inp_hash.empty()) {
    add_text(out, names::kClaimInpHash, claims.inp_hash);
  }
  if (!claims.out_hash.empty()) {
    add_text(out, names::kClaimOutHash, claims.out_hash);
  }
  if (!claims.ext.empty()) {
    add_raw(out, names::kClaimEctExt, json::print(json::Value(claims.ext)));
  }
  return out + "}";
}

Result<std::string> issue(const SigningKey& key, std::string_view kid, const Claims& claims) {
  if (kid.empty()) {
    return fail(Code::kTokenInvalid, "missing_kid: a token names the key that signs it");
  }
  if (const Status fits = check_claims(claims); !fits) {
    return fail(fits.error());
  }
  return jose::sign(key, names::kTypEct01, kid, print(claims));
}

}  // namespace pawl::ect
