// The log's public face, put together: witnesses that are asked, and what /log and /.well-known
// serve. Threading:  the I/O thread. Ownership: what the parts name outlives what is made. Errors:
// as WitnessedLog::open().
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/api/public_api.h"
#include "app/daemon/entry_desk.h"
#include "app/daemon/governance.h"
#include "app/daemon/record_lookup.h"
#include "app/daemon/witnessed_log.h"

namespace pawl {

struct PublicFace {
  std::unique_ptr<WitnessedLog> log;
  std::unique_ptr<EntryDesk> desk;
  std::unique_ptr<PublicApi> api;  // borrows `log` and `desk`

  void gauges(Metrics& metrics) const;
};

struct PublicFaceParts {
  const Config& config;
  Governance& governance;
  Files& files;
  Clock& clock;
  DataFolder folder;
  http::ClientPool& pool;
  Scheduler& scheduler;
  RecordLookupIndex& lookup;
};

// What makes the receipt of a record in JWS form, signed by the key in use, once `face` is open;
// both outlive it. It gives "" where none can be made: witnesses are required and have not cosigned
// yet, or another log came into use meanwhile.
std::function<std::string(const RecordRef&)> receipts_of(const PublicFace& face,
                                                         const Keystore& keys);

Result<PublicFace> open_public_face(PublicFaceParts parts);

}  // namespace pawl
