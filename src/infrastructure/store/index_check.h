// Whether the index says what the ledger says.
//
// Purpose:    the index is a file that anybody on the machine may have changed, and what people
//             read of it are its rows. check_rows() compares the rows of one answer with their
//             entries; an entry that has no row is found by check_index() only.
// Threading:  one thread at a time, as the index.
// Cost:       check_rows: one walk for rows that stand near each other, a segment at most for one
//             that stands alone. check_index: the whole ledger.
// Errors:     kBadSignature: a difference, named with its entry; and what the ledger's reader says.
// Source:     docs/formats/index.md, "What an answer proves".
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "infrastructure/store/record_index.h"

namespace pawl::store {

// Which column differs from what the entry says; empty: none.
std::string difference(const RecordRow& row, const RecordRow& entry);

// `folder`: of the ledger that the rows are of. The order does not matter.
Status check_rows(Files& files, const std::string& folder, const std::vector<RecordRow>& rows);

// Every entry that the index has taken in has its row, and no other rows are there.
Status check_index(RecordIndex& index, Files& files, const std::string& folder);

}  // namespace pawl::store
