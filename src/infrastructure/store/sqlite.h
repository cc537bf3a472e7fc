// The part of SQLite that the index needs: a database, a statement, a transaction.
//
// Threading:  one thread at a time for a Database and its statements; several processes may have
//             the file open (WAL; a writer waits up to five seconds for another).
// Ownership:  the Database outlives its statements.
// Errors:     kConflict (busy for longer), kBadSignature (the file is no database, or damaged),
//             kIo (all else), with SQLite's own words.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pawl::store {

class Statement {
 public:
  // Parameters count from 1, columns from 0.
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::string_view text);
  void bind_blob(int parameter, std::string_view bytes);
  Result<bool> step();  // true: there is a row
  void reset();         // for the next run; parameters are cleared
  std::int64_t integer(int column) const;
  std::string text(int column) const;  // also the bytes of a blob; empty for NULL

 private:
  friend class Database;
  struct Close {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Close> statement_;
};

class Database {
 public:
  static Result<Database> open(const std::string& path);
  Status run(const char* sql);
  Result<Statement> prepare(const std::string& sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  std::unique_ptr<sqlite3, Close> database_;
};

// BEGIN IMMEDIATE; rolled back when it is destroyed without commit().
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace pawl::store
