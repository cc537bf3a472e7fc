#include "infrastructure/store/record_index.h"

#include "foundation/crypto/sha256.h"
#include "foundation/ledger/reader.h"
#include "infrastructure/store/record_columns.h"

namespace pawl::store {
namespace {

constexpr std::uint64_t kChunkEntries = 16'384;  // one transaction; others wait for it
constexpr int kSchema = 5;
constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS known (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL,
                                  last_digest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS records (idx INTEGER PRIMARY KEY, id BLOB NOT NULL, at INTEGER NOT NULL,
  kind TEXT NOT NULL, verb TEXT NOT NULL, agent TEXT NOT NULL, server TEXT NOT NULL,
  tool TEXT NOT NULL, outcome TEXT NOT NULL, workflow TEXT NOT NULL, parents BLOB NOT NULL,
  level INTEGER NOT NULL, partial INTEGER NOT NULL, approved INTEGER NOT NULL,
  token BLOB NOT NULL, issuer TEXT NOT NULL, payload TEXT NOT NULL, token_at INTEGER NOT NULL,
  basis TEXT NOT NULL, resource TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_id ON records (id);
CREATE INDEX IF NOT EXISTS by_token ON records (token) WHERE length(token) > 0;
CREATE INDEX IF NOT EXISTS by_agent ON records (agent, idx);
CREATE INDEX IF NOT EXISTS by_workflow ON records (workflow, idx);
PRAGMA user_version = 5;
)";

std::string digest_of(std::string_view token) {
  return std::string(view(sha256(token)));
}

Result<Database> open_database(const std::string& path) {
  Result<Database> database = Database::open(path);
  if (!database) {
    return database;
  }
  Result<Statement> version = database->prepare("PRAGMA user_version");
  Result<bool> row = version ? version->step() : Result<bool>(fail(version.error()));
  if (!row) {
    return fail(row.error());
  }
  const std::int64_t found = version->integer(0);
  if (found != 0 && found != kSchema) {
    return fail(Code::kBadSignature, "index: made by another version");
  }
  return database;
}

void remove_index(Files& files, const std::string& path) {
  for (const char* part : {"", "-wal", "-shm"}) {
    const Status removed = files.remove(path + part);
    static_cast<void>(removed);  // what stays in the way is told by the next open
  }
}

}  // namespace

Result<std::unique_ptr<RecordIndex>> RecordIndex::open(Files& files, const std::string& path) {
  for (const bool again : {false, true}) {
    // For its owner alone: SQLite would make it for all to read, and its other files like it.
    static_cast<void>(files.open(path, OpenMode::kCreate));
    Result<Database> database = open_database(path);
    Status usable = database ? Status{} : Status(fail(database.error()));
    if (database) {
      std::unique_ptr<RecordIndex> index(new RecordIndex(*std::move(database)));
      usable = index->make_tables();
      if (usable) {
        return index;
      }
    }
    if (again || usable.error().code != Code::kBadSignature) {
      return fail_at(path, usable.error());
    }
    remove_index(files, path);
  }
  return fail(Code::kInternal, "index: not reached");
}

Result<std::unique_ptr<RecordIndex>> RecordIndex::open_to_read(const std::string& path) {
  Result<Database> database = open_database(path);
  if (!database) {
    return fail_at(path, database.error());
  }
  Result<Statement> version = database->prepare("PRAGMA user_version");
  const Result<bool> row = version ? version->step() : Result<bool>(fail(version.error()));
  if (!row || version->integer(0) != kSchema) {
    return row ? fail(Code::kBadSignature, path + ": the index has no tables yet")
               : fail_at(path, row.error());
  }
  version->reset();
  return std::unique_ptr<RecordIndex>(new RecordIndex(*std::move(database)));
}

Status RecordIndex::make_tables() {
  Result<Transaction> transaction = Transaction::begin(database_);
  if (!transaction) {
    return fail(transaction.error());
  }
  Status made = database_.run(kTables);
  return made ? transaction->commit() : made;
}

Result<RecordIndex::Known> RecordIndex::known() {
  Result<Statement> select = database_.prepare("SELECT size, last_digest FROM known");
  Result<bool> row = select ? select->step() : Result<bool>(fail(select.error()));
  if (!row) {
    return fail(row.error());
  }
  return *row ? Known{static_cast<std::uint64_t>(select->integer(0)), select->text(1)} : Known{};
}

Status RecordIndex::clear() {
  return database_.run("DELETE FROM records; DELETE FROM known;");
}

Status RecordIndex::remember(const Known& now) {
  Result<Statement> insert = database_.prepare("INSERT OR REPLACE INTO known VALUES (1, ?, ?)");
  if (!insert) {
    return fail(insert.error());
  }
  insert->bind(1, static_cast<std::int64_t>(now.size));
  insert->bind_blob(2, now.last_digest);
  const Result<bool> done = insert->step();
  return done ? Status{} : Status(fail(done.error()));
}

Status RecordIndex::insert(Statement& statement, const RecordRow& row) {
  statement.reset();
  bind_row(statement, row);
  const Result<bool> done = statement.step();
  return done ? Status{} : Status(fail(done.error()));
}

// One transaction: what the ledger has beyond what is known, up to a chunk. True: there is more.
Result<bool> RecordIndex::take_chunk(Files& files, const std::string& folder) {
  Result<Transaction> transaction = Transaction::begin(database_);
  Result<Known> before = transaction ? known() : Result<Known>(fail(transaction.error()));
  Result<Statement> statement =
      before ? database_.prepare(std::string("INSERT OR REPLACE INTO records (") + kColumns +
                                 ") VALUES (" + kPlaces + ")")
             : Result<Statement>(fail(before.error()));
  if (!statement) {
    return fail(statement.error());
  }
  Known now = *before;
  bool is_same = now.size == 0;
  bool is_full = false;
  Status status;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    if (index + 1 == before->size) {
      is_same = digest_of(token) == before->last_digest;
      return is_same;
    }
    if (now.size - before->size == kChunkEntries) {
      is_full = true;
      return false;
    }
    if (Result<RecordRow> row = read_record_row(index, token)) {
      status = insert(*statement, *row);
    }
    now = {index + 1, digest_of(token)};
    return status.has_value();
  };
  // The last known entry is read again, to see that it is the same log.
  Status walked = ledger::walk(files, folder, visitor, before->size == 0 ? 0 : before->size - 1);
  if (!walked || !status) {
    return fail(walked ? status.error() : walked.error());
  }
  status = is_same ? remember(now) : clear();
  if (status) {
    status = transaction->commit();
  }
  return status ? Result<bool>(is_full || !is_same) : Result<bool>(fail(status.error()));
}

Status RecordIndex::catch_up(Files& files, const std::string& ledger_folder,
                             const std::function<bool()>& go_on) {
  for (;;) {
    const Result<bool> more = take_chunk(files, ledger_folder);
    if (!more) {
      return fail(more.error());
    }
    if (!*more || (go_on && !go_on())) {
      return {};
    }
  }
}

Result<std::optional<RecordRow>> RecordIndex::find(const Uuid& id) {
  return find_by(find_, "id = ?", id);
}

Result<std::optional<RecordRow>> RecordIndex::find_token(const Uuid& id) {
  return find_by(find_token_, "token = ? AND length(token) > 0", id);
}

Result<std::optional<RecordRow>> RecordIndex::find_by(std::optional<Statement>& select,
                                                      std::string_view condition, const Uuid& id) {
  if (!select) {
    Result<Statement> prepared =
        database_.prepare(std::string("SELECT ") + kColumns + " FROM records WHERE " +
                          std::string(condition) + " LIMIT 1");
    if (!prepared) {
      return fail(prepared.error());
    }
    select = *std::move(prepared);
  }
  select->bind_blob(1, bytes_of(id));
  const Result<bool> row = select->step();
  std::optional<RecordRow> found = row && *row ? std::optional(row_of(*select)) : std::nullopt;
  select->reset();  // and with it the view of the file as it was
  return row ? Result<std::optional<RecordRow>>(std::move(found)) : fail(row.error());
}

Result<std::vector<RecordRow>> RecordIndex::rows_from(std::uint64_t index, std::size_t limit) {
  Result<Statement> select = database_.prepare(std::string("SELECT ") + kColumns +
                                               " FROM records WHERE idx >= ? ORDER BY idx LIMIT ?");
  if (!select) {
    return fail(select.error());
  }
  select->bind(1, static_cast<std::int64_t>(index));
  select->bind(2, static_cast<std::int64_t>(limit));
  return all_rows(*select);
}

Status RecordIndex::each_edge(const std::function<void(const GraphRow&)>& see) {
  Result<Statement> select =
      database_.prepare("SELECT idx, id, parents, level, partial, token FROM records ORDER BY idx");
  if (!select) {
    return fail(select.error());
  }
  for (;;) {
    const Result<bool> row = select->step();
    if (!row || !*row) {
      return row ? Status{} : Status(fail(row.error()));
    }
    const std::string token = select->text(5);
    const std::vector<Uuid> id = ids_of(token.empty() ? select->text(1) : token);
    if (id.size() == 1) {
      see({static_cast<std::uint64_t>(select->integer(0)), id.front(), ids_of(select->text(2)),
           level_of(select->integer(3)), select->integer(4) != 0});
    }
  }
}

Result<std::uint64_t> RecordIndex::size() {
  const Result<Known> now = known();
  return now ? Result<std::uint64_t>(now->size) : Result<std::uint64_t>(fail(now.error()));
}

}  // namespace pawl::store
