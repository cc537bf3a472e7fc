#include "gateway/folded_unknowns.h"

#include "foundation/records/kinds.h"
#include "foundation/records/outcome.h"
#include "gateway/folded_record.h"

namespace pawl {

bool FoldedUnknowns::has(std::string_view kind) {
  return kind == kinds::kUnknownResolved;
}

void FoldedUnknowns::apply(const FoldedRecord& record) {
  if (record.kind == kinds::kUnknownResolved) {
    for (const Uuid& id : ids_in(record.parents)) {
      std::erase(unknowns, id);
    }
  }
  if (json::find_string(record.body, {"outcome"}) != outcome_name(Outcome::kUnknown)) {
    return;
  }
  ++unknown_count;
  if (!record.id.is_nil()) {
    unknowns.push_back(record.id);
  }
  if (unknowns.size() > kMost) {
    unknowns.erase(unknowns.begin());
  }
}

void FoldedUnknowns::print_to(json::Object& out) const {
  json::Array ids;
  for (const Uuid& id : unknowns) {
    ids.emplace_back(id.text());
  }
  out["unknown_count"] = static_cast<std::int64_t>(unknown_count);
  out["unknowns"] = std::move(ids);
}

Result<FoldedUnknowns> FoldedUnknowns::read(const json::Value& state) {
  return FoldedUnknowns{static_cast<std::uint64_t>(number_in(state, "unknown_count")),
                        ids_in(json::find(state, {"unknowns"}))};
}

}  // namespace pawl
