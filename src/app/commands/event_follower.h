// Follows the daemon's events (GET /api/v1/events) until it is told to end.
//
// Purpose:    says when there is something new to look at; what was missed while the connection
//             was lost is looked at, too.
// Threading:  the main thread; blocks in follow_events().
// Errors:     none: a daemon that is not there is asked again, and `trouble` is told once for each
//             reason.
// Source:     docs/formats/events.md.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/daemon/data_folder.h"
#include "base/files.h"

namespace pawl {

struct FollowedEvents {
  // Of each event; "connected" when a connection begins.
  std::function<void(std::string_view event)> event;
  std::function<void(const std::string& what)> trouble;
};

// Returns on SIGINT or SIGTERM.
void follow_events(Files& files, const DataFolder& folder, const FollowedEvents& told);

}  // namespace pawl
