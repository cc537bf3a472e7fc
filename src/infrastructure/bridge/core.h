// What all parts of the bridge share.
//
// Purpose:    the wiring of one Bridge: what it was given, and its soft state.
// Threading:  the I/O thread.
// Ownership:  shared by the Bridge and the calls that are still open; what BridgeParts refers to
//             outlives both.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "infrastructure/bridge/approval_pages.h"
#include "infrastructure/bridge/bridge_options.h"
#include "infrastructure/bridge/era_survey.h"
#include "infrastructure/bridge/own_tasks.h"
#include "infrastructure/bridge/server_revisions.h"
#include "infrastructure/bridge/sessions.h"
#include "infrastructure/bridge/task_follower.h"
#include "infrastructure/bridge/task_handles.h"
#include "infrastructure/bridge/tool_schemas.h"
#include "infrastructure/bridge/upstream_links.h"
#include "infrastructure/mcp/cursor.h"
#include "infrastructure/mcp/names.h"
#include "infrastructure/mcp/request_state.h"

namespace pawl::bridge {

struct Core : std::enable_shared_from_this<Core> {
  Core(BridgeParts given, BridgeOptions chosen);

  BridgeParts parts;
  const BridgeOptions options;
  BridgeCounters counters;

  mcp::RequestStates states;
  mcp::RequestStateLedger used_states;
  mcp::RequestStates approval_states;  // of rounds that wait for people; good after a restart
  mcp::CursorSeal cursors;
  mcp::NameMap names;
  TaskHandles tasks;
  TaskSeal task_seal;
  OwnTasks own_tasks;
  ApprovalPages approval_pages;
  Sessions sessions;
  UpstreamLinks links;
  ToolSchemas schemas;
  TaskFollower follower;
  std::vector<std::weak_ptr<Reply>> subscriptions;  // modern streams that may be quiet for long
  ServerRevisions revisions;
  EraSurvey survey;

  // Where the record's proof is served; empty for a refusal that has no record of its own.
  std::string proof_of(const RecordRef& record) const;
  // Where the record's token travels: in the header field, or in the body where it is too long.
  // One of both is empty.
  std::string_view token_in_header(const RecordRef& record) const {
    return record.token.size() <= options.token_header_bytes ? record.token : std::string_view();
  }
  std::string_view token_in_body(const RecordRef& record) const {
    return record.token.size() <= options.token_header_bytes ? std::string_view() : record.token;
  }
  // For a caller who asked with `Execution-Receipt: ?1`; else, and where none can be made, empty.
  http::Headers receipt_header(const http::Headers& asked, const RecordRef& record) const;
  // A server told something; what it means for what is kept here.
  void note_change(const std::string& server, std::string_view method);
  void end_revoked_sessions();
  // Ends idle sessions and those of revoked callers; keeps quiet streams alive, at most every 15 s.
  void tick();

 private:
  BootTime kept_alive_{};
};

}  // namespace pawl::bridge
