// The shim behind `pawl wrap -- CMD`: starts CMD here, and lets every frame pass through the
// daemon.
//
// Purpose:    a client that starts its servers as commands changes one command. The shim holds no
//             keys and decides nothing; when the daemon is gone it kills CMD's process group and
//             ends with an error, so that there is never an ungoverned call.
// Threading:  run() on the main thread; it owns the process's standard input and output.
// Errors:     kUpstreamUnavailable (no daemon, and none could be started), kForbidden (the daemon
//             refused the hello), kUpstreamFailed (the daemon or CMD ended under way).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/daemon/data_folder.h"
#include "base/random.h"

namespace pawl {

struct WrapOptions {
  DataFolder folder;
  std::string name;   // of the server, for rules and records
  std::string agent;  // asserted; empty: this user's default
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;  // all of the caller's
  std::vector<std::string> start_daemon;           // argv to start a daemon with; empty: never
};

// Until the client closed its side or something broke. Returns CMD's exit status.
Result<int> run_wrap(Files& files, Random& random, const WrapOptions& options);

}  // namespace pawl
