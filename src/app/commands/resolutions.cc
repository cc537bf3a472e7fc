#include "app/commands/resolutions.h"

#include "app/commands/record_lookup.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kMostLookedAt = 10'000;

bool is_about(const json::Value& payload, const Uuid& call) {
  const json::Value* pred = json::find(payload, {names::kClaimPred});
  return pred != nullptr && pred->is_array() && !pred->get_array().empty() &&
         pred->get_array().front() == json::Value(call.text());
}

}  // namespace

std::optional<ShownResolution> resolution_of(Context& context, const Uuid& call) {
  const Result<DataFolder> folder = data_folder(context);
  auto index = folder ? current_index(context, folder->root)
                      : Result<std::unique_ptr<store::RecordIndex>>(fail(folder.error()));
  const auto rows =
      index
          ? (*index)->query({.kind = std::string(kinds::kUnknownResolved), .limit = kMostLookedAt})
          : Result<std::vector<store::RecordRow>>(fail(index.error()));
  if (!rows) {
    return std::nullopt;
  }
  for (const store::RecordRow& row : *rows) {
    const Result<FoundRecord> record = find_record(context, row.id.text());
    if (!record || !is_about(record->jws.payload, call)) {
      continue;
    }
    const auto said = [&](std::string_view name) {
      return std::string(
          json::find_string(record->jws.payload, {names::kClaimEctExt, "pawl.unknown", name})
              .value_or(""));
    };
    return ShownResolution{said("found"), said("reason"), said("operator"), row.id.text()};
  }
  return std::nullopt;
}

}  // namespace pawl
