#include "app/commands/record_lookup.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "foundation/ledger/reader.h"
#include "foundation/ledger/source.h"

namespace pawl {
namespace {

constexpr const char* kInMemory = ":memory:";

std::optional<std::uint64_t> index_of(const std::string& name) {
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool good = error == std::errc{} && end == name.data() + name.size() && !name.empty();
  return good ? std::optional<std::uint64_t>(index) : std::nullopt;
}

Result<std::uint64_t> locate(Context& context, const std::string& root, const std::string& name) {
  if (const std::optional<std::uint64_t> index = index_of(name)) {
    return *index;
  }
  const Result<Uuid> id = Uuid::parse(name);
  if (!id) {
    return fail(Code::kInvalidParams,
                "\"" + name + "\": expected a record's id (a UUID) or its index in the ledger");
  }
  Result<std::unique_ptr<store::RecordIndex>> index = current_index(context, root);
  if (!index) {
    return fail(index.error());
  }
  const Result<std::optional<store::RecordRow>> row = (*index)->find(*id);
  if (!row) {
    return fail(row.error());
  }
  if (!*row) {
    return fail(Code::kNotFound, "no record with id " + id->text() + " in " + root);
  }
  return (*row)->index;
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
    Result<std::unique_ptr<store::RecordIndex>> index =
        store::RecordIndex::open(context.files, folder.index());
    if (index && (*index)->catch_up(context.files, root)) {
      return index;
    }
  }
  Result<std::unique_ptr<store::RecordIndex>> index =
      store::RecordIndex::open(context.files, kInMemory);
  const Status current =
      index ? (*index)->catch_up(context.files, root) : Status(fail(index.error()));
  return current ? std::move(index)
                 : Result<std::unique_ptr<store::RecordIndex>>(fail(current.error()));
}

Result<FoundRecord> find_record(Context& context, const std::string& root,
                                const std::string& name) {
  const Result<std::uint64_t> index = locate(context, root, name);
  if (!index) {
    return fail(index.error());
  }
  std::optional<std::string> token;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t, std::string_view found) {
    token = found;
    return false;
  };
  if (Status walked = ledger::walk(context.files, root, visitor, *index); !walked) {
    return fail(walked.error());
  }
  if (!token) {
    return fail(Code::kNotFound, "no record with index " + std::to_string(*index) + " in " + root);
  }
  Result<store::RecordRow> row = store::read_record_row(*index, *token);
  if (!row) {
    return fail(row.error());
  }
  Result<jose::Jws> jws = jose::decode(*token, token->size() + 1);
  if (!jws) {
    return fail(jws.error());
  }
  return FoundRecord{*std::move(row), *std::move(jws)};
}

Result<FoundRecord> find_record(Context& context, const std::string& name) {
  const Result<DataFolder> folder = data_folder(context);
  return folder ? find_record(context, folder->root, name) : fail(folder.error());
}

}  // namespace pawl
