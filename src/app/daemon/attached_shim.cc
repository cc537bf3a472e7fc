#include "app/daemon/attached_shim.h"

#include <utility>

#include "app/daemon/upstream_factory.h"

namespace pawl {

void attach_shim(const ShimParts& parts, ArrivedShim shim, std::function<void()> left) {
  parts.wrapped.arrived(shim.server);
  std::unique_ptr<mcp::Upstream> upstream = make_shim_upstream(
      parts.loop, shim.server, parts.gateway.plumbing_gate(shim.caller, shim.server),
      std::move(shim.child));
  shim.client->resume();
  parts.bridge.attach_stdio(std::move(shim.caller), shim.server, std::move(shim.client),
                            std::move(upstream),
                            [&wrapped = parts.wrapped, server = shim.server, held = shim.process,
                             left = std::move(left)] {
                              wrapped.left(server);
                              left();
                            });
}

}  // namespace pawl
