// Bodies that records hold by digest only, and that the vault of a data folder keeps: are they what
// was recorded?
//
// Threading:  the main thread.
// Errors:     what the ledger's reader says.
// Not errors: an erased body; a log that is younger than its reader; no ledger.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "base/json.h"
#include "base/result.h"

namespace pawl {

struct BodyReport {
  std::size_t same = 0;  // the kept body is what the record's digest is of
  std::size_t erased = 0;
  std::size_t bad = 0;             // lost, altered, or another
  std::vector<std::string> found;  // of these the first ones: which record, and why
};

// `data`: a data folder; its logs, frozen ones too.
Result<BodyReport> check_bodies(Files& files, const std::string& data);
// "kept bodies  2 as recorded, 1 erased", and each bad one; nothing where there are none.
void tell_bodies(Context& context, const BodyReport& report);
json::Object bodies_json(const BodyReport& report);

}  // namespace pawl
