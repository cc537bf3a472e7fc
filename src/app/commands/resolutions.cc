#include "app/commands/resolutions.h"

#include "app/commands/ledger_query.h"
#include "app/commands/record_lookup.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

constexpr std::size_t kMostLookedAt = 10'000;

bool is_about(const jose::Jws& record, const Uuid& call) {
  const json::Value* pred = record_parents(record.typ, record.payload);
  return pred != nullptr && pred->is_array() && !pred->get_array().empty() &&
         pred->get_array().front() == json::Value(call.text());
}

}  // namespace

std::optional<ShownResolution> resolution_of(Context& context, const Uuid& call) {
  const Result<DataFolder> folder = data_folder(context);
  const auto rows =
      folder ? query_records(context, folder->root,
                             {.kind = std::string(kinds::kUnknownResolved), .limit = kMostLookedAt})
             : Result<std::vector<store::RecordRow>>(fail(folder.error()));
  if (!rows) {
    return std::nullopt;
  }
  for (const store::RecordRow& row : *rows) {
    const Result<FoundRecord> record =
        find_record(context, log_root(folder->root, row.log), std::to_string(row.index));
    if (!record || !is_about(record->jws, call)) {
      continue;
    }
    const auto said = [&](std::string_view name) {
      return std::string(
          text_in_extension(record->jws.typ, record->jws.payload, {"pawl.unknown", name})
              .value_or(""));
    };
    return ShownResolution{said("found"), said("reason"), said("operator"), row.id.text()};
  }
  return std::nullopt;
}

}  // namespace pawl
