#include "operators/sign_in/standing.h"

#include <algorithm>

#include "foundation/crypto/sha256.h"

namespace pawl::sign_in {

Standing standing_of(const Account& account) {
  Standing out;
  out.password = digest_text(sha256(account.password_hash));
  out.code = account.totp ? digest_text(sha256(account.totp->secret)) : "";
  for (const Passkey& passkey : account.passkeys) {
    out.passkeys[passkey.credential] = passkey.rp_id + " " + passkey.key.thumbprint();
  }
  return out;
}

bool goes_on(const std::vector<Grant>& grants, const Standing& before, const Account* now) {
  if (now == nullptr) {
    return false;
  }
  const Standing after = standing_of(*now);
  const auto holds = [now](const Grant& grant) {
    return may(now->grants, grant.role, grant.scope);
  };
  const auto is_known = [&after](const auto& passkey) {
    const auto at = after.passkeys.find(passkey.first);
    return at != after.passkeys.end() && at->second == passkey.second;
  };
  return after.password == before.password && (before.code.empty() || after.code == before.code) &&
         std::all_of(before.passkeys.begin(), before.passkeys.end(), is_known) &&
         std::all_of(grants.begin(), grants.end(), holds);
}

std::vector<std::string> differences(const Account& before, const Account& now) {
  const Standing was = standing_of(before), is = standing_of(now);
  std::vector<std::string> out;
  const auto note = [&out](bool differs, const char* what) {
    if (differs) {
      out.emplace_back(what);
    }
  };
  note(was.code != is.code, "code");
  note(before.grants != now.grants, "grants");
  note(was.passkeys != is.passkeys, "passkeys");
  note(was.password != is.password, "password");
  return out;
}

}  // namespace pawl::sign_in
