// After a crash every intent, and every note of a read, without an outcome becomes an `unknown`
// record (design, promise 3). What an intent consumed stays consumed: its record repeats it, as
// that of the outcome would have. Threading: the I/O thread, at start-up, before any listener
// opens.
#pragma once

#include <functional>
#include <vector>

#include "foundation/ledger/ledger.h"
#include "gateway/recorder.h"

namespace pawl {

// Records one `unknown` for each, then calls done with how many. An error: not recorded.
void record_unknowns(Recorder& recorder, const std::vector<ledger::Intent>& intents,
                     const std::vector<ledger::Intent>& notes,
                     std::function<void(Result<std::size_t>)> done);

}  // namespace pawl
