// Makes the upstream of a configured server: an HTTP client, or a child process under supervision.
// Threading: the I/O thread. Ownership: loop, pool, files and processes outlive what it makes.
#pragma once

#include <memory>

#include "app/daemon/data_folder.h"
#include "app/daemon/process_records.h"
#include "execution/supervision/child_process.h"
#include "execution/supervision/orphan_guard.h"
#include "infrastructure/http/client.h"
#include "infrastructure/net/unix_line.h"
#include "infrastructure/upstream/server_health.h"
#include "infrastructure/upstream/servers.h"
#include "path/gateway.h"

namespace pawl {

struct UpstreamParts {
  EventLoop& loop;
  http::ClientPool& pool;
  Files& files;
  DataFolder folder;
  std::shared_ptr<OrphanGuard> guard;
  std::optional<ChildUser> child_user;  // whom children run as; nullopt: as we do
  // Handshakes and pongs to a server close when everything, or that server, is stopped.
  std::function<std::shared_ptr<WriteGate>(const std::string& server)> plumbing;
  ProcessRecords& processes;
  // Told of each start and end, for people.
  std::function<void(const std::string& server, mcp::UpstreamEvent event, std::string_view why)>
      watch;
};

mcp::UpstreamFactory make_upstream_factory(UpstreamParts parts);

// The server that a wrap shim started, behind the shim's connection. It ends with the connection.
std::unique_ptr<mcp::Upstream> make_shim_upstream(EventLoop& loop, const std::string& server,
                                                  std::shared_ptr<WriteGate> plumbing,
                                                  std::unique_ptr<LineChannel> child);

inline constexpr const char* kVersion = "0.1.0";

}  // namespace pawl
