// Going on as a new log: the old one is frozen as it is, the new one's first record names the
// newest checkpoint known of it (docs/formats/renewal.md).
//
// Purpose:    end a log that has become too long, and go on after a restored backup. Each log has
//             an origin of its own: "example.org/pawl/gw1", then ".../2", ".../3".
// Threading:  plain functions; nobody writes the folder meanwhile.
// Errors:     kIo, kMalformed (a file that is not what it must be), kUnsupported (a newer one),
//             kConflict (a frozen log of that number is there already).
// Not errors: a folder that was never renewed.
// Crashes:    prepare() changes nothing that a start looks at; the switch is two renames, and
//             settle(), at every start, makes the first one durable and the second one if the
//             first is there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/ledger/ledger.h"

namespace pawl::ledger {

// DATA/ledger/opened.json: what a log goes on from. It is kept as long as the log: the fold begins
// with its decisions, and the first record holds their hash.
struct Opened {
  std::uint64_t number = 1;
  std::string origin_before;
  std::uint64_t size_before = 0;
  std::uint64_t kept_before = 0;     // entries that were there; fewer: the others are lost
  std::string checkpoint_before;     // the signed note
  std::string decisions;             // in force at the end of it: the fold's own JSON text
  std::vector<Intent> open_intents;  // the new log begins with them
};

// The origin of log `number` of an instance, and back: "a/b/c/3" is 3 of "a/b/c".
std::string log_origin(const std::string& first_origin, std::uint64_t number);
struct LogName {
  std::string first_origin;
  std::uint64_t number = 1;
};
LogName log_name(const std::string& origin);

Result<std::optional<Opened>> read_opened(Files& files, const std::string& ledger_folder);

// What the newest log of a data folder goes on from, also between the two renames of a switch, when
// no folder `ledger` is there. nullopt: it is the first one, or there is none.
Result<std::optional<Opened>> newest_opened(Files& files, const std::string& root);

// `root`: the data folder. Writes the begin of the new log beside the old one.
Status prepare_renewal(Files& files, const std::string& root, const Opened& opened);
// Freezes DATA/ledger as DATA/ledgers/00000N and puts the prepared log in its place.
Status switch_logs(Files& files, const std::string& root, std::uint64_t old_number);
// Ends a switch that a crash interrupted.
Status settle_renewal(Files& files, const std::string& root);

std::string frozen_folder(const std::string& root, std::uint64_t number);
// Numbers of the logs that are frozen here, oldest first.
std::vector<std::uint64_t> frozen_logs(Files& files, const std::string& root);

}  // namespace pawl::ledger
