// One small HTTP request to the daemon of a data folder, for commands.
// Threading: the main thread; blocks until the answer or a time-out.
// Errors: kUpstreamUnavailable (no daemon runs there, or it is not permitted to look whether one
//         does), kDeadlineExceeded, or what the daemon said.
#pragma once

#include <string>
#include <string_view>

#include "app/daemon/data_folder.h"
#include "base/json.h"
#include "base/result.h"
#include "infrastructure/http/client.h"

namespace pawl {

enum class DaemonListener { kControl, kOverride };

// How the message begins where the folder is another user's: a daemon may run or not.
inline constexpr std::string_view kNotPermitted = "not permitted: ";
// What to do then.
std::string as_its_user(const DataFolder& folder);

// The request, with the listener's local token and a time-out. POST when `body` is not empty, else
// GET. kUpstreamUnavailable: no daemon runs there.
Result<http::ClientRequest> daemon_request(Files& files, const DataFolder& folder,
                                           DaemonListener listener, const std::string& path,
                                           const std::string& body);

// POST when `body` is not empty, else GET; with the listener's local token. The answer is JSON.
Result<json::Value> ask_daemon(Files& files, const DataFolder& folder, DaemonListener listener,
                               const std::string& path, const std::string& body);

}  // namespace pawl
