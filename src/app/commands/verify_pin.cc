#include "app/commands/verify_pin.h"

#include <algorithm>

#include "app/commands/trust_store.h"
#include "base/files.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/source.h"

namespace pawl {
namespace {

bool is_data_folder(Files& files, const std::string& path) {
  const Result<ledger::Source> source = ledger::find_source(files, path);
  return source ? source->folder == path + "/ledger" : is_between_logs(files, path);
}

// A data folder, or its log in use.
bool shows_newest_log(Files& files, std::string path) {
  while (path.size() > 1 && path.back() == '/') {
    path.pop_back();
  }
  return is_data_folder(files, path) ||
         (path.ends_with("/ledger") && is_data_folder(files, directory_of(path)));
}

// Whether the pinned head is of a log that was read. A later one than all of them says nothing of
// what is in these.
bool was_compared(const VerifyAnswer& answer, const ledger::Trust& here,
                  const ledger::Trust& brought) {
  const std::string pinned = origin_of_vkey(brought.log_vkey);
  return here.pinned_size > 0 ||
         (brought.pinned_size > 0 &&
          std::any_of(answer.frozen.begin(), answer.frozen.end(),
                      [&](const FrozenLog& log) { return log.is_here && log.origin == pinned; }));
}

}  // namespace

bool is_between_logs(Files& files, const std::string& path) {
  const Result<ledger::Source> source = ledger::find_source(files, path);
  return !source && source.error().code == Code::kUndecidable;
}

void refuse_older(Files& files, const std::string& path, const std::string& origin,
                  const ledger::Trust& trust, VerifyAnswer& answer) {
  const ledger::LogName here = ledger::log_name(origin);
  const ledger::LogName pinned = ledger::log_name(origin_of_vkey(trust.log_vkey));
  if (shows_newest_log(files, path) && pinned.first_origin == here.first_origin &&
      pinned.number > here.number) {
    answer.report.verdict = ledger::Verdict::kBad;
    answer.report.first_bad = "the newest log is " + std::to_string(here.number) +
                              ", but a head of log " + std::to_string(pinned.number) +
                              " is pinned: it was cut off or replaced by an older copy";
    answer.report.reason = "the log was altered: " + answer.report.first_bad;
  }
}

void need_pinned_head(const ledger::Trust& here, const ledger::Trust& brought,
                      VerifyAnswer& answer) {
  const bool compared = was_compared(answer, here, brought);
  if (answer.report.verdict == ledger::Verdict::kGood && !compared) {
    answer.report.verdict = ledger::Verdict::kUnknown;
    answer.report.reason =
        "cannot decide: nothing contradicts itself, but no head of this log with entries is "
        "pinned, and whoever has the keys could have made it anew; `pawl trust pin` where the log "
        "is known "
        "to be right";
  }
}

}  // namespace pawl
