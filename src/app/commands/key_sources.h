// Where the keys of the data folder come from, for a command that signs with them.
// Threading: the main thread. Errors: the configuration cannot be read, or `keys` in it is wrong.
// Not errors: no configuration: the keystore's own files.
#pragma once

#include "app/commands/command.h"
#include "foundation/keys/keystore.h"

namespace pawl {

Result<KeySources> key_sources(const Context& context);
// The keystore of `folder`, with the keys of those sources.
Result<Keystore> signing_keystore(const Context& context, const DataFolder& folder);

}  // namespace pawl
