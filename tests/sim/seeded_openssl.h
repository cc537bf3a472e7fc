// Makes OpenSSL's random numbers (keys, ECDSA nonces) come from a seed, for this process: one seed
// then gives one ledger, byte for byte. For simulations only; nothing of it is linked elsewhere.
#pragma once

#include <cstdint>

namespace pawl::sim {

void seed_openssl(std::uint64_t seed);

}  // namespace pawl::sim
