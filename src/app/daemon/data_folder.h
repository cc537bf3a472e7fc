// The data folder of an instance: one daemon, its lock, and what stands where.
//
// Layout (docs/formats/data_folder.md):
//   DATA/lock                 held by the daemon; names its owner
//   DATA/keys/                keystore             DATA/ledger/   the log
//   DATA/in_flight.journal    notes of reads that have no outcome yet
//   DATA/override.journal     stops                DATA/servers/  stderr of child servers
//   DATA/accounts/            people who sign in
//   DATA/rules_in_force.json  the signed set of rules that took force last
//   DATA/index.sqlite         queries; can be deleted (infrastructure/store)
//   DATA/run/                 addresses.json, control.token, override.token, wrap.sock (not kept)
// Threading: start-up. Errors: kConflict names the owner of the lock.
#pragma once

#include <memory>
#include <string>

#include "base/files.h"
#include "base/random.h"
#include "base/result.h"

namespace pawl {

struct DataFolder {
  std::string root;
  std::string keys() const { return root + "/keys"; }
  std::string ledger() const { return root + "/ledger"; }
  std::string journal() const { return root + "/override.journal"; }
  std::string in_flight() const { return root + "/in_flight.journal"; }
  std::string scrub() const { return ledger() + "/scrub.json"; }
  std::string index() const { return root + "/index.sqlite"; }
  std::string servers() const { return root + "/servers"; }
  std::string run() const { return root + "/run"; }
  std::string addresses() const { return run() + "/addresses.json"; }
  std::string control_token() const { return run() + "/control.token"; }
  std::string override_token() const { return run() + "/override.token"; }
  std::string wrap_socket() const { return run() + "/wrap.sock"; }
  std::string rules_in_force() const { return root + "/rules_in_force.json"; }
  std::string operator_key() const { return root + "/operator.pem"; }
  std::string accounts() const { return root + "/accounts"; }
};

// Makes the folders and takes the lock.
Result<std::unique_ptr<FileLock>> occupy(Files& files, const DataFolder& folder);
// A fresh token in `path`, readable by the owner only.
Result<std::string> write_token(Files& files, const std::string& path, Random& random);

}  // namespace pawl
