// What becomes of sessions when an account changes, and the records of such changes.
//
// Purpose:    each request of a session and each tick look at the accounts' file; sessions end of
//             whoever is gone, has another password or second factor, or lost a grant. A tick
//             records what the ledger does not know yet (identity.enrolled, identity.removed).
// Threading:  the I/O thread. A look is one stat(); the file is read when it is another.
// Ownership:  the parts outlive it; it may end while records are under way.
// Bounds:     one batch of records is under way, of at most one for each account; a file that is
//             changed more often than once a second has a record of what it was at the ticks.
// Errors:     look(): why the file cannot be read. Then nobody's session of an account counts, and
//             none ends. A change that cannot be recorded is tried again, and counts meanwhile.
// Not errors: what the daemon itself changes (a passkey that somebody adds, what a sign-in uses
//             up): recorded, where it says something new, and no session ends.
// Rule:       the file does not say who changed it, and neither does the record.
// Source:     docs/operations/sign-in.md, docs/formats/accounts.md.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/daemon/account_store.h"
#include "base/clock.h"
#include "gateway/recorder.h"
#include "operators/sign_in/session.h"

namespace pawl {

class AccountWatch {
 public:
  struct Parts {
    const AccountStore& accounts;
    sign_in::Sessions& sessions;
    Recorder& recorder;
    Clock& clock;
    // Who is enrolled, as the ledger last said (RecordedState::enrolled).
    const std::map<std::string, std::string>& enrolled;
  };
  explicit AccountWatch(Parts parts) : parts_(std::move(parts)) {}

  // Ends sessions that do not stand any more.
  Status look();
  // The same, also if the file is what it was: behind a session that began.
  Status look_anew();
  // look(), and records what is new.
  void tick();

 private:
  void end_sessions();
  void record_changes();

  Parts parts_;
  std::optional<FileStamp> stamp_;  // of what was read; nullopt: nothing, read it
  bool is_settled_ = false;         // a change after it has another stamp
  Status read_;
  sign_in::AccountList now_;
  std::optional<sign_in::AccountList> known_;  // as of the last records
  std::shared_ptr<std::size_t> under_way_ = std::make_shared<std::size_t>(0);  // records
};

}  // namespace pawl
