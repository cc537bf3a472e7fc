// TLS over a non-blocking socket.
//
// Purpose:    hides OpenSSL from servers and clients; one call here makes at most one write to the
//             socket, so it may stand inside a gate's pass().
// Threading:  a context is read-only after construction; a session belongs to the loop's thread.
// Ownership:  a session does not own the descriptor it works on.
// Source:     TLS 1.2 and 1.3; no renegotiation, no session resumption; ALPN "http/1.1".
//
// Example:
//   auto context = TlsContext::client("");            // system trust store
//   auto session = context.value()->connect(fd, "example.org");
//   Io io = session->handshake();                     // until kDone
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "infrastructure/net/io.h"

struct ssl_ctx_st;
struct ssl_st;

namespace pawl {

class TlsSession {
 public:
  explicit TlsSession(ssl_st* ssl) : ssl_(ssl) {}
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  Io handshake();  // kDone when finished, with 0 bytes; kFailed: see problem()
  Io read(char* buffer, std::size_t size);
  // After kBlocked the next call must offer the same bytes again (more may follow them).
  Io write(const char* bytes, std::size_t size);
  void close_notify();        // best effort
  bool has_buffered() const;  // bytes that no readiness of the socket will announce
  // True when write() may have handed bytes of a record to the kernel that it did not report yet.
  bool write_may_be_partial() const { return write_blocked_; }
  const std::string& problem() const { return problem_; }  // for people: why it failed

  // Only when it verified, or was trusted by the context's ClientTrust: the peer's own certificate
  // first, then what came with it.
  std::optional<std::string> peer_certificate_pem() const;
  std::vector<std::string> peer_uri_sans() const;

 private:
  Io failed(int result, bool writing);
  ssl_st* ssl_;
  bool write_blocked_ = false;
  std::string problem_;
};

// Whether to trust a client that the client CA file does not vouch for. PEM: its own certificate
// first, then what came with it; nothing of it was verified but that the client has the key. Called
// within handshake(), on the loop's thread.
using ClientTrust = std::function<bool(const std::string& chain_pem)>;

class TlsContext {
 public:
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // `client_ca_file` and `trust` empty: no client certificates. Errors: kInvalidParams (a file is
  // missing, not PEM, or the key is not the certificate's).
  static Result<std::shared_ptr<TlsContext>> server(const std::string& certificate_file,
                                                    const std::string& key_file,
                                                    const std::string& client_ca_file,
                                                    bool require_client_certificate,
                                                    ClientTrust trust = {});
  // `ca_file` empty: the system's default trust store. Errors: kInvalidParams.
  static Result<std::shared_ptr<TlsContext>> client(const std::string& ca_file);

  std::unique_ptr<TlsSession> accept(int fd) const;
  // Sends `host` as SNI unless it is an IP address, and requires the certificate to be for it.
  std::unique_ptr<TlsSession> connect(int fd, const std::string& host) const;

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  Status ask_for_client_certificates(const std::string& client_ca_file, bool require);

  ssl_ctx_st* context_;
  ClientTrust trust_;  // of a server; empty: the CA file alone
};

}  // namespace pawl
