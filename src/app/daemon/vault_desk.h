// What the daemon does with the vault: erasures, recorded before the key goes, the bodies that do
// not fit into records, and a look at it.
//
// Purpose:    an erasure is ordered (nothing opens with the key any more), recorded, and then the
// key
//             is destroyed; each step is durable before the next. begin() ends what a crash cut
//             off, and tells of objects and keys that are lost or wrong.
// Threading:  the I/O thread, which waits for the syncs of an erasure.
// Ownership:  the parts outlive it.
// Errors:     kConflict (the configuration in use has the secret; another process changes the
// vault),
//             kNotFound, kEvidenceUnavailable (not recorded: the order stands, the key too), and
//             what the vault says.
// Not errors: a crash at any moment; begin() of the next start goes on, with a record of its own.
// Source:     docs/formats/vault.md.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "app/config/config.h"
#include "app/daemon/body_keeper.h"
#include "app/daemon/people_desk.h"
#include "app/daemon/salt_keeper.h"
#include "base/json.h"
#include "foundation/vault/vault_store.h"
#include "gateway/gateway_core.h"
#include "gateway/recorder.h"

namespace pawl {

class VaultDesk {
 public:
  using Done = std::function<void(Result<json::Object>)>;
  struct Parts {
    Files& files;
    Clock& clock;
    Random& random;
    const Config& config;
    Recorder& recorder;
    GatewayCore& gateway;
  };
  explicit VaultDesk(Parts parts);
  ~VaultDesk();

  // Before the first call, which needs to know who people are. What the ledger says was erased, and
  // is there again, is erased first; kConflict: the configuration in use has it.
  Status begin();
  // The secret NAME, or the bodies of a month ("body/2026-11"). The answer: name, keys, record.
  void erase(const std::string& name, Done done);
  // The person of that name. The answer: name (of the object), keys, record.
  void erase_person(const std::string& name, Done done);
  // Now and then looks whether the keys of the months, of secrets and of people are still there.
  // One that is not is told; a month's is used no more.
  void tick();
  const PeopleDesk& people() const { return people_; }
  // What begin() found of the secrets, and the last look of the keys: objects, unusable;
  // and the kept bodies.
  json::Value status() const;

 private:
  Status hold_to_ledger();
  void go_on_erasing();
  void look();
  void look_at_keys();
  void look_at_months();
  void look_at_objects();
  void tell_lost(const vault::Vault::Item& item);
  void forget_keys();
  void record(std::vector<vault::Erasure> erasures, Done done);

  Parts parts_;
  vault::Vault vault_;
  PeopleDesk people_;
  SaltKeeper salts_;
  std::unique_ptr<BodyKeeper> bodies_;  // null: records hold digests of what does not fit
  std::size_t objects_ = 0;
  json::Array unusable_;
  std::set<std::string> unusable_names_;  // of those in it
  json::Array came_back_;                 // what was erased, and was there again at the start
  json::Array lost_;                      // whose keys are gone since, as in unusable_
  vault::Vault::KeysOfObjects known_keys_;
  std::set<std::string> told_;  // those that the log has: ids of months' keys, names of objects
  BootTime look_again_{0};
};

}  // namespace pawl
