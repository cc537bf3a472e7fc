// What a person said of a call whose outcome is unknown, for the commands that show records.
// Threading: the main thread. Errors: none: what cannot be read was not said.
#pragma once

#include <optional>
#include <string>

#include "app/commands/command.h"
#include "base/uuid.h"

namespace pawl {

struct ShownResolution {
  std::string found, reason, by;
  std::string record;  // id of the record that says it
};

// nullopt: nobody resolved it.
std::optional<ShownResolution> resolution_of(Context& context, const Uuid& call);

}  // namespace pawl
