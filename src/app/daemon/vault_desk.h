// What the daemon does with the vault: erasures, recorded before the key goes, and a look at it.
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
#include <string>

#include "app/config/config.h"
#include "base/json.h"
#include "foundation/vault/vault_store.h"
#include "gateway/recorder.h"

namespace pawl {

class VaultDesk {
 public:
  using Done = std::function<void(Result<json::Object>)>;
  struct Parts {
    Files& files;
    Clock& clock;
    const Config& config;
    Recorder& recorder;
  };
  explicit VaultDesk(Parts parts) : parts_(parts), vault_(parts.files, parts.config.data) {}

  void begin();
  // The secret NAME. The answer: name, keys, record.
  void erase(const std::string& name, Done done);
  // What begin() found: objects, unusable.
  json::Value status() const;

 private:
  void record(std::vector<vault::Erasure> erasures, Done done);

  Parts parts_;
  vault::Vault vault_;
  std::size_t objects_ = 0;
  json::Array unusable_;
};

}  // namespace pawl
