#include "app/daemon/held_vault.h"

#include <algorithm>

#include "base/log.h"

namespace pawl {
namespace {

std::string name_of(const Uuid& approval) {
  return std::string(vault::kHeldArea) + approval.text();
}

std::string name_of(const Uuid& approval, std::string_view digest) {
  return name_of(approval).append(".").append(digest);
}

constexpr std::size_t kUuidText = 36;

}  // namespace

Status HeldVault::keep(const Uuid& approval, std::string_view params, WallTime now) {
  return vault_.add(name_of(approval), params, now, random_);
}

Result<std::string> HeldVault::read(const Uuid& approval) {
  return vault_.get(name_of(approval));
}

Result<std::vector<std::string>> HeldVault::changed(const Uuid& approval) {
  Result<std::vector<std::string>> names = vault_.names(vault::kHeldArea);
  if (names) {
    const std::string beginning = name_of(approval, "");
    std::erase_if(*names, [&](const std::string& name) { return !name.starts_with(beginning); });
  }
  return names;
}

Status HeldVault::keep_changed(const Uuid& approval, std::string_view digest,
                               std::string_view params, WallTime now) {
  const std::string name = name_of(approval, digest);
  const Result<std::vector<std::string>> names = changed(approval);
  if (!names) {
    return fail(names.error());
  }
  if (std::find(names->begin(), names->end(), name) != names->end()) {
    return {};
  }
  return names->size() < kMostChanged
             ? vault_.add(name, params, now, random_)
             : fail(Code::kOverloaded, "too many changed arguments for one approval");
}

Result<std::string> HeldVault::read_changed(const Uuid& approval, std::string_view digest) {
  return vault_.get(name_of(approval, digest));
}

void HeldVault::drop(const std::string& name) {
  if (Status dropped = vault_.drop(name); !dropped) {
    log(LogLevel::kError, "held_arguments_not_erased",
        {{"object", name}, {"reason", dropped.error().message}});
  }
}

void HeldVault::erase(const Uuid& approval) {
  drop(name_of(approval));
  if (const Result<std::vector<std::string>> names = changed(approval)) {
    for (const std::string& name : *names) {
      drop(name);
    }
  }
}

void HeldVault::keep_only(const std::set<Uuid>& approvals) {
  const Result<std::vector<std::string>> names = vault_.names(vault::kHeldArea);
  if (!names) {
    log(LogLevel::kError, "held_arguments_not_erased",
        {{"object", std::string(vault::kHeldArea)}, {"reason", names.error().message}});
    return;
  }
  for (const std::string& name : *names) {
    const Result<Uuid> id =
        Uuid::parse(std::string_view(name).substr(vault::kHeldArea.size(), kUuidText));
    if (!id || !approvals.contains(*id)) {
      drop(name);
    }
  }
}

}  // namespace pawl
