// The ledger as /metrics and `pawl status` show it.
// Threading: any thread for the ledger; the Metrics' own.
#pragma once

#include "base/json.h"
#include "foundation/ledger/ledger.h"
#include "gateway/metrics.h"

namespace pawl {

void show_ledger(Metrics& metrics, const ledger::Ledger& ledger);
json::Object ledger_status(const ledger::Ledger& ledger);

}  // namespace pawl
