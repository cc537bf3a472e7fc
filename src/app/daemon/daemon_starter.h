// Finds the daemon of a data folder, or starts exactly one.
// Threading: the main thread; blocks at most `kStartPatience`.
// Errors: kUpstreamUnavailable: there is none and it did not come up; names the log to read.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "app/daemon/data_folder.h"

namespace pawl {

inline constexpr std::chrono::seconds kStartPatience{20};

// Returns when somebody listens on the wrap socket. Twenty callers at once start one daemon: who
// takes the start lock starts it, the others wait for it.
Status ensure_daemon(Files& files, const DataFolder& folder, const std::vector<std::string>& argv);

}  // namespace pawl
