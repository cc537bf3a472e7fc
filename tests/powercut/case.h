// One run to the end of its lives, written so that it can be run again.
//
// Form:    WORLD:SEED:EVENT,EVENT,...   one event a life, for example  grown:0:kill@57,cut@12~9
//          EVENT  KIND@N       what happens at the life's Nth call to the disk; N 0: nothing
//          KIND   cut          the power goes: ~S says with which seed the disk forgets
//                 kill         kill -9
//                 eio          EIO; no-space: ENOSPC; short: half a write. The life goes on
//                 full         from here on nothing that needs room works
//                 run          nothing
//          ~S on other kinds: the power goes after that life; run ends in the middle of things
// Errors:  parse_case: what is wrong with the text.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/powercut/world.h"

namespace pawl::powercut {

enum class Happening { kCut, kKill, kEio, kNoSpace, kShort, kFull, kRun };

struct Event {
  Happening what = Happening::kRun;
  std::uint64_t at = 0;
  std::optional<std::uint64_t> power_seed;
};

struct Case {
  std::string world;
  std::uint64_t seed = 0;
  std::vector<Event> events;

  std::string text() const;
};
Result<Case> parse_case(const std::string& text);

struct CaseResult {
  bool reached = false;     // the last event happened
  std::string failed;       // empty, or which promise is broken
  std::string failed_case;  // its text
  std::uint64_t cuts = 0;   // disks after a power cut that were started and checked
  std::set<std::string> sites;
};
// Runs a case. When its last event is a power cut, `more` further seeds forget on the same disk.
CaseResult run_case(const Case& one, std::uint64_t more, const std::string& ignored_site);

}  // namespace pawl::powercut
