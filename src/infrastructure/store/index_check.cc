#include "infrastructure/store/index_check.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "foundation/ledger/reader.h"

namespace pawl::store {
namespace {

constexpr std::size_t kRowsAtOnce = 4'096;

Status wrong(std::uint64_t index, const std::string& what) {
  return fail(Code::kBadSignature, "entry " + std::to_string(index) + ": " + what);
}

Status compare(const RecordRow& row, std::string_view token) {
  const Result<RecordRow> entry = read_record_row(row.index, token);
  const std::string column = entry ? difference(row, *entry) : "id";
  return column.empty() ? Status{} : wrong(row.index, "the index has another " + column);
}

// The rows of an index in order, a part at a time.
class Rows {
 public:
  explicit Rows(RecordIndex& index) : index_(index) {}
  // nullopt: there are no more.
  Result<std::optional<RecordRow>> front() {
    if (rows_.empty() && !ended_) {
      Result<std::vector<RecordRow>> more = index_.rows_from(next_, kRowsAtOnce);
      if (!more) {
        return fail(more.error());
      }
      ended_ = more->empty();
      rows_.assign(more->begin(), more->end());
    }
    return rows_.empty() ? std::nullopt : std::optional(rows_.front());
  }
  void pop() {
    next_ = rows_.front().index + 1;
    rows_.pop_front();
  }

 private:
  RecordIndex& index_;
  std::deque<RecordRow> rows_;
  std::uint64_t next_ = 0;
  bool ended_ = false;
};

Status check_entry(Rows& rows, std::uint64_t index, std::string_view token) {
  const Result<std::optional<RecordRow>> row = rows.front();
  if (!row) {
    return fail(row.error());
  }
  const bool has_row = *row && (*row)->index == index;
  if (!has_row) {
    return read_record_row(index, token) ? wrong(index, "the index has no row of it") : Status{};
  }
  const Status same = compare(**row, token);
  rows.pop();
  return same;
}

}  // namespace

std::string difference(const RecordRow& row, const RecordRow& entry) {
  const std::pair<const char*, bool> columns[] = {
      {"id", row.id == entry.id},
      {"at", row.at == entry.at},
      {"kind", row.kind == entry.kind},
      {"verb", row.verb == entry.verb},
      {"agent", row.agent == entry.agent},
      {"server", row.server == entry.server},
      {"tool", row.tool == entry.tool},
      {"outcome", row.outcome == entry.outcome},
      {"workflow", row.workflow == entry.workflow},
      {"parents", row.parents == entry.parents},
      {"level", row.level == entry.level},
      {"partial", row.partial == entry.partial},
      {"approved", row.approved == entry.approved},
      {"token", row.token == entry.token},
      {"issuer", row.issuer == entry.issuer},
      {"payload", row.payload == entry.payload},
      {"token_at", row.token_at == entry.token_at},
      {"basis", row.basis == entry.basis},
      {"resource", row.resource == entry.resource},
  };
  const auto* found =
      std::find_if(std::begin(columns), std::end(columns), [](const auto& c) { return !c.second; });
  return found == std::end(columns) ? "" : found->first;
}

Status check_rows(Files& files, const std::string& folder, const std::vector<RecordRow>& rows) {
  std::map<std::uint64_t, const RecordRow*> order;
  std::vector<std::uint64_t> indices;
  indices.reserve(rows.size());
  for (const RecordRow& row : rows) {
    order.emplace(row.index, &row);
  }
  for (const auto& [index, row] : order) {
    indices.push_back(index);
  }
  Status same;
  auto next = indices.begin();
  const Status walked =
      ledger::walk_at(files, folder, indices, [&](std::uint64_t index, std::string_view token) {
        same = compare(*order.at(index), token);
        ++next;
        return same.has_value();
      });
  if (!walked || !same) {
    return walked ? same : walked;
  }
  return next == indices.end()
             ? Status{}
             : wrong(*next, "the index has a row of it, and the ledger has no such entry");
}

Status check_index(RecordIndex& index, Files& files, const std::string& folder) {
  const Result<std::uint64_t> size = index.size();
  if (!size) {
    return fail(size.error());
  }
  Rows rows(index);
  Status same;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t at, std::string_view token) {
    if (at >= *size) {
      return false;  // a daemon goes on writing
    }
    same = check_entry(rows, at, token);
    return same.has_value();
  };
  if (Status walked = ledger::walk(files, folder, visitor); !walked) {
    return walked;
  }
  const Result<std::optional<RecordRow>> left =
      same ? rows.front() : Result<std::optional<RecordRow>>(fail(same.error()));
  if (!left) {
    return fail(left.error());
  }
  return *left && (*left)->index < *size
             ? wrong((*left)->index, "the index has a row of it, and the ledger has no such entry")
             : Status{};
}

}  // namespace pawl::store
