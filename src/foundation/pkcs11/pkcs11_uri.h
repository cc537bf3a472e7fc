// The PKCS #11 URI (RFC 7512) that names a key in a token, read by p11-kit.
//
// Purpose:    which module, which token, which key, and where its PIN is:
//             pkcs11:token=T;object=O?module-path=/PATH/MODULE.so&pin-source=file:/PATH
// Threading:  immutable, cheap to copy.
// Errors:     kInvalidParams: no such URI; one that names no token, no key, no module or no place
// of
//             the PIN; one that holds a PIN, which every reader of the configuration would have.
// Privacy:    nothing of the text is in an error; shown() leaves out the query.
// Extension:  pin-source=credential:NAME (OURS) beside the RFC's file:.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace pawl {

class Pkcs11Uri {
 public:
  struct Impl;
  static bool is_one(const std::string& text);  // begins with "pkcs11:"
  static Result<Pkcs11Uri> parse(const std::string& text);

  const std::string& shown() const;
  const std::string& module_path() const;      // absolute
  const std::string& pin_source() const;       // "file:/PATH" or "credential:NAME"
  const Impl& impl() const { return *impl_; }  // for pkcs11_module.cc and token_key.cc

 private:
  explicit Pkcs11Uri(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace pawl
