// What the ledger knows of one stop: who ordered it, what and why, and who let it go on.
//
// Threading:  the main thread.
// Errors:     what the ledger's reader and the index say.
// Not errors: no record of the stop (one that only the override journal holds), or none of a lift.
#pragma once

#include <optional>
#include <string>

#include "app/commands/record_lookup.h"

namespace pawl {

struct StopStory {
  std::optional<FoundRecord> applied;  // override.applied
  std::optional<FoundRecord> lifted;   // override.lifted that names it
};

// `root`: a data folder or a bundle.
Result<StopStory> stop_story(Context& context, const std::string& root, const Uuid& stop);

// For people: "stop", "resumed", each with time and record; lines of labelled().
std::string story_lines(const StopStory& story);
json::Object story_json(const StopStory& story);

// The stop that a rule id "stop:UUID" names, or that a record of a stop made.
std::optional<Uuid> stop_of_rule(const std::string& rule);
std::optional<Uuid> stop_of_record(const FoundRecord& record);

}  // namespace pawl
