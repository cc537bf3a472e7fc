#include "app/api/viewer.h"

#include <algorithm>

#include "app/api/asker.h"
#include "path/plugged.h"

namespace pawl {

using override_::Scope;
using override_::ScopeKind;
using sign_in::Grant;

bool Viewer::sees(const Scope& scope) const {
  return !grants_ || sign_in::may(*grants_, sign_in::Role::kViewer, scope) ||
         !plugged(ControlId::kReadScope);
}

bool Viewer::sees_agent(const std::string& agent) const {
  return sees({ScopeKind::kAgent, agent});
}

bool Viewer::sees_tool(const std::string& server, const std::string& tool) const {
  return sees({ScopeKind::kTool, server + "/" + tool});
}

bool Viewer::sees_server(const std::string& server) const {
  if (sees({ScopeKind::kServer, server})) {
    return true;
  }
  return std::any_of(grants_->begin(), grants_->end(), [&](const Grant& grant) {
    return grant.scope.kind == ScopeKind::kTool && grant.scope.value.starts_with(server + "/");
  });
}

bool Viewer::sees_any(const std::string& agent, const std::string& server, const std::string& tool,
                      const std::string& workflow) const {
  return sees_all() || (!agent.empty() && sees_agent(agent)) ||
         (!server.empty() && sees({ScopeKind::kServer, server})) ||
         (!server.empty() && !tool.empty() && sees_tool(server, tool)) ||
         (!workflow.empty() && sees({ScopeKind::kWorkflow, workflow}));
}

bool Viewer::sees(const store::RecordRow& row) const {
  return sees_any(row.agent, row.server, row.tool, row.workflow);
}

std::optional<store::RecordScope> Viewer::scope() const {
  if (sees_all()) {
    return std::nullopt;
  }
  store::RecordScope out;
  for (const Grant& grant : *grants_) {
    const std::string& value = grant.scope.value;
    if (grant.scope.kind == ScopeKind::kAgent) {
      out.agents.push_back(value);
    } else if (grant.scope.kind == ScopeKind::kServer) {
      out.servers.push_back(value);
    } else if (grant.scope.kind == ScopeKind::kWorkflow) {
      out.workflows.push_back(value);
    } else if (grant.scope.kind == ScopeKind::kTool) {
      const std::size_t slash = value.find('/');
      out.tools.emplace_back(value.substr(0, slash), value.substr(slash + 1));
    }
  }
  return out;
}

Status Viewer::must_see_all() const {
  return sees_all() ? Status{}
                    : fail(Code::kForbidden, "needs a role for all: it is of the whole instance");
}

Result<Viewer> viewer_of(const http::Request& request, const std::string& token,
                         const SessionGuard* guard) {
  const Result<Asker> asker = Door(token, guard).who(request);
  if (!asker) {
    return fail(asker.error());
  }
  return asker->session ? Viewer(asker->session->person.grants) : Viewer::of_token();
}

}  // namespace pawl
