#include "infrastructure/store/sqlite.h"

#include <sqlite3.h>

namespace pawl::store {
namespace {

constexpr int kBusyTimeoutMs = 5000;

Error error_of(sqlite3* database, int status) {
  const int kind = status & 0xff;
  const Code code = kind == SQLITE_BUSY || kind == SQLITE_LOCKED      ? Code::kConflict
                    : kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB ? Code::kBadSignature
                                                                      : Code::kIo;
  return {code, std::string("index: ") +
                    (database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(status))};
}

}  // namespace

void Statement::Close::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}
void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

// A failed bind leaves NULL, and no statement here takes NULL for a match.
void Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}
void Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text(statement_.get(), parameter, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
}
void Statement::bind_blob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob(statement_.get(), parameter, bytes.data(), static_cast<int>(bytes.size()),
                    SQLITE_TRANSIENT);
}

Result<bool> Statement::step() {
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_ROW || status == SQLITE_DONE) {
    return status == SQLITE_ROW;
  }
  return fail(error_of(sqlite3_db_handle(statement_.get()), status));
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr
             ? std::string()
             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

Result<Database> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int status =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(handle);  // SQLite hands out a handle even when it fails
  if (status != SQLITE_OK) {
    return fail(error_of(handle, status));
  }
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  // The index can be built again, so it is never synced for durability.
  if (Status set = database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"); !set) {
    return fail(set.error());
  }
  return database;
}

Status Database::run(const char* sql) {
  const int status = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  return status == SQLITE_OK ? Status{} : Status(fail(error_of(database_.get(), status)));
}

Result<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int status = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        &statement, nullptr);
  if (status != SQLITE_OK) {
    return fail(error_of(database_.get(), status));
  }
  return Statement(statement);
}

Result<Transaction> Transaction::begin(Database& database) {
  if (Status begun = database.run("BEGIN IMMEDIATE"); !begun) {
    return fail(begun.error());
  }
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) {
    // A rollback that fails ends with the connection.
    const Status rolled_back = database_->run("ROLLBACK");
    static_cast<void>(rolled_back);
  }
}

Status Transaction::commit() {
  Status committed = database_->run("COMMIT");
  if (committed) {
    database_ = nullptr;
  }
  return committed;
}

}  // namespace pawl::store
