// What `pawl verify` says of approvals, over a log and those that it goes on from.
//
// Purpose:    feeds approval_check.h with the records, makes one verdict of what it finds, and
// shows
//             it.
// Threading:  the main thread; the look's `picks` are of any thread.
// Not errors: a log without approvals: nothing is said.
// Source:     docs/formats/approval.md, "What a verifier checks".
#pragma once

#include <string>
#include <string_view>

#include "app/commands/approval_check.h"
#include "base/files.h"
#include "base/json.h"

namespace pawl {

struct ApprovalReport {
  ledger::Verdict verdict = ledger::Verdict::kGood;
  std::string reason;  // names the first bad, else the first undecided record
  std::uint64_t enrollments = 0;
  ApprovalCounts counts;
};

// Holds the check over all logs of one instance.
class ApprovalReader {
 public:
  // `trust`: as the verifier brought it, of whichever log of the instance. It outlives the reader.
  explicit ApprovalReader(const ledger::Trust& trust);

  // Reads the logs that `origin` goes on from, oldest first, where they are here; their records are
  // verified elsewhere (verify_chain.h). `path`: as given to verify.
  void read_earlier(Files& files, const std::string& path, const std::string& origin);
  // For verify_folder() of the log `origin`; the reader outlives the look.
  ledger::EntryLook look(const std::string& origin);
  // Approvals that were asked for before the first record are not here.
  void misses_approvals() { check_.misses_approvals(); }

  ApprovalReport report() const;

 private:
  void see(std::uint64_t log, std::uint64_t index, std::string_view token);
  bool is_pinned(std::uint64_t log, std::uint64_t index) const;

  std::uint64_t pinned_log_, pinned_size_;
  std::uint64_t newest_ = 0;
  ApprovalCheck check_;
  ledger::Verdict verdict_ = ledger::Verdict::kGood;
  std::string reason_;
};

// Whether a record, alone, leaves open who approved it: it names an approval, or enrolls somebody.
bool rests_on_approvals(std::string_view token);

void combine(ledger::Report& report, const ApprovalReport& approvals);
// Empty: there is nothing to say.
std::string approvals_text(const ApprovalReport& approvals);
std::string not_compared_text(const ApprovalReport& approvals);
json::Object approvals_json(const ApprovalReport& approvals);

}  // namespace pawl
