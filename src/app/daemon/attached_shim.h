// A `pawl wrap` that has arrived, as a server and its client.
//
// Threading:  the I/O thread. Ownership: the parts outlive the shim.
#pragma once

#include <functional>

#include "app/daemon/wrap_desk.h"
#include "app/daemon/wrapped_servers.h"
#include "gateway/gateway_core.h"
#include "infrastructure/bridge/bridge.h"

namespace pawl {

struct ShimParts {
  EventLoop& loop;
  GatewayCore& gateway;
  WrappedServers& wrapped;
  bridge::Bridge& bridge;
};

// `left` when it has gone.
void attach_shim(const ShimParts& parts, ArrivedShim shim, std::function<void()> left);

}  // namespace pawl
