// One sync of the program left out: which promise breaks?
//
// Purpose:    `./test remove-syncs` asks it for every sync. First the case that noticed the sync's
//             absence last (sync_cases.txt) and its neighbors, a second of work; when none of them
//             notices any more, whole campaigns of the worlds that reach the sync.
// Threading:  the test's thread.
// Errors:     of the table: which line is no "SITE: CASE".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/powercut/campaign.h"

namespace pawl::powercut {

// By site without its line ("a/b.cc open sync"), since lines move: the cases that noticed.
using KnownCases = std::multimap<std::string, Case>;
// Lines "SITE: CASE"; empty ones and those that begin with # say nothing.
Result<KnownCases> parse_known_cases(const std::string& text);

// "a/b.cc:12 open sync" -> "a/b.cc open sync"
std::string without_line(const std::string& site);

struct Noticed {
  std::string failed;       // which promise broke; empty: none
  std::string failed_case;  // its text
  bool by_known_case = false;
  std::uint64_t cuts = 0;
};
// Runs `options` with `site` left out. A case that breaks a promise with every sync in place, too,
// has noticed nothing: then `failed` is empty, and `failed_case` names it.
Noticed leave_out(const std::string& site, const KnownCases& known, CampaignOptions options);

}  // namespace pawl::powercut
