#include "app/commands/record_lookup.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "foundation/ledger/minimum.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/source.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

constexpr const char* kInMemory = ":memory:";
constexpr std::size_t kMostRevocations = 10'000;  // of the newest, in a log

std::optional<std::uint64_t> index_of(const std::string& name) {
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool good = error == std::errc{} && end == name.data() + name.size() && !name.empty();
  return good ? std::optional<std::uint64_t>(index) : std::nullopt;
}

// A log and a place in it.
struct Place {
  std::string root;
  std::uint64_t index = 0;
  std::uint64_t log = 0;  // as in RecordRow
};

// nullopt: nothing was pruned there, or it cannot be told.
std::optional<ledger::Minimum> minimum_of(Context& context, const std::string& root) {
  const Result<std::optional<ledger::Minimum>> minimum = ledger::minimum_at(context.files, root);
  return minimum ? *minimum : std::nullopt;
}

Result<std::optional<std::uint64_t>> find_in(Result<std::unique_ptr<store::RecordIndex>> index,
                                             const Uuid& id) {
  Result<std::optional<store::RecordRow>> row =
      index ? (*index)->find(id) : Result<std::optional<store::RecordRow>>(fail(index.error()));
  if (row && !*row) {
    row = (*index)->find_token(id);
  }
  if (!row) {
    return fail(row.error());
  }
  return *row ? std::optional((*row)->index) : std::nullopt;
}

Result<Place> locate(Context& context, const std::string& root, const std::string& name) {
  if (const std::optional<std::uint64_t> index = index_of(name)) {
    return Place{root, *index, 0};
  }
  const Result<Uuid> id = Uuid::parse(name);
  if (!id) {
    return fail(Code::kInvalidParams,
                "\"" + name + "\": expected a record's id (a UUID) or its index in the ledger");
  }
  Result<std::optional<std::uint64_t>> found = find_in(current_index(context, root), *id);
  if (found && *found) {
    return Place{root, **found, 0};
  }
  std::vector<std::uint64_t> logs = ledger::frozen_logs(context.files, root);
  for (; found && !logs.empty(); logs.pop_back()) {
    found = find_in(frozen_index(context, root, logs.back()), *id);
    if (found && *found) {
      return Place{ledger::frozen_folder(root, logs.back()), **found, logs.back()};
    }
  }
  const std::optional<ledger::Minimum> minimum = minimum_of(context, root);
  return fail(
      found
          ? Error{Code::kNotFound,
                  "no record with id " + id->text() + " in " + root + " and the frozen logs there" +
                      (minimum ? "; entries below " + std::to_string(minimum->index) +
                                     " were pruned, as record " + minimum->record.text() + " says"
                               : "")}
          : found.error());
}

Result<std::unique_ptr<store::RecordIndex>> index_at(Context& context, const std::string& path,
                                                     const std::string& root) {
  Result<std::unique_ptr<store::RecordIndex>> index = store::RecordIndex::open(context.files, path);
  const Status current =
      index ? (*index)->catch_up(context.files, root) : Status(fail(index.error()));
  return current ? std::move(index)
                 : Result<std::unique_ptr<store::RecordIndex>>(fail(current.error()));
}

}  // namespace

Result<std::unique_ptr<store::RecordIndex>> current_index(Context& context,
                                                          const std::string& root) {
  const Result<ledger::Source> source = ledger::find_source(context.files, root);
  if (!source) {
    return fail(source.error());
  }
  const DataFolder folder{root};
  if (source->folder == folder.ledger()) {
    if (auto index = index_at(context, folder.index(), root)) {
      return index;
    }
  }
  return index_at(context, kInMemory, root);
}

std::string log_root(const std::string& root, std::uint64_t log) {
  return log == 0 ? root : ledger::frozen_folder(root, log);
}

Result<std::unique_ptr<store::RecordIndex>> frozen_index(Context& context, const std::string& root,
                                                         std::uint64_t number) {
  const std::string folder = ledger::frozen_folder(root, number);
  auto index = index_at(context, folder + "/index.sqlite", folder);
  return index ? std::move(index) : index_at(context, kInMemory, folder);
}

namespace {

Result<FoundRecord> read_place(Context& context, const Place& place) {
  std::optional<std::string> token;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view found) {
    if (index == place.index) {  // not one behind it: it may have been pruned
      token = found;
    }
    return false;
  };
  if (Status walked = ledger::walk(context.files, place.root, visitor, place.index); !walked) {
    return fail(walked.error());
  }
  if (!token) {
    const std::optional<ledger::Minimum> minimum = minimum_of(context, place.root);
    return fail(Code::kNotFound,
                minimum && place.index < minimum->index
                    ? ledger::pruned_text(place.index, *minimum)
                    : "no record with index " + std::to_string(place.index) + " in " + place.root);
  }
  Result<store::RecordRow> row = store::read_record_row(place.index, *token);
  if (!row) {
    return fail(row.error());
  }
  Result<jose::Jws> jws = jose::decode(*token, token->size() + 1);
  if (!jws) {
    return fail(jws.error());
  }
  row->log = place.log;
  return FoundRecord{*std::move(row), *std::move(jws), place.root};
}

bool is_of_revocation(const FoundRecord& record, const Uuid& revocation) {
  const std::string member =
      std::string(names::kExtPrefix) + std::string(kinds::area(kinds::kIdentityRevoked));
  const json::Value* made =
      in_extension(record.jws.typ, record.jws.payload, {member, "revocation"});
  return made != nullptr && json::find_string(*made, {"id"}) == revocation.text();
}

// The id of a revocation, as `pawl revoke` prints it, stands for the record of that revocation.
std::optional<FoundRecord> find_revocation(Context& context, const std::string& root,
                                           const Uuid& revocation) {
  std::vector<std::uint64_t> logs = ledger::frozen_logs(context.files, root);
  logs.push_back(0);
  store::RecordFilter filter;
  filter.kind = kinds::kIdentityRevoked;
  filter.limit = kMostRevocations;
  for (; !logs.empty(); logs.pop_back()) {
    const std::uint64_t log = logs.back();
    const auto index = log == 0 ? current_index(context, root) : frozen_index(context, root, log);
    const auto rows = index ? (*index)->query(filter)
                            : Result<std::vector<store::RecordRow>>(fail(index.error()));
    for (const store::RecordRow& row : rows ? *rows : std::vector<store::RecordRow>()) {
      Result<FoundRecord> record = read_place(context, {log_root(root, log), row.index, log});
      if (record && is_of_revocation(*record, revocation)) {
        return *std::move(record);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Result<FoundRecord> find_record(Context& context, const std::string& root,
                                const std::string& name) {
  const Result<Place> place = locate(context, root, name);
  if (place) {
    return read_place(context, *place);
  }
  const Result<Uuid> id = Uuid::parse(name);
  std::optional<FoundRecord> revocation = id && place.error().code == Code::kNotFound
                                              ? find_revocation(context, root, *id)
                                              : std::nullopt;
  return revocation ? Result<FoundRecord>(*std::move(revocation)) : fail(place.error());
}

Result<FoundRecord> find_record(Context& context, const std::string& name) {
  const Result<DataFolder> folder = data_folder(context);
  return folder ? find_record(context, folder->root, name) : fail(folder.error());
}

}  // namespace pawl
