#include "app/commands/kept_file.h"

namespace pawl {

Status may_write(Files& files, const std::string& path, const std::string& text, bool force) {
  if (force || !files.exists(path)) {
    return {};
  }
  const Result<std::string> there = read_file(files, path, text.size() + 1);
  return there && *there == text
             ? Status{}
             : Status(fail(Code::kConflict,
                           path + " exists and holds something else; --force replaces it"));
}

}  // namespace pawl
