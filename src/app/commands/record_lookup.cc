#include "app/commands/record_lookup.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "app/commands/id_part.h"
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
constexpr std::size_t kMostMakers = 10'000;  // revocations or stops: of the newest, in a log

// What begins with 0 and is long is the beginning of an id: those of our time all begin so.
std::optional<std::uint64_t> index_of(const std::string& name) {
  if (name.starts_with('0') && name.size() >= kShortestId) {
    return std::nullopt;
  }
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

Result<Place> locate(Context& context, const std::string& root, const Uuid& id) {
  Result<std::optional<std::uint64_t>> found = find_in(current_index(context, root), id);
  if (found && *found) {
    return Place{root, **found, 0};
  }
  std::vector<std::uint64_t> logs = ledger::frozen_logs(context.files, root);
  for (; found && !logs.empty(); logs.pop_back()) {
    found = find_in(frozen_index(context, root, logs.back()), id);
    if (found && *found) {
      return Place{ledger::frozen_folder(root, logs.back()), **found, logs.back()};
    }
  }
  const std::optional<ledger::Minimum> minimum = minimum_of(context, root);
  return fail(
      found
          ? Error{Code::kNotFound,
                  "no record with id " + id.text() + " in " + root + " and the frozen logs there" +
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

// What has an id of its own and is made by a record: which member of the body says it.
struct MadeBy {
  std::string_view kind, member;
};
constexpr MadeBy kRevocation{kinds::kIdentityRevoked, "revocation"};
constexpr MadeBy kStop{kinds::kOverrideApplied, "stop"};

std::optional<Uuid> id_of_made(const FoundRecord& record, const MadeBy& made) {
  const std::string area = std::string(names::kExtPrefix) + std::string(kinds::area(made.kind));
  const json::Value* body = in_extension(record.jws.typ, record.jws.payload, {area, made.member});
  const auto text = body != nullptr ? json::find_string(*body, {"id"}) : std::nullopt;
  const Result<Uuid> id = text ? Uuid::parse(*text) : Result<Uuid>(fail(Code::kNotFound, ""));
  return id ? std::optional<Uuid>(*id) : std::nullopt;
}

// Until `see` answers true; the newest first. What cannot be read is passed over.
void each_maker(Context& context, const std::string& root, const MadeBy& made,
                const std::function<bool(FoundRecord&&, const Uuid&)>& see) {
  std::vector<std::uint64_t> logs = ledger::frozen_logs(context.files, root);
  logs.push_back(0);
  store::RecordFilter filter;
  filter.kind = made.kind;
  filter.limit = kMostMakers;
  for (; !logs.empty(); logs.pop_back()) {
    const std::uint64_t log = logs.back();
    const auto index = log == 0 ? current_index(context, root) : frozen_index(context, root, log);
    const auto rows = index ? (*index)->query(filter)
                            : Result<std::vector<store::RecordRow>>(fail(index.error()));
    for (const store::RecordRow& row : rows ? *rows : std::vector<store::RecordRow>()) {
      Result<FoundRecord> record = read_place(context, {log_root(root, log), row.index, log});
      const std::optional<Uuid> id = record ? id_of_made(*record, made) : std::nullopt;
      if (id && see(*std::move(record), *id)) {
        return;
      }
    }
  }
}

// The id of a revocation, as `pawl revoke` prints it, stands for the record of that revocation.
std::optional<FoundRecord> find_revocation(Context& context, const std::string& root,
                                           const Uuid& revocation) {
  std::optional<FoundRecord> out;
  each_maker(context, root, kRevocation, [&](FoundRecord&& record, const Uuid& id) {
    if (id == revocation) {
      out = std::move(record);
    }
    return out.has_value();
  });
  return out;
}

// Of the index, of all logs; and of what records made.
Result<std::vector<Uuid>> ids_that_fit(Context& context, const std::string& root,
                                       const IdPart& part) {
  std::vector<std::uint64_t> logs = ledger::frozen_logs(context.files, root);
  logs.push_back(0);
  std::vector<Uuid> out;
  for (; !logs.empty(); logs.pop_back()) {
    const std::uint64_t log = logs.back();
    const auto index = log == 0 ? current_index(context, root) : frozen_index(context, root, log);
    const auto ids = index ? (*index)->ids_with(part.digits(), kMostNamed + 1)
                           : Result<std::vector<Uuid>>(fail(index.error()));
    if (!ids) {
      return fail(ids.error());
    }
    out.insert(out.end(), ids->begin(), ids->end());
  }
  for (const MadeBy& made : {kRevocation, kStop}) {
    each_maker(context, root, made, [&](FoundRecord&&, const Uuid& id) {
      out.push_back(id);  // only_id() leaves out what does not fit
      return false;
    });
  }
  return out;
}

Result<FoundRecord> find_whole(Context& context, const std::string& root, const Uuid& id) {
  const Result<Place> place = locate(context, root, id);
  if (place) {
    return read_place(context, *place);
  }
  std::optional<FoundRecord> revocation =
      place.error().code == Code::kNotFound ? find_revocation(context, root, id) : std::nullopt;
  return revocation ? Result<FoundRecord>(*std::move(revocation)) : fail(place.error());
}

}  // namespace

Result<Uuid> whole_id(Context& context, const std::string& root, const std::string& name) {
  if (const Result<Uuid> whole = Uuid::parse(name)) {
    return *whole;
  }
  const Result<IdPart> part = IdPart::parse(name);
  if (!part) {
    return fail(Code::kInvalidParams,
                "\"" + name + "\": expected a record's id (a UUID), at least " +
                    std::to_string(kShortestId) +
                    " characters of its beginning or end, or its index in the ledger");
  }
  Result<std::vector<Uuid>> ids = ids_that_fit(context, root, *part);
  return ids ? only_id(*part, "record", *std::move(ids)) : fail(ids.error());
}

Result<FoundRecord> find_record(Context& context, const std::string& root,
                                const std::string& name) {
  const std::optional<std::uint64_t> index = index_of(name);
  Result<FoundRecord> at_index = index ? read_place(context, {root, *index, 0})
                                       : Result<FoundRecord>(fail(Code::kNotFound, ""));
  const bool is_index =
      index && (at_index || at_index.error().code != Code::kNotFound || name.size() < kShortestId);
  if (is_index) {
    return at_index;
  }
  const Result<Uuid> id = whole_id(context, root, name);
  if (!id) {  // digits alone: an index, as far as anybody can tell
    return index && id.error().code == Code::kNotFound ? at_index : fail(id.error());
  }
  return find_whole(context, root, *id);
}

Result<FoundRecord> find_record(Context& context, const std::string& name) {
  const Result<DataFolder> folder = data_folder(context);
  return folder ? find_record(context, folder->root, name) : fail(folder.error());
}

}  // namespace pawl
