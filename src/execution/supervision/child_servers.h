// Registered servers as child processes: from their configuration to their transport.
//
// Purpose:    the OpenTransport of a stdio server: its folder DATA/servers/NAME, its working
//             directory, its environment, its kept standard error.
// Threading:  the I/O thread.
// Ownership:  outlives nothing: the transports it opened keep what they need. Loop and files
//             outlive both.
// Errors:     of the transport: kIo (its folder can't be made), those of ChildProcess::start.
//
// Example:
//   ChildServers children(loop, guard, "pawl-data");
//   auto upstream = std::make_unique<mcp::StdioUpstream>(loop, options,
//                                                        children.transport(config, key));
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "execution/supervision/child_process.h"
#include "infrastructure/upstream/line_transport.h"
#include "infrastructure/upstream/servers.h"

namespace pawl {

class ChildServers {
 public:
  ChildServers(EventLoop& loop, std::shared_ptr<OrphanGuard> guard, std::string data_directory,
               Files& files = system_files());

  // Of one process that is about to be started; null: nobody keeps account of it.
  using NewWatch = std::function<std::shared_ptr<ChildWatch>()>;
  // `key`: the instance, for logs. `limits`: all but command, env, directory, standard error and
  // watch.
  mcp::OpenTransport transport(const mcp::ServerConfig& config, const std::string& key,
                               ChildOptions limits = {}, NewWatch new_watch = {});

 private:
  EventLoop& loop_;
  const std::shared_ptr<OrphanGuard> guard_;
  const std::string data_directory_;
  Files& files_;
  std::map<std::string, std::shared_ptr<StderrFile>> stderr_files_;  // by server
};

}  // namespace pawl
