// The daemon's log for the eyes of whoever started it on a terminal.
//
// Purpose:    one short line for each event instead of a JSON object, and at `ready` what to do
// now. Threading:  the sink: any thread. Ownership:  the sink borrows `files`. Not errors: a line
// that is no JSON object: it is shown as it is.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/daemon/data_folder.h"
#include "base/log.h"

namespace pawl {

// "03:16:18 warn  upstream_closed: server files, why exit status 3"
std::string shown_log_line(std::string_view line);
// Where agents and people connect, from the addresses that the daemon published.
std::string ready_text(Files& files, const DataFolder& folder);

// Writes to standard error. For set_log_sink().
std::function<void(LogLevel, std::string_view)> terminal_log(Files& files, DataFolder folder);

}  // namespace pawl
