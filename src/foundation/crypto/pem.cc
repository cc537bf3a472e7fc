#include "foundation/crypto/pem.h"

#include <openssl/pem.h>

#include "base/assert.h"

namespace pawl::openssl {
namespace {

constexpr std::size_t kMaxPem = 64 * 1024;

// Without it OpenSSL would ask on the terminal.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

Bio reader_of(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  PAWL_CHECK(size > 0, "PEM text is never empty");
  return std::string(text, static_cast<std::size_t>(size));
}

bool has_label(std::string_view pem, std::string_view label) {
  return pem.find("-----BEGIN " + std::string(label) + "-----") != std::string_view::npos;
}

}  // namespace

Result<Pkey> public_key_from_pem(std::string_view pem) {
  const char* expected =
      "not a public key in PEM: expected PUBLIC KEY (SubjectPublicKeyInfo) or CERTIFICATE";
  if (pem.empty() || pem.size() > kMaxPem) {
    return fail(Code::kMalformed, expected);
  }
  const Bio bio = reader_of(pem);
  if (!check_not_null(bio)) {
    return openssl_fail(Code::kInternal, "cannot read PEM");
  }
  Pkey pkey;
  if (has_label(pem, "CERTIFICATE")) {
    const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, no_pass_phrase, nullptr));
    if (check_not_null(certificate)) {
      pkey.reset(X509_get_pubkey(certificate.get()));
    }
  } else if (has_label(pem, "PUBLIC KEY")) {
    pkey.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr));
  }
  if (!check_not_null(pkey)) {
    return openssl_fail(Code::kMalformed, expected);
  }
  return pkey;
}

Result<Pkey> private_key_from_pem(std::string_view pem) {
  if (pem.size() > kMaxPem || !has_label(pem, "PRIVATE KEY")) {
    return fail(Code::kMalformed,
                "not a private key in PEM: expected an unencrypted PRIVATE KEY (PKCS #8); "
                "`openssl pkcs8 -topk8 -nocrypt` converts other forms");
  }
  const Bio bio = reader_of(pem);
  if (!check_not_null(bio)) {
    return openssl_fail(Code::kInternal, "cannot read PEM");
  }
  Pkey pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  if (!check_not_null(pkey)) {
    return openssl_fail(Code::kMalformed, "a damaged private key: the PEM text does not decode");
  }
  return pkey;
}

std::string public_key_to_pem(EVP_PKEY* pkey) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PAWL_CHECK(check_not_null(bio), "out of memory");
  PAWL_CHECK(check_one(PEM_write_bio_PUBKEY(bio.get(), pkey)), "a held key can be written");
  return text_of(bio.get());
}

std::string private_key_to_pem(EVP_PKEY* pkey) {
  const Bio bio(BIO_new(BIO_s_secmem()));  // cleared when freed
  PAWL_CHECK(check_not_null(bio), "out of memory");
  PAWL_CHECK(check_one(PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey, nullptr, nullptr, 0, nullptr,
                                                     nullptr)),
             "a held key can be written");
  return text_of(bio.get());
}

}  // namespace pawl::openssl
