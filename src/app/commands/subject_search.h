// Records that say something about a person, in all logs of a data folder.
//
// Threading:  the main thread.
// Errors:     what the ledger's reader says.
// Not errors: a record whose whole body is not at hand: it counts as `unclear`.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "app/commands/record_lookup.h"
#include "base/json.h"

namespace pawl {

struct SubjectRecord {
  FoundRecord record;
  json::Object body;      // the whole one, where it was kept
  bool was_kept = false;  // the record itself has its digest only
};
struct SubjectCounts {
  std::size_t records = 0;  // that were handed out
  std::size_t unclear = 0;
};
// `words`: what the person is called in records. `found`: false ends it.
Result<SubjectCounts> find_subject(Files& files, const std::string& data,
                                   const std::set<std::string>& words,
                                   const std::function<Status(const SubjectRecord&)>& found);

// What stands in records that name somebody in the clear: as a person, and as the scope of a stop.
std::set<std::string> clear_names(const std::string& name);

}  // namespace pawl
