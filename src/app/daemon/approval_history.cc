#include "app/daemon/approval_history.h"

#include <algorithm>

#include "foundation/records/outcome.h"

namespace pawl {
namespace {

constexpr std::size_t kMostBefore = 10;

bool was_forwarded(const store::RecordRow& row) {
  const auto outcome = parse_outcome(row.outcome);
  return outcome == Outcome::kConfirmed || outcome == Outcome::kFailed ||
         outcome == Outcome::kUnknown;
}

}  // namespace

json::Object history_of(const approval::Binding& binding,
                        std::span<const store::RecordRow> newest) {
  json::Array before;
  std::int64_t calls = 0;
  for (const store::RecordRow& row : newest) {
    if (row.verb.empty()) {
      continue;
    }
    if (before.size() < kMostBefore) {
      before.push_back(json::Object{{"id", row.id.text()},
                                    {"at", row.at},
                                    {"kind", row.kind},
                                    {"server", row.server},
                                    {"name", row.tool},
                                    {"outcome", row.outcome}});
    }
    const bool is_same =
        row.verb == binding.verb && row.server == binding.server && row.tool == binding.name;
    calls += is_same && was_forwarded(row) ? 1 : 0;
  }
  json::Object out;
  out["usual"] = json::Object{{"calls", calls}, {"first", calls == 0}, {"of", newest.size()}};
  out["before"] = std::move(before);
  return out;
}

}  // namespace pawl
