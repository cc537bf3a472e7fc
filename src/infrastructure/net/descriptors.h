// How the descriptors of the process are shared, so that agents can't take those of the stop.
//
// Purpose:    the kernel gives out one number space for all; each use may hold numbers only up to
//             its share, and the override listener and the ledger may hold all of them.
// Threading:  any thread; the kernel is asked each time, because the limit can be changed from
//             outside.
// Why so:     the kernel always gives the lowest free number. Who never holds a number at or over
//             its share leaves the numbers above to the others.
// Not errors: a limit that can't be raised: what is in force is said and used.
//
// Example:
//   if (!may_hold(fd, DescriptorUse::kAgents)) { close(fd); ... }
#pragma once

#include <cstddef>

namespace pawl {

enum class DescriptorUse {
  kAgents,    // connections of agents and shims: half of all
  kServers,   // connections to servers: all but 64
  kPeople,    // the control listener: all but 32
  kOverride,  // stops, and the ledger's own files: all
};

// Raises the soft limit of the process to its hard one and logs what it got ("descriptors").
// Children set their own again.
void raise_descriptor_limit();
// How many of `limit` descriptors a use may hold. Below 256 the reserves are a quarter and an
// eighth.
std::size_t descriptor_share(std::size_t limit, DescriptorUse use);
bool may_hold(int fd, DescriptorUse use);

}  // namespace pawl
