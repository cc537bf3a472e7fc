// A record of a governed call, as large as the gateway's own, for benchmarks of the ledger.
//
// Threading:  a SampleRecords by one thread.
// Errors:     a library failure ends the program: there is nothing to measure then.
#pragma once

#include <string>

#include "base/random.h"
#include "base/uuid.h"
#include "foundation/crypto/signing_key.h"
#include "foundation/ledger/ledger.h"

namespace pawl::bench {

class SampleRecords {
 public:
  SampleRecords(SigningKey key, std::string kid, Random& random);

  // Signed now (one ES256 signature), with an id of its own.
  ledger::Entry signed_now();
  // The same bytes each time, signed once: what the ledger alone costs. The ledger's writer reads
  // only the id, which is new each time.
  ledger::Entry signed_before();

 private:
  std::string token(const Uuid& id) const;

  SigningKey key_;
  std::string kid_;
  Random& random_;
  std::string kept_;
};

}  // namespace pawl::bench
