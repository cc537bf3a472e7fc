// What the configured sources of a keystore's keys hold, opened.
//
// Threading:  a plain value. Errors: open_sources() says which member of pawl.yaml is wrong.
// Internal to src/foundation/keys.
#pragma once

#include <optional>

#include "foundation/keys/keystore.h"

namespace pawl {

struct Keystore::Sourced {
  KeyPlace::Offer instance, log;
  std::optional<KeyPlace::Given> next;
};

}  // namespace pawl
