// Finds records by id or by index for the commands that look at the ledger; needs no daemon.
//
// Threading:  the main thread.
// Errors:     kInvalidParams (no UUID, no part of one, no number; a part of several ids), kNotFound
// (no ledger, no such record),
//             and what the ledger's reader says.
// Not errors: an index file that cannot be written (another user's folder, a bundle): the index is
//             then built in memory for this one command.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/commands/command.h"
#include "foundation/jose/jws.h"
#include "infrastructure/store/record_index.h"

namespace pawl {

struct FoundRecord {
  store::RecordRow row;
  jose::Jws jws;     // decoded, not verified; .compact is the entry's exact bytes
  std::string root;  // where its log stands
};

// `root`: a data folder or an exported bundle.
Result<std::unique_ptr<store::RecordIndex>> current_index(Context& context,
                                                          const std::string& root);
// The same of a log that is frozen in the data folder `root` (docs/formats/renewal.md).
Result<std::unique_ptr<store::RecordIndex>> frozen_index(Context& context, const std::string& root,
                                                         std::uint64_t number);
// Where the log of a row stands, see RecordRow::log.
std::string log_root(const std::string& root, std::uint64_t log);
// A whole id, or a part (id_part.h) that one record, token, revocation or stop has, of all logs.
Result<Uuid> whole_id(Context& context, const std::string& root, const std::string& name);
// `name`: a record's id (UUID), or that of a token or a revocation that it stands for, looked
// for in frozen logs too, or a part of one, or its index in the log in use. Digits alone are an
// index where there is such an entry.
Result<FoundRecord> find_record(Context& context, const std::string& root, const std::string& name);
// The same in the data folder of --data or the configuration.
Result<FoundRecord> find_record(Context& context, const std::string& name);

}  // namespace pawl
