// Owners for the handles of OpenSSL 3, and what it says of a signature or of its last failure.
//
// Purpose:    with base/openssl_result.h all that this folder needs to call it.
// Threading:  pure functions; the error queue is per thread.
// Ownership:  an owner frees its handle; a null owner is a failed call.
// Rules:      the return value alone decides. The error queue only supplies a message and is
//             emptied where the failure is handled: openssl_fail() or forget_errors().
// Internal to src/foundation/crypto.
#pragma once

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "base/openssl_result.h"
#include "base/result.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::openssl {

// 1 = valid, 0 = not valid, anything else = the library could not decide.
[[nodiscard]] inline Verdict3 check_verify(int result) {
  return result == 1   ? Verdict3::kValid
         : result == 0 ? Verdict3::kInvalid
                       : Verdict3::kCannotDecide;
}

// Empties this thread's error queue and puts its first reason behind `what`.
inline tl::unexpected<Error> openssl_fail(Code code, std::string what) {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return fail(code, reason == nullptr ? std::move(what) : std::move(what) + " (" + reason + ")");
}
inline void forget_errors() {
  ERR_clear_error();
}

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
inline void free_octets(unsigned char* octets) {
  OPENSSL_free(octets);
}

using Pkey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using MdContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using Octets = std::unique_ptr<unsigned char, Deleter<free_octets>>;

inline const unsigned char* octets_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* octets_of(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace pawl::openssl
