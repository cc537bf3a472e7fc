// The index over the ledger: DATA/index.sqlite, for look-ups by id and for queries.
//
// Purpose:    answer without reading the whole log. It holds no truth: it can be deleted, and the
//             next catch_up() builds it again; what matters is read from the ledger by the index
//             number found here.
// Threading:  one thread at a time. Several processes may have the file open: the daemon and the
//             command line.
// Errors:     kConflict (another process writes for longer than five seconds), kIo, and what the
//             ledger's reader says (kBadSignature: the log is damaged).
// Not errors: a missing, damaged or foreign file: it is built anew; an entry that is no token with
//             a UUID: it has no row.
// Files:      SQLite opens its files itself, beside the Files interface: nothing here must survive
//             a power cut.
//
// Example:
//   Result<std::unique_ptr<RecordIndex>> index = RecordIndex::open(files, data + "/index.sqlite");
//   Status current = (*index)->catch_up(files, data + "/ledger");
//   Result<std::optional<RecordRow>> row = (*index)->find(id);    // nullopt: not in the ledger
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "infrastructure/store/record_row.h"
#include "infrastructure/store/sqlite.h"

namespace pawl::store {

// What somebody may see: records of any of these; of none of them nothing.
struct RecordScope {
  std::vector<std::string> agents{}, servers{}, workflows{};
  std::vector<std::pair<std::string, std::string>> tools{};  // server, tool
};

// Empty members match everything; all that are given must fit, whole and exactly.
struct RecordFilter {
  std::string agent{}, server{}, tool{}, verb{}, outcome{}, kind{}, workflow{};
  std::optional<std::int64_t> since{};    // seconds, included
  std::optional<std::int64_t> until{};    // seconds, not included
  std::size_t limit = 100;                // 1..kMaxLimit
  std::string name{};                     // of a tool, a prompt or a resource
  std::string area{};                     // every kind of it: "operator"
  std::optional<std::uint64_t> before{};  // only records that stand before this index
  std::optional<RecordScope> scope{};     // nullopt: all
  bool oldest_first = false;

  static constexpr std::size_t kMaxLimit = 20'000;
};

// What the records of one workflow have in common.
struct WorkflowRow {
  std::string workflow;
  std::uint64_t newest = 0;          // index of its last record
  std::int64_t began = 0, last = 0;  // seconds
  std::uint64_t records = 0;
  std::map<std::string, std::uint64_t> agents, outcomes;  // records of each; "" is left out
};

struct WorkflowPage {
  std::vector<WorkflowRow> rows;        // the one with the newest record first
  std::optional<std::uint64_t> before;  // to go on from; nullopt: there are no more
};

// What the graph of records is made of.
struct GraphRow {
  std::uint64_t index = 0;
  Uuid id;
  std::vector<Uuid> parents;
  ect::Level level = ect::Level::kL3;
  bool partial = false;
};  // `id`: see RecordRow::graph_id()

class RecordIndex {
 public:
  static Result<std::unique_ptr<RecordIndex>> open(Files& files, const std::string& path);

  // To look records up while another thread or process writes: never waits for it, and writes
  // nothing. kBadSignature: not there yet, or of another version.
  static Result<std::unique_ptr<RecordIndex>> open_to_read(const std::string& path);

  // Takes in what the ledger has beyond the last entry known here; everything, when that entry is
  // not the one it was (another ledger, or a tail that a power cut took). Costs a scan of the
  // ledger's last segment even when there is nothing new.
  // `go_on`: asked after each transaction; false ends it early.
  Status catch_up(Files& files, const std::string& ledger_folder,
                  const std::function<bool()>& go_on = {});

  Result<std::optional<RecordRow>> find(const Uuid& id);
  // The record that stands for the token of somebody else with this id.
  Result<std::optional<RecordRow>> find_token(const Uuid& id);
  // Ids of records, and of tokens that records stand for, which begin or end with these hex digits
  // (lower case, 1..32): at most `most` of each of the four, in no order.
  Result<std::vector<Uuid>> ids_with(std::string_view digits, std::size_t most);
  Result<std::vector<RecordRow>> query(const RecordFilter& filter);  // newest first
  // How many fit, whatever limit and before are.
  Result<std::uint64_t> count(const RecordFilter& filter);
  // Those whose newest record stands before an index (nullopt: all), of the records in `scope`
  // only. At most `limit`, 1..200. Looks at 50,000 records at most, and says where it stopped.
  Result<WorkflowPage> workflows(std::optional<std::uint64_t> before, std::size_t limit,
                                 const std::optional<RecordScope>& scope);
  // In the order of the ledger, from `index` on; empty: there are no more.
  Result<std::vector<RecordRow>> rows_from(std::uint64_t index, std::size_t limit);
  // All of them, in the order of the ledger.
  Status each_edge(const std::function<void(const GraphRow&)>& see);
  Result<std::uint64_t> size();  // entries taken in
  // Forgets everything; the next catch_up() builds it again.
  Status clear();

 private:
  struct Known {
    std::uint64_t size = 0;   // entries taken in
    std::string last_digest;  // of the last one's bytes; empty when size is 0
  };
  explicit RecordIndex(Database database) : database_(std::move(database)) {}
  Status make_tables();
  Result<Known> known();
  Result<bool> take_chunk(Files& files, const std::string& folder);
  Status insert(Statement& statement, const RecordRow& row);
  Result<std::optional<RecordRow>> find_by(std::optional<Statement>& select,
                                           std::string_view condition, const Uuid& id);
  Status remember(const Known& now);

  Database database_;
  std::optional<Statement> find_, find_token_;  // prepared once
};

}  // namespace pawl::store
