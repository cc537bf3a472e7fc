// The two words of a verification of one token, which end it: proven false, and not decided.
// Threading: pure functions.
#pragma once

#include <string>
#include <utility>

#include "foundation/ledger/verify.h"

namespace pawl::ledger {

inline Report not_proven(Report report, std::string what) {
  report.verdict = Verdict::kBad;
  report.first_bad = std::move(what);
  report.reason = "not proven: " + report.first_bad;
  return report;
}

inline Report not_decided(Report report, const std::string& why) {
  report.verdict = Verdict::kUnknown;
  report.reason = "cannot decide: " + why;
  return report;
}

}  // namespace pawl::ledger
