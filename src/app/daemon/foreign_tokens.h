// What governance needs where tokens of others are taken: their keys, the authorities of trust
// domains, the records that they may name, and their parents from their issuers.
//
// Threading:  the I/O thread.
// Ownership:  everything in the parts outlives the options.
#pragma once

#include "app/daemon/governance.h"
#include "app/daemon/record_lookup.h"
#include "base/scheduler.h"
#include "infrastructure/http/client.h"
#include "infrastructure/identity/authenticator.h"

namespace pawl {

struct ForeignTokenParts {
  const Config& config;
  Files& files;
  Clock& clock;
  EventLoop& loop;
  Scheduler& scheduler;
  http::ClientPool& pool;
  RecordLookupIndex& lookup;
  // Whose trust domains vouch for certificates in tokens. Made later; null: nobody's do yet.
  const std::unique_ptr<identity::Authenticator>& authenticator;
};

void add_foreign_tokens(GovernanceOptions& options, const ForeignTokenParts& parts);

}  // namespace pawl
