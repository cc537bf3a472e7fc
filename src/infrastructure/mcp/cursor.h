// Cursors of /mcp: where a client's next page goes on, at several servers at once.
//
// Purpose:    opaque to clients, authenticated, bound to the kind of list; they carry the servers'
//             own cursors. Rules still apply to what a page holds.
// Threading:  any thread.
// Errors:     kInvalidParams: not issued here, changed, or of another list.
//
// Example:
//   std::string text = seal.seal(ListKind::kTools, {{"files", "page-2"}});
//   Result<std::vector<CursorEntry>> next = seal.open(ListKind::kTools, text);
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "infrastructure/mcp/methods.h"

namespace pawl::mcp {

struct CursorEntry {
  std::string server;
  std::string cursor;  // the server's own
  bool operator==(const CursorEntry&) const = default;
};

class CursorSeal {
 public:
  explicit CursorSeal(std::string key) : key_(std::move(key)) {}  // 32 bytes
  std::string seal(ListKind list, const std::vector<CursorEntry>& entries) const;
  Result<std::vector<CursorEntry>> open(ListKind list, std::string_view cursor) const;

 private:
  const std::string key_;
};

}  // namespace pawl::mcp
