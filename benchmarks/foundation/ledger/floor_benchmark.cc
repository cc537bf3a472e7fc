// What others ask for a durable row on this disk: the floors beside the ledger's receipts.
//
// Usage: floor_benchmark FOLDER ROW_BYTES SECONDS sqlite|sync BATCH
//   sqlite  SQLite, WAL, synchronous=FULL, BATCH rows a transaction (1: per row)
//   sync    pwrite and fdatasync of BATCH rows, into a file written ahead
// Prints one JSON object; the time of one durable batch is the latency of its rows.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace {

using Steady = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "floor_benchmark: %s\n", why.c_str());
  std::exit(1);
}

// Makes durable batches until the time is over; returns how long each took, in milliseconds.
std::vector<double> timed(double seconds, const std::function<void()>& batch) {
  std::vector<double> ms;
  const Steady::time_point begin = Steady::now();
  for (Steady::time_point now = begin;
       std::chrono::duration<double>(now - begin).count() < seconds;) {
    batch();
    const Steady::time_point after = Steady::now();
    ms.push_back(std::chrono::duration<double, std::milli>(after - now).count());
    now = after;
  }
  return ms;
}

void execute(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    give_up(std::string(sql) + ": " + sqlite3_errmsg(db));
  }
}

std::vector<double> sqlite_rows(const std::string& path, const std::string& row, int batch,
                                double seconds) {
  sqlite3* db = nullptr;
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK) {
    give_up(path);
  }
  execute(db, "PRAGMA journal_mode=WAL");
  execute(db, "PRAGMA synchronous=FULL");
  execute(db, "CREATE TABLE rows (id INTEGER PRIMARY KEY, token BLOB)");
  sqlite3_stmt* insert = nullptr;
  if (sqlite3_prepare_v2(db, "INSERT INTO rows (token) VALUES (?)", -1, &insert, nullptr) !=
      SQLITE_OK) {
    give_up(sqlite3_errmsg(db));
  }
  std::vector<double> ms = timed(seconds, [&] {
    execute(db, "BEGIN");
    for (int i = 0; i < batch; ++i) {
      sqlite3_bind_blob(insert, 1, row.data(), static_cast<int>(row.size()), SQLITE_STATIC);
      if (sqlite3_step(insert) != SQLITE_DONE) {
        give_up(sqlite3_errmsg(db));
      }
      sqlite3_reset(insert);
    }
    execute(db, "COMMIT");
  });
  sqlite3_finalize(insert);
  sqlite3_close(db);
  return ms;
}

std::vector<double> synced_rows(const std::string& path, const std::string& row, int batch,
                                double seconds) {
  constexpr std::size_t kAhead = 64u << 20;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const std::string zeros(1u << 20, '\0');
  for (std::size_t at = 0; fd >= 0 && at < kAhead; at += zeros.size()) {
    if (::pwrite(fd, zeros.data(), zeros.size(), static_cast<off_t>(at)) < 0) {
      give_up("cannot write " + path);
    }
  }
  if (fd < 0 || ::fdatasync(fd) != 0) {
    give_up("cannot make " + path);
  }
  std::string rows;
  for (int i = 0; i < batch; ++i) {
    rows += row;
  }
  std::size_t at = 0;
  std::vector<double> ms = timed(seconds, [&] {
    if (::pwrite(fd, rows.data(), rows.size(), static_cast<off_t>(at)) !=
            static_cast<ssize_t>(rows.size()) ||
        ::fdatasync(fd) != 0) {
      give_up("cannot write " + path);
    }
    at = at + 2 * rows.size() <= kAhead ? at + rows.size() : 0;
  });
  ::close(fd);
  return ms;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc == 6 ? argv[4] : "";
  if (kind != "sqlite" && kind != "sync") {
    std::fprintf(stderr, "usage: floor_benchmark FOLDER ROW_BYTES SECONDS sqlite|sync BATCH\n");
    return 2;
  }
  const std::string path = std::string(argv[1]) + "/floor-" + kind;
  const std::string row(std::strtoul(argv[2], nullptr, 10), 'x');
  const double seconds = std::atof(argv[3]);
  const int batch = std::max(1, std::atoi(argv[5]));
  std::vector<double> ms = kind == "sqlite" ? sqlite_rows(path, row, batch, seconds)
                                            : synced_rows(path, row, batch, seconds);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    ::unlink((path + suffix).c_str());
  }
  double total = 0;
  for (const double each : ms) {
    total += each;
  }
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double share) {
    return ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
  };
  std::printf(
      "{\"kind\":\"%s\",\"batch\":%d,\"per_second\":%.1f,\"p50_ms\":%.4f,\"p99_ms\":%.4f}\n",
      kind.c_str(), batch, 1000.0 * static_cast<double>(ms.size()) * batch / total, at(0.5),
      at(0.99));
  return 0;
}
