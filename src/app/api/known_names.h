// Which agents, groups and servers this instance has heard of: a stop of any other name is in force
// all the same, and whoever ordered it is told.
// Threading: a plain value; constant after the start, as the configuration is.
#pragma once

#include <set>
#include <string>

#include "app/config/config.h"
#include "foundation/keys/accounts.h"
#include "operators/override/scope.h"

namespace pawl {

struct KnownNames {
  std::set<std::string> agents;
  std::set<std::string> groups;
  std::set<std::string> servers;

  // Why the scope may be a slip of the pen; empty: its name is known, or may be anything.
  std::string doubt(const override_::Scope& scope) const;
};

// `enrolled`: the agents of the keystore.
KnownNames known_names(const Config& config,
                       const std::map<std::string, std::vector<Digest>>& enrolled);

}  // namespace pawl
