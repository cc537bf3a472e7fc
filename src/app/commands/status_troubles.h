// What needs a person, worst first, from what is known of an instance.
//
// Purpose:    the one place that says what counts as trouble, and what to do about it; for
//             `pawl status` with a daemon (its /api/v1/status) and without one (offline_status.h).
// Threading:  pure functions.
// Not errors: a member that is missing: nothing is known of it, so it is no trouble.
//
// Each id stands in docs/operations/status.md; a test compares.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace pawl {

struct Trouble {
  std::string id;    // stable, for machines: "ledger_closed"
  std::string what;  // what is wrong, in a sentence
  std::string todo;  // what to do: a command where there is one
};

std::vector<Trouble> troubles_of(const json::Value& status);
// [{id, what, do}]
json::Array troubles_json(const json::Value& status);

}  // namespace pawl
