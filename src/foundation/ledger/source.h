// What a path is: a ledger folder (DATA or DATA/ledger) or an exported bundle.
//
// Threading: pure over Files. Errors: kNotFound (neither), with what was looked for;
// kUndecidable: a data folder in the midst of a switch to its next log, which has no segments yet.
#pragma once

#include <string>

#include "base/files.h"

namespace pawl::ledger {

struct Source {
  bool is_bundle = false;
  std::string folder;  // with segments/, or with checkpoint and tile/
};
Result<Source> find_source(Files& files, const std::string& path);

}  // namespace pawl::ledger
