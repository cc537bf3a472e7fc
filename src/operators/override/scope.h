// What a stop, a command or a query is about (design, section 11).
//
// Purpose:    parse "agent:triage", "tool:files/write_file", "all" and say whether an Action is in
// it. Threading:  plain values, pure functions. Errors:     kInvalidParams: unknown kind, empty or
// malformed value; says what was expected. Rule:       the kind ends at the first colon; a tool is
// everything after the first slash.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "path/action.h"

namespace pawl::override_ {

enum class ScopeKind {
  kAgent,
  kGroup,
  kUser,
  kWorkflow,
  kServer,
  kTool,
  kTrustDomain,
  kAll,
};

struct Scope {
  ScopeKind kind = ScopeKind::kAll;
  std::string value;  // empty for kAll; "server/tool" for kTool

  std::string text() const;  // "agent:triage"
  // Wide scopes need an operator's signature also to stop (design, section 8).
  bool wide() const;
  auto operator<=>(const Scope&) const = default;
};

Result<Scope> parse_scope(std::string_view text);

// Is the Action in the scope? `domain` is this instance's trust domain.
bool covers(const Scope& scope, const Action& action, std::string_view domain);
// The same for a caller at a server outside a call (plumbing); workflow scopes never match here.
bool covers(const Scope& scope, const Caller& caller, std::string_view server,
            std::string_view domain);

}  // namespace pawl::override_
