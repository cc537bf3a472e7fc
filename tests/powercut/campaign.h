// Which cases are run, in which order, until how many cuts.
//
// Purpose:    every call of every world, every fault at every call, second faults while recovering,
//             and random scripts until the number of cuts is reached.
// Threading:  the test's thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/powercut/case.h"

namespace pawl::powercut {

struct CampaignOptions {
  std::uint64_t cuts = 10'000;  // at least
  std::uint64_t seed = 1;
  std::uint64_t survivors = 4;  // disks after each cut of the first sweep
  std::vector<std::string> worlds = world_names();
  bool only_power = false;   // power cuts and kills, no other faults and no random scripts
  std::string ignored_site;  // a sync that is left out
};

struct CampaignResult {
  std::uint64_t cases = 0, cuts = 0;
  std::map<std::string, std::uint64_t> calls;  // of a world: calls to the disk in its first life
  std::set<std::string> sites;
  std::string failed, failed_case;
};

// Ends at the first broken promise.
CampaignResult run_campaign(const CampaignOptions& options,
                            const std::function<void(const std::string&)>& progress);

}  // namespace pawl::powercut
