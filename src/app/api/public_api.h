// What the data listener serves besides the protocols: the public log and the keys.
//
// Purpose:    /log/checkpoint, /log/tile/... (C2SP tlog-tiles), /log/proof/INDEX (tlog-proof),
//             /.well-known/jwks.json. Hash tiles and proofs are public; entries are not (they name
//             agents and tools): /log/tile/entries needs the control listener's token elsewhere.
// Threading:  the I/O thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "foundation/ledger/ledger.h"
#include "infrastructure/http/server.h"

namespace pawl {

class PublicApi {
 public:
  // `ledger` answers with the log in use.
  PublicApi(std::function<const ledger::Ledger&()> ledger, std::string jwks)
      : ledger_(std::move(ledger)), jwks_(std::move(jwks)) {}
  // False: the path is not one of these.
  bool handle(const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer);

 private:
  http::Response log_resource(std::string_view path);

  std::function<const ledger::Ledger&()> ledger_;
  std::string jwks_;
};

}  // namespace pawl
