#include "operators/override/scope.h"

#include <algorithm>
#include <array>

#include "base/uuid.h"

namespace pawl::override_ {
namespace {

struct KindName {
  ScopeKind kind;
  std::string_view name;
};
constexpr std::array kKindNames = {
    KindName{ScopeKind::kAgent, "agent"},
    KindName{ScopeKind::kGroup, "group"},
    KindName{ScopeKind::kUser, "user"},
    KindName{ScopeKind::kWorkflow, "workflow"},
    KindName{ScopeKind::kServer, "server"},
    KindName{ScopeKind::kTool, "tool"},
    KindName{ScopeKind::kTrustDomain, "trust-domain"},
};
constexpr std::string_view kExpected =
    "expected agent:ID, group:NAME, user:ID, workflow:UUID, server:NAME, tool:SERVER/TOOL, "
    "trust-domain:NAME or all";
constexpr std::size_t kMaxScopeBytes = 256;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool in_groups(const Caller& caller, std::string_view group) {
  return std::find(caller.groups.begin(), caller.groups.end(), group) != caller.groups.end();
}

bool is_server_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// A stop that can never cover anything is refused: whoever asked believes that something stopped.
Result<Scope> checked(ScopeKind kind, std::string_view value, std::string_view text) {
  if (kind == ScopeKind::kWorkflow) {
    const Result<Uuid> id = Uuid::parse(value);
    if (!id) {
      return fail(Code::kInvalidParams, "scope \"" + std::string(text) + "\": not a UUID");
    }
    return Scope{kind, id->text()};
  }
  const std::size_t slash = value.find('/');
  if (kind == ScopeKind::kTool &&
      (slash == std::string_view::npos || slash == 0 || slash + 1 == value.size())) {
    return fail(Code::kInvalidParams,
                "scope \"" + std::string(text) + "\": a tool is named SERVER/TOOL");
  }
  if (kind == ScopeKind::kAgent && !is_agent_id(value)) {
    return fail(Code::kInvalidParams,
                "scope \"" + std::string(text) +
                    "\": an agent's id is 1 to 128 of A-Z a-z 0-9 . _ -; there are no patterns");
  }
  if ((kind == ScopeKind::kServer || kind == ScopeKind::kTool) &&
      !is_server_name(kind == ScopeKind::kTool ? value.substr(0, slash) : value)) {
    return fail(Code::kInvalidParams,
                "scope \"" + std::string(text) +
                    "\": a server's name is of a-z, 0-9 and -; there are no patterns");
  }
  return Scope{kind, std::string(value)};
}

}  // namespace

std::string Scope::text() const {
  for (const KindName& known : kKindNames) {
    if (known.kind == kind) {
      return std::string(known.name) + ":" + value;
    }
  }
  return "all";
}

bool Scope::wide() const {
  return kind == ScopeKind::kAll || kind == ScopeKind::kServer || kind == ScopeKind::kTrustDomain;
}

Result<Scope> parse_scope(std::string_view text) {
  if (text == "all") {
    return Scope{ScopeKind::kAll, ""};
  }
  if (text.size() > kMaxScopeBytes || std::any_of(text.begin(), text.end(), is_control)) {
    return fail(Code::kInvalidParams, "scope: over 256 bytes or with control characters");
  }
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view value =
      colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  for (const KindName& known : kKindNames) {
    if (known.name == name && !value.empty()) {
      return checked(known.kind, value, text);
    }
  }
  return fail(Code::kInvalidParams,
              "scope \"" + std::string(text) + "\": " + std::string(kExpected));
}

bool covers(const Scope& scope, const Caller& caller, std::string_view server,
            std::string_view domain) {
  switch (scope.kind) {
    case ScopeKind::kAll:
      return true;
    case ScopeKind::kTrustDomain:
      return scope.value == domain;
    case ScopeKind::kAgent:
      return scope.value == caller.agent;
    case ScopeKind::kGroup:
      return in_groups(caller, scope.value);
    case ScopeKind::kUser:
      return !caller.on_behalf_of.empty() && scope.value == caller.on_behalf_of;
    case ScopeKind::kServer:
      return scope.value == server;
    case ScopeKind::kWorkflow:
    case ScopeKind::kTool:
      return false;
  }
  return true;
}

bool covers(const Scope& scope, const Action& action, std::string_view domain) {
  if (scope.kind == ScopeKind::kWorkflow) {
    return action.workflow && action.workflow->text() == scope.value;
  }
  if (scope.kind == ScopeKind::kTool) {
    const std::string& tool = action.task_tool.empty() ? action.tool : action.task_tool;
    return scope.value == action.server + "/" + tool;
  }
  return covers(scope, action.caller, action.server, domain);
}

}  // namespace pawl::override_
