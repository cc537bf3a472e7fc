// Somebody else's log, followed: each head that it shows has to go on from those seen before.
//
// Purpose:    the core of `pawl ledger monitor`: one look at a log, without HTTP and without time.
//             The newest head that fits is kept in a folder (docs/formats/followed_log.md), so that
//             no restart forgets it; what contradicts it is kept there as evidence.
// Threading:  one thread; one process a folder (a lock, held while it lives).
// Ownership:  Files outlives it.
// Errors:     open(): kConflict (another process follows with this folder), kMalformed,
//             kBadSignature (a kept head that is not of this log), kIo. look(): none; what could
//             not be looked at is Found::kUnclear.
// Not errors: a folder that is not there yet; a log that goes on from the one that is trusted, with
//             the same key (renewal.h).
//
// Example:
//   Result<FollowedLog> followed = FollowedLog::open(files, folder, trust);
//   Look look = followed->look(get);
//   if (verdict_of(look.found) == Verdict::kBad) { tell look.why and look.evidence }
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/equivocation.h"
#include "foundation/ledger/remote_log.h"
#include "foundation/ledger/verify.h"

namespace pawl::ledger {

struct Look {
  enum class Found {
    kSame,     // the head that was seen last
    kGrew,     // its tree begins with that of every head seen before
    kFirst,    // nothing was seen or pinned before: there was nothing to compare it with
    kRenewed,  // the log's operator went on as a new log, whose beginning is in its records
    kOlder,    // an older head, of the same history
    kUnclear,  // not reached, not signed by the log, or tiles that do not give what it signed
    kForked,   // another history than one that it signed before
    kShrank,   // an older head, and what it signed before it cannot show any more
  };
  Found found = Found::kUnclear;
  TreeHead head;         // that the log shows; its signature was checked unless kUnclear
  std::string note;      // the checkpoint, exact bytes
  std::string why;       // for people; empty when there is nothing to say
  std::string evidence;  // path of a file that proves it to others; empty: none
};
std::string_view found_name(Look::Found found);  // "same", "grew"...
Verdict verdict_of(Look::Found found);

class FollowedLog {
 public:
  static Result<FollowedLog> open(Files& files, const std::string& folder, const Trust& trust);

  Look look(const RemoteLog::Get& get);

 private:
  struct Seen {
    TreeHead head;
    std::string note;  // empty: a pin whose signature nobody kept
  };
  FollowedLog(Files& files, std::string folder, VerifierKey log, std::unique_ptr<FileLock> lock)
      : files_(&files), folder_(std::move(folder)), log_(std::move(log)), lock_(std::move(lock)) {}
  Status read_heads();
  void add_pin(const Trust& trust);
  Result<VerifierKey> key_of(const std::string& origin) const;
  std::optional<Look> proven_before() const;
  Look compare(Look look, const RemoteLog::Get& get, const VerifierKey& key);
  Look compare_one(Look look, const Seen& seen, const RemoteLog::Get& get, const VerifierKey& key);
  Look show_again(Look look, const Seen& seen, const RemoteLog::Get& get, const VerifierKey& key);
  Look forked(Look look, const Seen& seen, const Proof& proof, const VerifierKey& key);
  Look keep(Look look, std::uint64_t number);

  Files* files_;
  std::string folder_;
  VerifierKey log_;  // of the log that is trusted
  std::unique_ptr<FileLock> lock_;
  std::map<std::uint64_t, Seen> newest_;  // by the log's number; kept in the folder
  std::map<std::uint64_t, Seen> pinned_;  // at most one: what the trust file brought
};

}  // namespace pawl::ledger
