// The resources of the control listener that only show: for the console, `pawl status` and scripts.
//
// Purpose:    one place that knows which there are, who may see them, and where what they show
//             comes from. What is shown is shaped in app/api; what lies on the disk is read by a
//             thread of its own.
// Threading:  the I/O thread.
// Ownership:  the parts outlive it. It ends before them: its thread is joined.
// Errors:     RFC 9457 problems: those of viewer_of(), ReadQuery, RecordReads; kNotFound.
// Source:     docs/formats/console_api.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/api/agent_list.h"
#include "app/api/viewer.h"
#include "app/config/config.h"
#include "app/daemon/call_rate.h"
#include "app/daemon/governance.h"
#include "app/daemon/read_desk.h"
#include "app/daemon/record_lookup.h"
#include "app/daemon/record_reads.h"
#include "app/daemon/witnessed_log.h"
#include "app/daemon/wrapped_servers.h"
#include "infrastructure/http/server.h"
#include "infrastructure/upstream/server_health.h"

namespace pawl {

class ConsoleReads {
 public:
  struct Parts {
    const Config& config;
    Governance& governance;
    Files& files;
    Clock& clock;
    Scheduler& scheduler;
    DataFolder folder;
    RecordLookupIndex& lookup;
    const mcp::ServerHealthBoard& health;
    const WrappedServers& wrapped;
    const CallRate& rate;
    const WitnessedLog& log;
    std::string token;          // of the listener
    const SessionGuard* guard;  // null: nobody signs in
    bool has_child_user;
    std::function<json::Value()> status;
    // What of a status is trouble, as `pawl status --json` has it.
    std::function<json::Array(const json::Value& status)> troubles;
  };
  explicit ConsoleReads(Parts parts) : parts_(std::move(parts)), desk_(parts_.scheduler) {}

  // False: the request is for something else.
  bool handle(const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer);
  void tick();

 private:
  using Writer = std::shared_ptr<http::ResponseWriter>;
  struct Asked {
    const http::Request& request;
    const Viewer& viewer;
    std::string rest;  // of the path
    Writer writer;
  };
  using Show = void (ConsoleReads::*)(const Asked& asked);
  struct Resource;

  void show_status(const Asked& asked);
  void show_overview(const Asked& asked);
  void show_agents(const Asked& asked);
  void show_servers(const Asked& asked);
  void show_rules(const Asked& asked);
  void show_proposals(const Asked& asked);
  void try_rules(const Asked& asked);
  void check_files(const Asked& asked);
  void show_workflows(const Asked& asked);
  void show_workflow(const Asked& asked);
  void show_records(const Asked& asked);
  void show_record(const Asked& asked);

  // Nothing was asked beyond the path, and by somebody who sees the whole instance.
  Status plain_and_whole(const Asked& asked) const;
  void ask_desk(const Writer& writer, ReadDesk::Work work);
  void ask_records(const Writer& writer,
                   std::function<ReadDesk::Answer(RecordReads&, std::uint64_t size)> work);
  RecordReads& records();
  Result<json::Object> with_proof(json::Object record, const std::string& log) const;
  std::vector<AgentNow> agents() const;
  std::vector<PendingNow> pending() const;

  const Parts parts_;
  CallRate refusals_;
  std::unique_ptr<RecordReads> records_;  // from the first question on
  ReadDesk desk_;                         // last: its thread ends first
};

}  // namespace pawl
