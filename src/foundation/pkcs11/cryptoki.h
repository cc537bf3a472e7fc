// What PKCS #11's functions answer, and the owner of a parsed URI.
//
// Threading:  pure functions.
// Rules:      a function of a module worked when it answered CKR_OK, and in no other case; whatever
//             else it says supplies a message.
// Internal to src/foundation/pkcs11.
#pragma once

#include <memory>
#include <string>

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "base/result.h"
#include "foundation/pkcs11/pkcs11_uri.h"

namespace pawl {

namespace pkcs11 {

[[nodiscard]] inline bool check_ok(CK_RV answer) {
  return answer == CKR_OK;
}
inline std::string reason(CK_RV answer) {
  const char* text = p11_kit_strerror(answer);
  return text == nullptr ? "no reason" : text;
}

struct FreeUri {
  void operator()(P11KitUri* uri) const { p11_kit_uri_free(uri); }
};

}  // namespace pkcs11

struct Pkcs11Uri::Impl {
  std::unique_ptr<P11KitUri, pkcs11::FreeUri> uri;
  std::string shown, module_path, pin_source;
};

}  // namespace pawl
