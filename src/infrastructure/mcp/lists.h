// Lists: filtered to what the caller may use, merged for /mcp, private in their cache scope.
//
// Purpose:    keep the bytes of kept items; drop the rest; nothing a caller may not use is named.
// Threading:  pure functions.
// Errors:     kUpstreamFailed: the body is not a list of that kind.
// Not errors: an empty list; an item without a readable name (left out, as nobody can use it).
//
// Example:
//   Result<std::string> body = filter_list(answer.body, ListKind::kTools, era,
//       [&](std::string_view name) { return gateway.may_use(caller, server, verb, name); });
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "infrastructure/mcp/cursor.h"
#include "infrastructure/mcp/methods.h"
#include "infrastructure/mcp/names.h"

namespace pawl::mcp {

using Keep = std::function<bool(std::string_view name)>;

// In the modern era also: cacheScope "private", and no tools whose x-mcp-header is invalid.
Result<std::string> filter_list(std::string_view body, ListKind list, Era era, const Keep& keep);

// Tools that `may` names and that say nothing else get `execution.taskSupport` "optional".
// `body`: a list of tools that filter_list() gave.
std::string with_task_support(std::string body, const Keep& may);

// One item of a tool list and its inputSchema, for caches of annotations and schemas.
struct ToolSchema {
  std::string name;
  std::string input_schema;  // raw JSON; empty when missing
};
Result<std::vector<ToolSchema>> tool_schemas(std::string_view body);

// One upstream's (already filtered) page.
struct Page {
  std::string server;
  std::string body;
};

// One list of several pages, by server name, then in the upstream's order. Tools and prompts get
// their public names (learned in `names`), resources and templates are learned for routing.
// `unavailable`: servers that could not be asked; named in _meta so that a gap is not silent.
Result<std::string> merge_lists(const std::vector<Page>& pages, ListKind list, Era era,
                                NameMap& names, const CursorSeal& seal,
                                const std::vector<std::string>& unavailable);

}  // namespace pawl::mcp
