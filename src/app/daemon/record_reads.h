// What people search in the records of all logs, by the indexes; one record by its entry.
//
// Purpose:    the work of the read desk's thread (read_desk.h): opens an index for each question,
//             brings it up to date where it is behind, and searches.
// Threading:  one thread at a time; not the I/O thread.
// Ownership:  files and the kept index outlive it. `size` of a question: entries that were durable
//             when it was asked.
// Errors:     kNotFound, kBadSignature (the index names another record than the ledger has there:
//             say so and ask again), and what index and ledger say.
// Not errors: a frozen log without an index: it is left out, and the answer says `incomplete`.
// Source:     docs/formats/index.md, docs/formats/console_api.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/api/record_list.h"
#include "app/api/viewer.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/indexed_records.h"
#include "base/files.h"
#include "base/json.h"

namespace pawl {

class RecordReads {
 public:
  RecordReads(Files& files, DataFolder folder, IndexedRecords& kept)
      : files_(files), folder_(std::move(folder)), kept_(kept) {}

  Result<json::Object> search(RecordSearch search, const Viewer& viewer, std::uint64_t size);
  Result<json::Object> workflows(const std::optional<RecordPlace>& before, std::size_t limit,
                                 const Viewer& viewer, std::uint64_t size);
  Result<json::Object> workflow(const std::string& id, const std::string& expand,
                                const Viewer& viewer, std::uint64_t size);
  // {index, id, ..., token, claims}, without proof. What is not to be seen is not there.
  Result<json::Object> record(const Uuid& id, const Viewer& viewer, std::uint64_t size);
  // {proposals: [{id, at, by, text, reason}]}, the newest first.
  Result<json::Object> proposals(std::uint64_t size);

 private:
  using Index = std::unique_ptr<store::RecordIndex>;

  // The log in use, then the frozen ones, newest first; from a place on.
  std::vector<std::uint64_t> logs_from(const std::optional<RecordPlace>& place) const;
  Result<Index> open(std::uint64_t number, std::uint64_t size);
  Result<std::string> entry(const store::RecordRow& row) const;
  Result<std::vector<store::RecordRow>> rows(store::RecordFilter filter,
                                             const std::optional<RecordPlace>& before,
                                             std::uint64_t size, bool& incomplete);

  Files& files_;
  const DataFolder folder_;
  IndexedRecords& kept_;
};

}  // namespace pawl
