#include "foundation/crypto/certificate_chain.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <optional>
#include <utility>

#include "foundation/crypto/key_handle.h"
#include "foundation/crypto/openssl_check.h"
#include "foundation/crypto/sha256.h"

namespace pawl {

using namespace openssl;

namespace {

using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;
void free_stack(STACK_OF(X509) * stack) {
  sk_X509_free(stack);  // borrowed: it frees no certificate
}

using Stack = std::unique_ptr<STACK_OF(X509), Deleter<free_stack>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;

constexpr int kMaxDepth = 8;
constexpr int kSecurityLevel = 2;  // 112 bits
constexpr int kIsCa = 1;           // of X509_check_ca: by its basic constraints

int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

std::string der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  std::string der(static_cast<std::size_t>(std::max(size, 0)), '\0');
  unsigned char* at = octets_of(der);
  return !der.empty() && i2d_X509(certificate, &at) == size ? der : std::string();
}

Certificate from_der(std::string_view der) {
  const unsigned char* at = octets_of(der);
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  forget_errors();
  const bool is_whole = check_not_null(certificate) && at == octets_of(der) + der.size();
  return is_whole ? std::move(certificate) : nullptr;
}

std::vector<std::string> uris_of(const X509* certificate) {
  std::vector<std::string> uris;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; check_not_null(names) && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) {
      const ASN1_STRING* uri = name->d.uniformResourceIdentifier;
      uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                        static_cast<std::size_t>(ASN1_STRING_length(uri)));
    }
  }
  forget_errors();
  return uris;
}

// What its key may do; all, where nothing is said.
bool may(X509* certificate, std::uint32_t usage) {
  return (X509_get_key_usage(certificate) & usage) != 0;
}

bool tells_usage(X509* certificate) {
  return X509_get_key_usage(certificate) != std::numeric_limits<std::uint32_t>::max();
}

std::optional<std::int64_t> seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  return check_one(ASN1_TIME_to_tm(time, &parts)) ? std::optional<std::int64_t>(timegm(&parts))
                                                  : std::nullopt;
}

// Of a path that was verified.
std::optional<Validity> validity_of(const STACK_OF(X509) * path) {
  Validity out{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  for (int i = 0; i < sk_X509_num(path); ++i) {
    const X509* one = sk_X509_value(path, i);
    const std::optional<std::int64_t> from = seconds_of(X509_get0_notBefore(one));
    const std::optional<std::int64_t> until = seconds_of(X509_get0_notAfter(one));
    if (!from || !until) {
      return std::nullopt;
    }
    out = {std::max(out.from_s, *from), std::min(out.until_s, *until)};
  }
  return out;
}

ChainFault fault_of(int error) {
  const bool is_time =
      error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
  return {is_time, X509_verify_cert_error_string(error)};
}

}  // namespace

struct CertificateChain::Impl {
  std::vector<Certificate> certificates;  // the leaf first
  std::vector<std::string> uris;
  bool is_authority = false;
  bool may_sign = false;
};

struct CaSet::Store {
  std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>> store{X509_STORE_new()};
};

namespace {

Result<std::shared_ptr<const CertificateChain::Impl>> chain_of(std::vector<Certificate> list) {
  if (list.empty() || list.size() > kMaxChainCertificates) {
    return fail(Code::kMalformed, "expected 1 to " + std::to_string(kMaxChainCertificates) +
                                      " certificates, the client's own first");
  }
  auto out = std::make_shared<CertificateChain::Impl>();
  out->certificates = std::move(list);
  X509* leaf = out->certificates.front().get();
  out->uris = uris_of(leaf);
  out->is_authority =
      X509_check_ca(leaf) != 0 || (X509_get_extension_flags(leaf) & EXFLAG_CA) != 0 ||
      (tells_usage(leaf) && may(leaf, X509v3_KU_KEY_CERT_SIGN | X509v3_KU_CRL_SIGN));
  out->may_sign = tells_usage(leaf) && may(leaf, X509v3_KU_DIGITAL_SIGNATURE);
  return std::shared_ptr<const CertificateChain::Impl>(std::move(out));
}

}  // namespace

Result<CertificateChain> CertificateChain::parse(std::string_view pem) {
  std::vector<Certificate> list;
  if (pem.size() <= kMaxChainBytes) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    while (check_not_null(bio) && list.size() <= kMaxChainCertificates) {
      Certificate one(PEM_read_bio_X509(bio.get(), nullptr, no_pass_phrase, nullptr));
      if (!check_not_null(one)) {
        break;
      }
      list.push_back(std::move(one));
    }
    forget_errors();
  }
  return chain_of(std::move(list)).map([](auto impl) { return CertificateChain(std::move(impl)); });
}

Result<CertificateChain> CertificateChain::of_der(const std::vector<std::string>& der) {
  std::vector<Certificate> list;
  for (const std::string& one : der) {
    Certificate certificate = from_der(one);
    if (!check_not_null(certificate) || list.size() > kMaxChainCertificates) {
      return fail(Code::kMalformed, "not a certificate in DER form");
    }
    list.push_back(std::move(certificate));
  }
  return chain_of(std::move(list)).map([](auto impl) { return CertificateChain(std::move(impl)); });
}

const std::vector<std::string>& CertificateChain::uris() const {
  return impl_->uris;
}

bool CertificateChain::is_authority() const {
  return impl_->is_authority;
}

bool CertificateChain::may_sign() const {
  return impl_->may_sign;
}

Result<PublicKey> CertificateChain::key() const {
  Pkey pkey(X509_get_pubkey(impl_->certificates.front().get()));
  if (!check_not_null(pkey)) {
    return openssl_fail(Code::kMalformed, "the certificate's key cannot be read");
  }
  return adopt_public_key(std::move(pkey));
}

std::string CertificateChain::thumbprint() const {
  return digest_text(sha256(der_of(impl_->certificates.front().get())));
}

CaSet::CaSet() : store_(std::make_unique<Store>()) {}
CaSet::~CaSet() = default;
CaSet::CaSet(CaSet&&) noexcept = default;
CaSet& CaSet::operator=(CaSet&&) noexcept = default;

Status CaSet::add(std::string_view der) {
  const Certificate certificate = from_der(der);
  if (!check_not_null(certificate) || X509_check_ca(certificate.get()) != kIsCa ||
      !may(certificate.get(), X509v3_KU_KEY_CERT_SIGN)) {
    return fail(Code::kMalformed, "not the certificate of an authority");
  }
  if (!check_not_null(store_->store) ||
      !check_one(X509_STORE_add_cert(store_->store.get(), certificate.get()))) {
    return openssl_fail(Code::kInternal, "the certificate cannot be kept");
  }
  ++size_;
  return {};
}

tl::expected<Validity, ChainFault> CaSet::verify(const CertificateChain& chain,
                                                 std::int64_t now_s) const {
  const auto failed = [](ChainFault fault) {
    forget_errors();
    return tl::unexpected<ChainFault>(std::move(fault));
  };
  const ChainFault no_library{false, "the library cannot verify it"};
  const std::vector<Certificate>& shown = chain.impl_->certificates;
  const Stack others(sk_X509_new_null());
  for (std::size_t i = 1; check_not_null(others) && i < shown.size(); ++i) {
    if (!check_positive(sk_X509_push(others.get(), shown[i].get()))) {
      return failed(no_library);
    }
  }
  const StoreContext context(X509_STORE_CTX_new());
  if (!check_not_null(others) || !check_not_null(context) || !check_not_null(store_->store) ||
      !check_one(X509_STORE_CTX_init(context.get(), store_->store.get(), shown.front().get(),
                                     others.get()))) {
    return failed(no_library);
  }
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(rules, now_s);
  X509_VERIFY_PARAM_set_depth(rules, kMaxDepth);
  X509_VERIFY_PARAM_set_auth_level(rules, kSecurityLevel);
  if (!check_one(X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN)) ||
      !check_one(X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT))) {
    return failed(no_library);
  }
  if (!check_positive(X509_verify_cert(context.get()))) {
    return failed(fault_of(X509_STORE_CTX_get_error(context.get())));
  }
  const std::optional<Validity> validity = validity_of(X509_STORE_CTX_get0_chain(context.get()));
  return validity ? tl::expected<Validity, ChainFault>(*validity)
                  : failed({true, "a certificate's time cannot be read"});
}

}  // namespace pawl
