// People of a call: their names never stand in a record where pseudonyms are asked for.
#include "gateway/call.h"
#include "path/plugged.h"

namespace pawl {

// Before anything of the call is recorded. A name without a pseudonym would stand in the ledger for
// ever, and a record without a name would not say who it was.
bool Call::refused_for_a_name() {
  if (services_.people == nullptr) {
    return false;
  }
  const Caller& caller = action_.caller;
  Status named = prepare_name(caller.on_behalf_of);
  for (const Actor& actor : caller.actors) {
    named = named ? prepare_name(actor.sub) : named;
  }
  if (named || !plugged(ControlId::kPersonName)) {
    return false;
  }
  refuse({Code::kEvidenceUnavailable, "people", "",
          "no pseudonym can be made for a person of this call: " + named.error().message, true,
          1000});
  return true;
}

Status Call::prepare_name(const std::string& name) {
  if (name.empty() || name == action_.caller.agent) {
    return {};
  }
  const Result<std::string> pseudonym = services_.people->stands_for(name);
  return pseudonym ? Status() : Status(fail(pseudonym.error()));
}

}  // namespace pawl
