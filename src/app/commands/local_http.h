// One small HTTP request to the daemon of a data folder, for commands.
// Threading: the main thread; blocks until the answer or a time-out.
// Errors: kUpstreamUnavailable (no daemon runs there), kDeadlineExceeded, or what the daemon said.
#pragma once

#include <string>

#include "app/daemon/data_folder.h"
#include "base/json.h"
#include "base/result.h"
#include "infrastructure/http/client.h"

namespace pawl {

enum class DaemonListener { kControl, kOverride };

// The request, with the listener's local token and a time-out. POST when `body` is not empty, else
// GET. kUpstreamUnavailable: no daemon runs there.
Result<http::ClientRequest> daemon_request(Files& files, const DataFolder& folder,
                                           DaemonListener listener, const std::string& path,
                                           const std::string& body);

// POST when `body` is not empty, else GET; with the listener's local token. The answer is JSON.
Result<json::Value> ask_daemon(Files& files, const DataFolder& folder, DaemonListener listener,
                               const std::string& path, const std::string& body);

}  // namespace pawl
