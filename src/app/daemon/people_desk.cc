#include "app/daemon/people_desk.h"

#include "base/limit_stat.h"
#include "base/log.h"

namespace pawl {
namespace {

LimitStat people_limit("people");

}  // namespace

Status PeopleDesk::load() {
  const Status loaded = people_.load();
  for (const Error& error : people_.unusable()) {
    log(LogLevel::kError, "vault_object_unusable",
        {{"object", "a person"}, {"reason", error.message}});
  }
  return loaded ? loaded : Status(fail_at("people", loaded.error()));
}

Result<std::string> PeopleDesk::stands_for(const std::string& name) {
  Result<std::string> pseudonym = people_.pseudonym(name, clock_.wall(), random_);
  if (!pseudonym && pseudonym.error().code == Code::kTooLarge) {
    people_limit.reached();
  }
  return pseudonym;
}

std::string PeopleDesk::name_of(const std::string& recorded) const {
  const std::string name = people_.name_of(recorded);
  return name.empty() ? recorded : name;
}

}  // namespace pawl
