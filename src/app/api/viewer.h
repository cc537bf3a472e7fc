// Who looks at the resources of the control listener, and what they may see.
//
// Purpose:    the control token sees everything; a person who is signed in sees what their grants
//             cover, for every role may look (viewer) in its scope. Lists leave out what is not
//             seen; what is of the whole instance is refused.
// Threading:  viewer_of(): the I/O thread. A Viewer is a plain value, for any thread.
// Errors:     viewer_of(): those of SessionGuard, kUnauthenticated (no or a wrong token),
//             kForbidden (a page with a token). must_see_all(): kForbidden.
// Rule:       an item is seen by its agent, its server, its tool or its workflow; a group, a user
//             or a trust domain is not known of what was recorded, and shows nothing.
// Source:     docs/formats/console_api.md, "Who sees what".
//
// Example:
//   const Result<Viewer> viewer = viewer_of(request, token, guard);
//   if (!viewer) { writer->send(problem_answer(viewer.error())); return; }
//   if (viewer->sees_agent(name)) { list.push_back(...); }
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/api/session_guard.h"
#include "infrastructure/store/record_index.h"

namespace pawl {

class Viewer {
 public:
  static Viewer of_token() { return Viewer(std::nullopt); }
  explicit Viewer(std::optional<std::vector<sign_in::Grant>> grants) : grants_(std::move(grants)) {}

  bool sees(const override_::Scope& scope) const;
  bool sees_all() const { return sees(override_::Scope{}); }
  bool sees_agent(const std::string& agent) const;
  bool sees_tool(const std::string& server, const std::string& tool) const;
  bool sees_server(const std::string& server) const;  // or one of its tools
  // A thing of this agent, at this server, of this tool: one of them is enough.
  bool sees_any(const std::string& agent, const std::string& server, const std::string& tool,
                const std::string& workflow) const;
  bool sees(const store::RecordRow& row) const;
  // The same for a search; nullopt: everything.
  std::optional<store::RecordScope> scope() const;
  // What is of the whole instance.
  Status must_see_all() const;

 private:
  std::optional<std::vector<sign_in::Grant>> grants_;  // nullopt: the control token
};

// `token`: the listener's. `guard`: null where nobody signs in.
Result<Viewer> viewer_of(const http::Request& request, const std::string& token,
                         const SessionGuard* guard);

}  // namespace pawl
