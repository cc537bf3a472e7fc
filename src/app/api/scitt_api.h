// COSE receipts and the log's key over HTTP, after SCRAPI.
//
// Purpose:    readers of SCITT find what they look for: GET /entries/ID gives the COSE receipt of a
//             record by its id (docs/formats/cose_receipt.md), /.well-known/scitt-keys and
//             /.well-known/scitt-keys/KID the key that signs receipts. Receipts cost a signature
//             and name records, so that they are for the readers of the configuration.
// Threading:  the I/O thread.
// Errors:     concise problem details (RFC 9290): 401 (no reader's key), 400 (no id; a statement to
//             register), 404 (no such record, or no such key), 503 (no checkpoint covers it yet).
// Bounds:     this log registers what its own gateway decides and records, so that POST /entries is
//             always refused, with the reason.
// Source:     draft-ietf-scitt-scrapi-09, sections 2.1 to 2.5.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/uuid.h"
#include "foundation/crypto/signing_key.h"
#include "infrastructure/http/server.h"

namespace pawl {

class ScittApi {
 public:
  struct Parts {
    PublicKey log_key;
    std::function<bool(const http::Request&)> is_reader;
    std::function<Result<std::string>(const Uuid& id)> receipt;  // kNotFound: no such record
    std::int64_t retry_after_s = 1;
  };
  explicit ScittApi(Parts parts) : parts_(std::move(parts)) {}
  // False: the path is not one of these.
  bool handle(const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer);

 private:
  http::Response keys(std::string_view rest) const;
  http::Response entries(const http::Request& request, std::string_view rest) const;

  const Parts parts_;
};

}  // namespace pawl
