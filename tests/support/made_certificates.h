// Certificates for tests, made on the spot: authorities, what they sign, and what is wrong with it.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/encoding.h"

namespace pawl::testing {

// What a certificate says.
struct Wanted {
  std::string name = "a certificate";
  std::string sans{};  // "URI:spiffe://example.org/web,DNS:x"; empty: none
  bool is_ca = false;
  std::string key_usage = "critical,digitalSignature";  // empty: none
  std::string purposes{};                               // extended key usage; empty: none
  std::int64_t from_s = 1'772'000'000;
  std::int64_t until_s = 1'773'000'000;
  bool weak = false;  // signed with SHA-1
};

inline Wanted wanted_ca(const std::string& name) {
  return {.name = name, .is_ca = true, .key_usage = "critical,keyCertSign,cRLSign"};
}

class MadeCertificate {
 public:
  // `issuer` null: self-signed.
  MadeCertificate(const Wanted& wanted, const MadeCertificate* issuer)
      : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), x509_(X509_new(), X509_free) {
    static long serial = 0;
    X509* x = x509_.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(x), wanted.from_s);
    ASN1_TIME_set(X509_getm_notAfter(x), wanted.until_s);
    X509_set_pubkey(x, key_.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(wanted.name.c_str()), -1, -1,
                               0);
    X509* signer = issuer == nullptr ? x : issuer->x509_.get();
    X509_set_issuer_name(x, X509_get_subject_name(signer));
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer, x, nullptr, nullptr, 0);
    add(&context, NID_basic_constraints, wanted.is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    add(&context, NID_subject_key_identifier, "hash");
    if (issuer != nullptr) {
      add(&context, NID_authority_key_identifier, "keyid");
    }
    add(&context, NID_key_usage, wanted.key_usage);
    add(&context, NID_ext_key_usage, wanted.purposes);
    add(&context, NID_subject_alt_name, wanted.sans);
    X509_sign(x, (issuer == nullptr ? *this : *issuer).key_.get(),
              wanted.weak ? EVP_sha1() : EVP_sha256());
  }

  std::string pem() const {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, x509_.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
  }
  std::string key_pem() const {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
  }
  std::string der() const {
    unsigned char* data = nullptr;
    const int size = i2d_X509(x509_.get(), &data);
    std::string bytes(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return bytes;
  }
  // The entry of a SPIFFE bundle; `members` is more JSON, each member with a comma behind.
  std::string bundle_entry(const std::string& members = R"("kty":"EC","use":"x509-svid",)") const {
    return "{" + members + R"("x5c":[")" + base64_encode(der()) + R"("]})";
  }

 private:
  void add(X509V3_CTX* context, int nid, const std::string& value) {
    if (!value.empty()) {
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, context, nid, value.c_str());
      X509_add_ext(x509_.get(), extension, -1);
      X509_EXTENSION_free(extension);
    }
  }

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> x509_;
};

}  // namespace pawl::testing
