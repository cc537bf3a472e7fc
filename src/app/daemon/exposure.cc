#include "app/daemon/exposure.h"

namespace pawl {

Status check_exposure(const Config& config, bool development) {
  if (!is_loopback(config.control) || !is_loopback(config.override_listen)) {
    return fail(Code::kUnsupported, "control and override listen on loopback only");
  }
  if (is_loopback(config.listen)) {
    return {};
  }
  if (development) {
    return fail(Code::kForbidden, "--dev refuses to listen off loopback (" + config.listen + ")");
  }
  if (!config.tls && !config.allow_remote_without_tls) {
    return fail(Code::kForbidden, config.listen +
                                      " is off loopback: configure tls, or set "
                                      "allow_remote_without_tls: true");
  }
  return {};
}

}  // namespace pawl
