#include "infrastructure/net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/openssl_result.h"

namespace pawl {

namespace {

using openssl::check_not_null;
using openssl::check_one;
using openssl::check_positive;
using openssl::check_zero;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
constexpr unsigned char kAlpn[] = "\x08http/1.1";
constexpr unsigned kAlpnBytes = sizeof(kAlpn) - 1;

// The oldest queued reason; the queue is empty afterwards.
std::string drain_errors() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) {
    return "connection closed";
  }
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "error " + std::to_string(code) : reason;
}

tl::unexpected<Error> bad_file(const std::string& what, const std::string& path) {
  return fail(Code::kInvalidParams, what + " " + path + ": " + drain_errors());
}

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_bytes,
                const unsigned char* offered, unsigned offered_bytes, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_bytes, kAlpn, kAlpnBytes, offered, offered_bytes) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

SSL_CTX* new_context(const SSL_METHOD* method) {
  SSL_CTX* context = SSL_CTX_new(method);
  if (!check_not_null(context) ||
      !check_one(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION))) {
    SSL_CTX_free(context);
    return nullptr;
  }
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return context;
}

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;

// `first`, then the others that are another certificate; empty: the library failed.
std::string pem_of(X509* first, const STACK_OF(X509) * others) {
  const BioPtr out(BIO_new(BIO_s_mem()), &BIO_free);
  if (!check_not_null(out) || !check_one(PEM_write_bio_X509(out.get(), first))) {
    return "";
  }
  for (int i = 0; others != nullptr && i < sk_X509_num(others); ++i) {
    X509* one = sk_X509_value(others, i);
    if (!check_zero(X509_cmp(first, one)) && !check_one(PEM_write_bio_X509(out.get(), one))) {
      return "";
    }
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(std::max(size, 0L)));
}

// What a session's verify result says of a client whom the ClientTrust alone vouches for.
constexpr int kTrustedOtherwise = X509_V_ERR_APPLICATION_VERIFICATION;

// In place of the library's own verification. Only what this returns 1 for ends the handshake well.
int verify_client(X509_STORE_CTX* store, void* trust) {
  if (check_positive(X509_verify_cert(store))) {
    return 1;
  }
  const STACK_OF(X509)* shown = X509_STORE_CTX_get0_untrusted(store);
  const std::string pem = shown != nullptr && sk_X509_num(shown) > 0
                              ? pem_of(sk_X509_value(shown, 0), shown)
                              : std::string();
  if (pem.empty() || !(*static_cast<const ClientTrust*>(trust))(pem)) {
    return 0;
  }
  ERR_clear_error();
  X509_STORE_CTX_set_error(store, kTrustedOtherwise);
  return 1;
}

bool is_verified(const SSL* ssl) {
  const long result = SSL_get_verify_result(ssl);
  return result == X509_V_OK || result == kTrustedOtherwise;
}

bool is_ip_address(const std::string& host) {
  unsigned char binary[16];
  return inet_pton(AF_INET, host.c_str(), binary) == 1 ||
         inet_pton(AF_INET6, host.c_str(), binary) == 1;
}

}  // namespace

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

Io TlsSession::failed(int result, bool writing) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return {writing ? IoState::kBlockedOnRead : IoState::kBlocked, 0};
    case SSL_ERROR_WANT_WRITE:
      return {writing ? IoState::kBlocked : IoState::kBlockedOnWrite, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {IoState::kEnd, 0};
    default:
      break;
  }
  const long verified = SSL_get_verify_result(ssl_);
  problem_ = drain_errors();
  if (!SSL_is_init_finished(ssl_) && verified != X509_V_OK) {
    problem_ = std::string("certificate: ") + X509_verify_cert_error_string(verified);
  }
  return {IoState::kFailed, 0};
}

Io TlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  return check_one(result) ? Io{IoState::kDone, 0} : failed(result, false);
}

Io TlsSession::read(char* buffer, std::size_t size) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_read_ex(ssl_, buffer, size, &bytes);
  return check_one(result) ? Io{IoState::kDone, bytes} : failed(result, false);
}

Io TlsSession::write(const char* bytes, std::size_t size) {
  ERR_clear_error();
  std::size_t written = 0;
  const std::uint64_t before = BIO_number_written(SSL_get_wbio(ssl_));
  const int result = SSL_write_ex(ssl_, bytes, size, &written);
  if (check_one(result)) {
    write_blocked_ = false;
    return {IoState::kDone, written};
  }
  write_blocked_ = write_blocked_ || BIO_number_written(SSL_get_wbio(ssl_)) != before;
  const Io io = failed(result, true);
  write_blocked_ = write_blocked_ || io.state == IoState::kBlocked;
  return io;
}

void TlsSession::close_notify() {
  if (SSL_is_init_finished(ssl_) && !write_blocked_) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
  }
}

bool TlsSession::has_buffered() const {
  return SSL_pending(ssl_) > 0;
}

std::optional<std::string> TlsSession::peer_certificate_pem() const {
  const X509Ptr certificate(SSL_get1_peer_certificate(ssl_), &X509_free);
  if (!check_not_null(certificate) || !is_verified(ssl_)) {
    return std::nullopt;
  }
  std::string pem = pem_of(certificate.get(), SSL_get_peer_cert_chain(ssl_));
  return pem.empty() ? std::nullopt : std::optional<std::string>(std::move(pem));
}

std::vector<std::string> TlsSession::peer_uri_sans() const {
  std::vector<std::string> uris;
  const X509Ptr certificate(SSL_get1_peer_certificate(ssl_), &X509_free);
  if (!check_not_null(certificate) || !is_verified(ssl_)) {
    return uris;
  }
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) {
      const ASN1_STRING* uri = name->d.uniformResourceIdentifier;
      uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                        static_cast<std::size_t>(ASN1_STRING_length(uri)));
    }
  }
  return uris;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<TlsContext>> TlsContext::server(const std::string& certificate_file,
                                                       const std::string& key_file,
                                                       const std::string& client_ca_file,
                                                       bool require_client_certificate,
                                                       ClientTrust trust) {
  SSL_CTX* context = new_context(TLS_server_method());
  if (!check_not_null(context)) {
    return fail(Code::kInternal, "TLS context: " + drain_errors());
  }
  std::shared_ptr<TlsContext> owner(new TlsContext(context));
  if (!check_one(SSL_CTX_set_num_tickets(context, 0))) {
    return fail(Code::kInternal, "TLS context: " + drain_errors());
  }
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(context, select_alpn, nullptr);
  if (!check_one(SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()))) {
    return bad_file("certificate file", certificate_file);
  }
  if (!check_one(SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM)) ||
      !check_one(SSL_CTX_check_private_key(context))) {
    return bad_file("key file", key_file);
  }
  owner->trust_ = std::move(trust);
  return owner->ask_for_client_certificates(client_ca_file, require_client_certificate).map([&] {
    return owner;
  });
}

Status TlsContext::ask_for_client_certificates(const std::string& client_ca_file, bool require) {
  if (client_ca_file.empty() && !trust_) {
    return require ? Status(fail(Code::kInvalidParams,
                                 "client certificates are required, but no client CA file"))
                   : Status{};
  }
  if (!client_ca_file.empty()) {
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(client_ca_file.c_str());
    if (!check_not_null(names) ||
        !check_one(SSL_CTX_load_verify_file(context_, client_ca_file.c_str()))) {
      sk_X509_NAME_pop_free(names, X509_NAME_free);
      return bad_file("client CA file", client_ca_file);
    }
    SSL_CTX_set_client_CA_list(context_, names);  // which owns them now
  }
  if (trust_) {
    // Who may vouch changes: a list would keep clients of others from showing what they have.
    SSL_CTX_set_client_CA_list(context_, nullptr);
    SSL_CTX_set_cert_verify_callback(context_, verify_client, &trust_);
  }
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | (require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  return {};
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(const std::string& ca_file) {
  SSL_CTX* context = new_context(TLS_client_method());
  if (!check_not_null(context)) {
    return fail(Code::kInternal, "TLS context: " + drain_errors());
  }
  std::shared_ptr<TlsContext> owner(new TlsContext(context));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const bool is_loaded = ca_file.empty()
                             ? check_one(SSL_CTX_set_default_verify_paths(context))
                             : check_one(SSL_CTX_load_verify_file(context, ca_file.c_str()));
  if (!is_loaded) {
    return bad_file("CA file", ca_file.empty() ? "(system default)" : ca_file);
  }
  return owner;
}

std::unique_ptr<TlsSession> TlsContext::accept(int fd) const {
  SSL* ssl = SSL_new(context_);
  if (!check_not_null(ssl) || !check_one(SSL_set_fd(ssl, fd))) {
    SSL_free(ssl);
    return nullptr;
  }
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsSession>(ssl);
}

std::unique_ptr<TlsSession> TlsContext::connect(int fd, const std::string& host) const {
  SSL* ssl = SSL_new(context_);
  if (!check_not_null(ssl)) {
    return nullptr;
  }
  auto session = std::make_unique<TlsSession>(ssl);
  bool ready = check_one(SSL_set_fd(ssl, fd));
  if (is_ip_address(host)) {
    ready = ready && check_one(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()));
  } else {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ready = ready && check_one(SSL_set1_host(ssl, host.c_str())) &&
            check_one(SSL_set_tlsext_host_name(ssl, host.c_str()));
  }
  ready = ready && check_zero(SSL_set_alpn_protos(ssl, kAlpn, kAlpnBytes));
  SSL_set_connect_state(ssl);
  return ready ? std::move(session) : nullptr;
}

}  // namespace pawl
