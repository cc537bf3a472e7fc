// Signed histories of our log that are not ours: kept as evidence, and raised.
//
// Purpose:    whoever shows the daemon a checkpoint of its log that its entries do not give has a
//             proof that the log's key signed two histories. It is kept in DATA/evidence
//             (docs/formats/equivocation.md) and raised until a person moves it away: log event,
//             metric, `pawl status`.
// Threading:  the I/O thread.
// Ownership:  Files outlives it.
// Errors:     none upward; what could not be kept is said in the log event.
// Not errors: a checkpoint that proves nothing: not ours, or of more entries than there are.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/ledger/ledger.h"

namespace pawl {

class Equivocations {
 public:
  Equivocations(Files& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  // `note`: a checkpoint; `found_by`: for people. The path of the evidence; empty: none was kept.
  std::string raise(const ledger::Ledger& ledger, const std::string& note,
                    const std::string& found_by) const;
  std::vector<std::string> kept() const;  // paths

 private:
  Files& files_;
  const std::string folder_;
};

}  // namespace pawl
