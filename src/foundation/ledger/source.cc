#include "foundation/ledger/source.h"

#include "foundation/ledger/recover.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/segment.h"

namespace pawl::ledger {

Result<Source> find_source(Files& files, const std::string& path) {
  for (const std::string& folder : {path + "/ledger", path}) {
    if (files.exists(segments_folder(folder))) {
      return Source{false, folder};
    }
  }
  if (files.exists(checkpoint_path(path))) {
    return Source{true, path};
  }
  const Result<std::optional<Opened>> opened = newest_opened(files, path);
  if (opened && *opened) {
    return fail(Code::kUndecidable,
                path + ": a renewal is under way, and log " + std::to_string((*opened)->number) +
                    " has not begun yet: try again, or start the daemon once if none runs");
  }
  return fail(Code::kNotFound, path +
                                   ": no ledger here (expected ledger/segments, segments, or "
                                   "the files checkpoint and tile/ of a bundle)");
}

}  // namespace pawl::ledger
