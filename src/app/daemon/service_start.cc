#include "app/daemon/service_start.h"

#include <unistd.h>

#include "base/log.h"
#include "execution/supervision/service_user.h"

namespace pawl {

Result<std::optional<ChildUser>> become_service(const Config& config) {
  if (!config.service) {
    if (geteuid() == 0) {
      log(LogLevel::kWarn, "running_as_root",
          {{"note", "configure service: {user, child_user}; Pawl should not run as root"}});
    }
    return std::optional<ChildUser>();
  }
  const Result<ChildUser> user = find_user(config.service->user);
  const Result<ChildUser> child = find_user(config.service->child_user);
  if (!user || !child) {
    return fail_at("service", user ? child.error() : user.error());
  }
  if (user->user == child->user) {
    return fail(Code::kInvalidParams, "service: user and child_user are the same user");
  }
  if (Status become = become_service_user(*user); !become) {
    return fail(become.error());
  }
  return std::optional<ChildUser>(*child);
}

}  // namespace pawl
