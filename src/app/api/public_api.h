// What the data listener serves besides the protocols: the public log and the keys.
//
// Purpose:    /log/checkpoint, /log/tile/... (C2SP tlog-tiles), /log/proof/INDEX (tlog-proof),
//             /log/vkey, /.well-known/jwks.json (keys of tokens) and /.well-known/log-jwks.json
//             (the key of the log: in a set of its own, because a key of the other verifies
//             tokens), and what scitt_api.h has. Hash tiles and proofs are public; entries are for
//             readers (entries_api.h).
// Threading:  the I/O thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/api/entries_api.h"
#include "app/api/scitt_api.h"
#include "foundation/ledger/ledger.h"
#include "infrastructure/http/server.h"

namespace pawl {

struct PublicLog {
  std::function<const ledger::Ledger&()> ledger;  // the log in use
  std::function<Result<std::string>()> checkpoint;
  std::function<Result<std::string>(std::uint64_t index)> receipt;
  std::int64_t retry_after_s = 1;  // after kEvidenceUnavailable
};

class PublicApi {
 public:
  PublicApi(PublicLog log, std::unique_ptr<EntriesApi> entries, std::unique_ptr<ScittApi> scitt,
            std::function<std::string()> jwks, std::string log_jwks)
      : log_(std::move(log)),
        entries_(std::move(entries)),
        scitt_(std::move(scitt)),
        jwks_(std::move(jwks)),
        log_jwks_(std::move(log_jwks)) {}
  // False: the path is not one of these.
  bool handle(const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer);
  const EntriesApi& entries() const { return *entries_; }

 private:
  http::Response log_resource(std::string_view path);

  Result<std::string> found(std::string_view path) const;

  PublicLog log_;
  std::unique_ptr<EntriesApi> entries_;
  std::unique_ptr<ScittApi> scitt_;
  std::function<std::string()> jwks_;
  std::string log_jwks_;
};

}  // namespace pawl
