// Throw-away certificates for tests, written as PEM into a folder of their own.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace pawl::testing {

class TlsFiles {
 public:
  TlsFiles() {
    char name[] = "/tmp/pawl_tls_XXXXXX";
    folder_ = ::mkdtemp(name);
    EVP_PKEY* ca_key = EVP_EC_gen("P-256");
    X509* ca = make("Test CA", "", ca_key, nullptr, ca_key);
    write("ca", ca, nullptr);
    issue("server", "DNS:localhost,IP:127.0.0.1", ca, ca_key);
    issue("other", "DNS:other.example", ca, ca_key);
    issue("client", "URI:spiffe://example.org/agent/a,DNS:ignored", ca, ca_key);
    EVP_PKEY* stranger_key = EVP_EC_gen("P-256");
    X509* stranger = make("Stranger CA", "", stranger_key, nullptr, stranger_key);
    write("stranger_ca", stranger, nullptr);
    issue("stranger", "URI:spiffe://example.org/agent/a", stranger, stranger_key);
    X509_free(stranger);
    EVP_PKEY_free(stranger_key);
    X509_free(ca);
    EVP_PKEY_free(ca_key);
  }
  ~TlsFiles() { std::filesystem::remove_all(folder_); }
  TlsFiles(const TlsFiles&) = delete;
  TlsFiles& operator=(const TlsFiles&) = delete;

  std::string certificate(const std::string& name) const { return folder_ + "/" + name + ".pem"; }
  std::string key(const std::string& name) const { return folder_ + "/" + name + ".key"; }

 private:
  void issue(const std::string& name, const std::string& sans, X509* ca, EVP_PKEY* ca_key) {
    EVP_PKEY* own = EVP_EC_gen("P-256");
    X509* leaf = make(name, sans, own, ca, ca_key);
    write(name, leaf, own);
    X509_free(leaf);
    EVP_PKEY_free(own);
  }
  // `issuer` null: self-signed, a CA.
  X509* make(const std::string& name, const std::string& sans, EVP_PKEY* own, X509* issuer,
             EVP_PKEY* issuer_key) {
    X509* x = X509_new();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, own);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* signer = issuer == nullptr ? x : issuer;
    X509_set_issuer_name(x, X509_get_subject_name(signer));
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer, x, nullptr, nullptr, 0);
    extend(x, &context, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (!sans.empty()) {
      extend(x, &context, NID_subject_alt_name, sans);
    }
    X509_sign(x, issuer_key, EVP_sha256());
    return x;
  }
  static void extend(X509* x, X509V3_CTX* context, int nid, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, context, nid, value.c_str());
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  }
  void write(const std::string& name, X509* x, EVP_PKEY* own) {
    std::FILE* file = std::fopen(certificate(name).c_str(), "w");
    PEM_write_X509(file, x);
    std::fclose(file);
    if (own != nullptr) {
      file = std::fopen(key(name).c_str(), "w");
      PEM_write_PrivateKey(file, own, nullptr, nullptr, 0, nullptr, nullptr);
      std::fclose(file);
    }
  }
  std::string folder_;
  long serial_ = 0;
};

}  // namespace pawl::testing
