#include "tests/powercut/left_out.h"

#include <algorithm>
#include <sstream>

namespace pawl::powercut {
namespace {

constexpr std::int64_t kNear = 8;            // calls that a changed program may be off by
constexpr std::uint64_t kMoreSurvivors = 7;  // of a known case
constexpr std::uint64_t kLookLonger = 3;     // campaigns

// The case itself, then the same events some calls earlier or later.
std::vector<Case> neighbors(const Case& one) {
  std::vector<Case> out = {one};
  for (std::int64_t distance = 1; distance <= kNear; ++distance) {
    for (const std::int64_t by : {distance, -distance}) {
      Case moved = one;
      for (Event& event : moved.events) {
        const auto at = static_cast<std::int64_t>(event.at);
        event.at = at == 0 ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(at + by, 1));
      }
      out.push_back(std::move(moved));
    }
  }
  return out;
}

void take(Noticed& noticed, const std::string& failed, const std::string& failed_case) {
  noticed.failed = failed;
  noticed.failed_case = failed_case;
}

void look_at_known(const std::string& site, const KnownCases& known, Noticed& noticed) {
  const auto [begin, end] = known.equal_range(without_line(site));
  for (auto entry = begin; entry != end; ++entry) {
    for (const Case& one : neighbors(entry->second)) {
      const CaseResult done = run_case(one, kMoreSurvivors, site);
      noticed.cuts += done.cuts;
      if (!done.failed.empty()) {
        take(noticed, done.failed, done.failed_case);
        noticed.by_known_case = true;
        return;
      }
    }
  }
}

// Whether a disk forgets just what the sync would have kept is chance: look longer.
void look_everywhere(CampaignOptions options, Noticed& noticed) {
  const std::uint64_t survivors = options.survivors, seed = options.seed;
  for (std::uint64_t more = 0; noticed.failed.empty() && more <= kLookLonger; ++more) {
    options.seed = seed + more;
    options.survivors = more == 0 ? survivors : 4 * survivors;
    const CampaignResult result = run_campaign(options, [](const std::string&) {});
    noticed.cuts += result.cuts;
    take(noticed, result.failed, result.failed_case);
  }
}

}  // namespace

Result<KnownCases> parse_known_cases(const std::string& text) {
  KnownCases out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::size_t colon = line.find(": ");
    const Result<Case> one = parse_case(colon == line.npos ? "" : line.substr(colon + 2));
    if (!one) {
      return fail(Code::kInvalidParams, "expected SITE: CASE, found " + line);
    }
    out.emplace(line.substr(0, colon), *one);
  }
  return out;
}

std::string without_line(const std::string& site) {
  const std::size_t colon = site.find(':');
  const std::size_t space = site.find(' ', colon);
  return colon == site.npos || space == site.npos ? site
                                                  : site.substr(0, colon) + site.substr(space);
}

Noticed leave_out(const std::string& site, const KnownCases& known, CampaignOptions options) {
  Noticed noticed;
  look_at_known(site, known, noticed);
  if (noticed.failed.empty()) {
    options.ignored_site = site;
    options.only_power = true;
    look_everywhere(options, noticed);
  }
  if (!noticed.failed.empty()) {
    const Result<Case> again = parse_case(noticed.failed_case);
    if (!again || !run_case(*again, 0, "").failed.empty()) {
      noticed.failed.clear();
    }
  }
  return noticed;
}

}  // namespace pawl::powercut
