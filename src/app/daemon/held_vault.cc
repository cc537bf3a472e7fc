#include "app/daemon/held_vault.h"

#include "base/log.h"

namespace pawl {
namespace {

std::string name_of(const Uuid& approval) {
  return std::string(vault::kHeldArea) + approval.text();
}

}  // namespace

Status HeldVault::keep(const Uuid& approval, std::string_view params, WallTime now) {
  return vault_.add(name_of(approval), params, now, random_);
}

Result<std::string> HeldVault::read(const Uuid& approval) {
  return vault_.get(name_of(approval));
}

void HeldVault::drop(const std::string& name) {
  if (Status dropped = vault_.drop(name); !dropped) {
    log(LogLevel::kError, "held_arguments_not_erased",
        {{"object", name}, {"reason", dropped.error().message}});
  }
}

void HeldVault::erase(const Uuid& approval) {
  drop(name_of(approval));
}

void HeldVault::keep_only(const std::set<Uuid>& approvals) {
  const Result<std::vector<std::string>> names = vault_.names(vault::kHeldArea);
  if (!names) {
    log(LogLevel::kError, "held_arguments_not_erased",
        {{"object", std::string(vault::kHeldArea)}, {"reason", names.error().message}});
    return;
  }
  for (const std::string& name : *names) {
    const Result<Uuid> id = Uuid::parse(std::string_view(name).substr(vault::kHeldArea.size()));
    if (!id || !approvals.contains(*id)) {
      drop(name);
    }
  }
}

}  // namespace pawl
