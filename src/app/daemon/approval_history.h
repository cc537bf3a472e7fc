// What is known beside a held call: what its agent did before, and whether this is usual.
//
// Threading:  pure function.
// Not errors: nothing is known: it is the first such call among those that were looked at.
// Bounds:     kMostRecords of the agent's newest records; the log before is not looked at.
// Source:     docs/formats/console_api.md, "usual" and "before".
#pragma once

#include <span>

#include "base/json.h"
#include "infrastructure/store/record_row.h"
#include "operators/approval/binding.h"

namespace pawl {

inline constexpr std::size_t kMostRecords = 1'000;

// `newest`: of the agent, newest first. {usual: {calls, first, of}, before: [{id, at, kind, server,
// name, outcome}]}.
json::Object history_of(const approval::Binding& binding, std::span<const store::RecordRow> newest);

}  // namespace pawl
