// What the bridge is given of the configuration.
// Threading: a pure function.
#pragma once

#include "app/config/config.h"
#include "foundation/keys/keystore.h"
#include "infrastructure/bridge/bridge_options.h"

namespace pawl {

bridge::BridgeOptions bridge_options(const Config& config, const Keystore& keys,
                                     std::shared_ptr<OutputBudget> output);

}  // namespace pawl
