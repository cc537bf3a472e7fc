#include "app/daemon/record_reads.h"

#include <algorithm>

#include "app/api/shown_proof.h"
#include "app/api/workflow_list.h"
#include "base/log.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

constexpr std::size_t kMostRows = 20'000;  // of one workflow
constexpr std::size_t kMostProposals = 100;

// The index files stay where they are meanwhile.
class Use {
 public:
  explicit Use(IndexedRecords& kept) : kept_(kept) { kept_.begin_use(); }
  ~Use() { kept_.end_use(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  IndexedRecords& kept_;
};

std::string text_of(const json::Value& body, std::string_view name) {
  return std::string(json::find_string(body, {name}).value_or(""));
}

Result<json::Object> proposal_json(const store::RecordRow& row, const std::string& token) {
  const Result<jose::Jws> jws = jose::decode(token, token.size() + 1);
  if (!jws) {
    return fail(jws.error());
  }
  const std::string area =
      std::string(names::kExtPrefix) + std::string(kinds::area(kinds::kPolicyProposed));
  const json::Value* found = in_extension(jws->typ, jws->payload, {area});
  const json::Value body = found != nullptr ? *found : json::Value(json::Object{});
  const std::string by = text_of(body, "operator");
  return json::Object{{"id", row.id.text()},
                      {"at", row.at},
                      {"by", by.empty() ? text_of(body, "by") : by},
                      {"text", text_of(body, "text")},
                      {"reason", text_of(body, "reason")}};
}

}  // namespace

std::vector<std::uint64_t> RecordReads::logs_from(const std::optional<RecordPlace>& place) const {
  std::vector<std::uint64_t> frozen = ledger::frozen_logs(files_, folder_.root);
  std::vector<std::uint64_t> out;
  if (!place || place->log == 0) {
    out.push_back(0);
  }
  for (auto log = frozen.rbegin(); log != frozen.rend(); ++log) {
    if (!place || place->log == 0 || *log <= place->log) {
      out.push_back(*log);
    }
  }
  return out;
}

Result<RecordReads::Index> RecordReads::open(std::uint64_t number, std::uint64_t size) {
  if (number != 0) {
    const std::string path = ledger::frozen_folder(folder_.root, number) + "/index.sqlite";
    return files_.exists(path)
               ? store::RecordIndex::open_to_read(path)
               : Result<Index>(fail(Code::kNotFound, "no index of log " + std::to_string(number)));
  }
  Result<Index> index = store::RecordIndex::open(files_, folder_.index());
  const Result<std::uint64_t> known =
      index ? (*index)->size() : Result<std::uint64_t>(fail(index.error()));
  if (known && *known < size) {
    // Best effort: another thread takes them in, too, and what is there is shown.
    if (Status done = (*index)->catch_up(files_, folder_.ledger(), [] { return false; }); !done) {
      log(LogLevel::kError, "record_index", {{"reason", done.error().message}});
    }
  }
  return index;
}

Result<std::string> RecordReads::entry(const store::RecordRow& row) const {
  std::string token;
  const std::string folder =
      row.log == 0 ? folder_.ledger() : ledger::frozen_folder(folder_.root, row.log);
  const Status walked =
      ledger::walk_at(files_, folder, {row.index}, [&](std::uint64_t, std::string_view found) {
        token = found;
        return false;
      });
  if (!walked || token.empty()) {
    return walked
               ? Result<std::string>(fail(Code::kNotFound, "entry " + std::to_string(row.index) +
                                                               " is not in the ledger, or no more"))
               : fail(walked.error());
  }
  const Result<store::RecordRow> read = store::read_record_row(row.index, token);
  return read && read->id == row.id
             ? Result<std::string>(std::move(token))
             : fail(Code::kConflict, "the index names another record than the ledger has at " +
                                         std::to_string(row.index) +
                                         ": ask again; if it stays, run pawl scrub");
}

Result<std::vector<store::RecordRow>> RecordReads::rows(store::RecordFilter filter,
                                                        const std::optional<RecordPlace>& before,
                                                        std::uint64_t size, bool& incomplete) {
  std::vector<store::RecordRow> out;
  const std::size_t limit = filter.limit;
  for (const std::uint64_t log : logs_from(before)) {
    filter.before = before && before->log == log ? std::optional(before->index) : std::nullopt;
    filter.limit = limit - out.size();
    const Result<Index> index = open(log, size);
    Result<std::vector<store::RecordRow>> found =
        index ? (*index)->query(filter) : fail(index.error());
    if (!found && log == 0) {
      return found;
    }
    incomplete = incomplete || !found;
    for (store::RecordRow& row : found ? *found : std::vector<store::RecordRow>()) {
      row.log = log;
      out.push_back(std::move(row));
    }
    if (out.size() >= limit) {
      break;
    }
  }
  return out;
}

Result<json::Object> RecordReads::search(RecordSearch search, const Viewer& viewer,
                                         std::uint64_t size) {
  const Use use(kept_);
  bool incomplete = false;
  const std::size_t limit = search.filter.limit;
  search.filter.scope = viewer.scope();
  ++search.filter.limit;  // is there one more?
  Result<std::vector<store::RecordRow>> found =
      rows(std::move(search.filter), search.before, size, incomplete);
  if (!found) {
    return fail(found.error());
  }
  std::optional<RecordPlace> next;
  if (found->size() > limit) {
    found->resize(limit);
    next = RecordPlace{found->back().log, found->back().index};
  }
  json::Object out = record_list_json(*found, next);
  if (incomplete) {
    out["incomplete"] = true;
  }
  return out;
}

Result<json::Object> RecordReads::workflows(const std::optional<RecordPlace>& before,
                                            std::size_t limit, const Viewer& viewer,
                                            std::uint64_t size) {
  const Use use(kept_);
  json::Array list;
  json::Object out;
  out["next"] = nullptr;
  const std::vector<std::uint64_t> logs = logs_from(before);
  for (std::size_t i = 0; i < logs.size() && out["next"].is_null(); ++i) {
    const std::uint64_t log = logs[i];
    const auto from = before && before->log == log ? std::optional(before->index) : std::nullopt;
    const Result<Index> index = open(log, size);
    const Result<store::WorkflowPage> page =
        index ? (*index)->workflows(from, limit - list.size(), viewer.scope())
              : fail(index.error());
    if (!page) {
      if (log == 0) {
        return fail(page.error());
      }
      out["incomplete"] = true;
      continue;
    }
    for (const store::WorkflowRow& row : page->rows) {
      list.emplace_back(workflow_row_json(row, log));
    }
    if (page->before) {
      out["next"] = RecordPlace{log, *page->before}.text();
    } else if (list.size() == limit && i + 1 < logs.size()) {
      out["next"] = RecordPlace{logs[i + 1], INT64_MAX}.text();
    }
  }
  out["workflows"] = std::move(list);
  return out;
}

Result<json::Object> RecordReads::workflow(const std::string& id, const std::string& expand,
                                           const Viewer& viewer, std::uint64_t size) {
  const Use use(kept_);
  store::RecordFilter filter;
  filter.workflow = id;
  filter.scope = viewer.scope();
  filter.oldest_first = true;
  std::vector<store::RecordRow> all;
  std::uint64_t total = 0;
  bool incomplete = false;
  std::vector<std::uint64_t> logs = logs_from(std::nullopt);
  std::reverse(logs.begin(), logs.end());  // from the oldest to the one in use, which is 0
  for (const std::uint64_t log : logs) {
    const Result<Index> index = open(log, size);
    filter.limit = kMostRows;
    const Result<std::uint64_t> count = index ? (*index)->count(filter) : fail(index.error());
    Result<std::vector<store::RecordRow>> found =
        count && *count > 0 && all.size() < kMostRows
            ? (filter.limit = kMostRows - all.size(), (*index)->query(filter))
            : Result<std::vector<store::RecordRow>>(std::vector<store::RecordRow>());
    if (!count || !found) {
      if (log == 0) {
        return fail(count ? found.error() : count.error());
      }
      incomplete = true;
      continue;
    }
    total += *count;
    for (store::RecordRow& row : *found) {
      row.log = log;
      all.push_back(std::move(row));
    }
  }
  if (total == 0) {
    return fail(Code::kNotFound, "no records of workflow " + id);
  }
  Result<json::Object> out = workflow_json(id, all, total, expand);
  if (out && incomplete) {
    (*out)["incomplete"] = true;
  }
  return out;
}

Result<json::Object> RecordReads::record(const Uuid& id, const Viewer& viewer, std::uint64_t size) {
  const Use use(kept_);
  for (const std::uint64_t log : logs_from(std::nullopt)) {
    const Result<Index> index = open(log, size);
    Result<std::optional<store::RecordRow>> row =
        index ? (*index)->find(id) : Result<std::optional<store::RecordRow>>(fail(index.error()));
    if (!row && log == 0) {
      return fail(row.error());
    }
    if (row && *row && viewer.sees(**row)) {
      (*row)->log = log;
      const Result<std::string> token = entry(**row);
      return token ? shown_record(**row, *token) : Result<json::Object>(fail(token.error()));
    }
  }
  return fail(Code::kNotFound, "no record with id " + id.text());
}

Result<json::Object> RecordReads::proposals(std::uint64_t size) {
  const Use use(kept_);
  bool incomplete = false;
  store::RecordFilter filter;
  filter.kind = kinds::kPolicyProposed;
  filter.limit = kMostProposals;
  const Result<std::vector<store::RecordRow>> found =
      rows(std::move(filter), std::nullopt, size, incomplete);
  if (!found) {
    return fail(found.error());
  }
  json::Array list;
  for (const store::RecordRow& row : *found) {
    const Result<std::string> token = entry(row);
    Result<json::Object> one = token ? proposal_json(row, *token) : fail(token.error());
    if (!one) {
      return one;
    }
    list.emplace_back(*std::move(one));
  }
  json::Object out;
  out["proposals"] = std::move(list);
  return out;
}

}  // namespace pawl
