// X.509: the certificates that somebody shows, and the authorities that may vouch for them.
//
// Purpose:    path validation (RFC 5280) against exactly the authorities of one set, and what the
//             leaf says of itself.
// Threading:  immutable after it is made; any thread.
// Errors:     kMalformed (no certificate, too many of them); a ChainFault says why nobody of the
//             set vouches for a chain.
// Not errors: certificates that are not needed; an authority that another one signed: each of the
//             set is trusted by itself. Revocation lists and OCSP are not asked.
//
// Example:
//   Result<CertificateChain> shown = CertificateChain::parse(pem);
//   if (shown && authorities.verify(*shown, now_s)) { its leaf is theirs }
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {

inline constexpr std::size_t kMaxChainCertificates = 10;
inline constexpr std::size_t kMaxChainBytes = 128 * 1024;

class CertificateChain {
 public:
  // PEM, the leaf first, the others in any order.
  static Result<CertificateChain> parse(std::string_view pem);
  // The same of DER forms.
  static Result<CertificateChain> of_der(const std::vector<std::string>& der);

  // Of the leaf; read, not verified.
  const std::vector<std::string>& uris() const;  // URI names, in their order
  bool is_authority() const;       // CA is true, or its key may sign certificates or lists
  bool may_sign() const;           // its key's usage is told, and digitalSignature is in it
  Result<PublicKey> key() const;   // kMalformed: of a kind that is not used here
  std::string thumbprint() const;  // SHA-256 of its DER form, base64url

  struct Impl;

 private:
  friend class CaSet;
  explicit CertificateChain(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// When all certificates of a path hold, in seconds.
struct Validity {
  std::int64_t from_s = 0;
  std::int64_t until_s = 0;
};

struct ChainFault {
  bool is_time = false;  // the path is good at another time
  std::string text;
};

class CaSet {
 public:
  CaSet();
  ~CaSet();
  CaSet(CaSet&&) noexcept;
  CaSet& operator=(CaSet&&) noexcept;
  // One certificate in DER form. kMalformed: it is none, or not of an authority (version 3, CA is
  // true, and its key may sign certificates where the key's usage is told).
  Status add(std::string_view der);
  std::size_t size() const { return size_; }

  // For clients of TLS; certificates signed weakly (SHA-1, RSA under 2048 bits) do not count.
  tl::expected<Validity, ChainFault> verify(const CertificateChain& chain,
                                            std::int64_t now_s) const;

 private:
  struct Store;
  std::unique_ptr<Store> store_;
  std::size_t size_ = 0;
};

}  // namespace pawl
