// Tells the service manager how far the service is (sd_notify(3), the protocol alone).
//
// Purpose:    "ready" only when calls are taken, so that a unit of Type=notify is up when it says
// so. Threading:  any thread; one datagram a call, never blocks. Not errors: no service manager
// (NOTIFY_SOCKET is not set), or one that does not listen: nothing.
#pragma once

#include <string_view>

namespace pawl {

// For example "READY=1" or "STOPPING=1"; several assignments are separated by line feeds.
void tell_service_manager(std::string_view state);

}  // namespace pawl
