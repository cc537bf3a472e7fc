// What a witness must never forget: its key, and the newest head of each log that it cosigned.
//
// Purpose:    a folder of three files (docs/formats/witness.md). All heads stand in one of them,
// made
//             before the key: where the key is and the heads are not, they were lost, and a witness
//             that begins again could cosign another history.
// Threading:  one thread; one process at a time (a lock, held while it lives).
// Ownership:  Files outlives it.
// Errors:     kNotFound (no witness in the folder), kConflict (make: there is one, or it lost its
//             heads; open: another process has it), kMalformed and kBadSignature (a file that is
//             not what a witness wrote), kForbidden (others may read the key), kIo.
// Not errors: a log that has no head here: it was never cosigned.
//
// Example:
//   Result<std::string> vkey = WitnessState::make(files, folder, "example.org/witness");
//   Result<WitnessState> state = WitnessState::open(files, folder);
//   Status durable = state->keep(origin, next);   // only then does the cosignature leave
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/files.h"
#include "foundation/witness/witness.h"

namespace pawl::witness {

class WitnessState {
 public:
  // Makes a witness, or ends a making that was interrupted. The vkey. kInvalidParams: the name.
  static Result<std::string> make(Files& files, const std::string& folder, const std::string& name);
  static Result<WitnessState> open(Files& files, const std::string& folder);

  const ledger::Cosigner& cosigner() const { return cosigner_; }
  const std::string& name() const { return name_; }
  // By origin.
  const std::map<std::string, Held>& heads() const { return heads_; }
  Held held(const std::string& origin) const;  // as Held says: none yet

  // Durable when it returns. After a failure nothing more is kept (kEvidenceUnavailable) until the
  // folder is opened again: what is on the disk is then not known.
  Status keep(const std::string& origin, Held next);

 private:
  WitnessState(Files& files, std::string folder, std::string name, ledger::Cosigner cosigner,
               std::unique_ptr<FileLock> lock)
      : files_(&files),
        folder_(std::move(folder)),
        name_(std::move(name)),
        cosigner_(std::move(cosigner)),
        lock_(std::move(lock)) {}

  Files* files_;
  std::string folder_;
  std::string name_;
  ledger::Cosigner cosigner_;
  std::unique_ptr<FileLock> lock_;
  std::map<std::string, Held> heads_;
  bool is_broken_ = false;
};

}  // namespace pawl::witness
