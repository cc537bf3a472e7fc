// The vault on the disk: object files, retention keys in files of their own, and what was erased.
//
// Purpose:    DATA/vault/AREA/NAME.obj are the objects, DATA/vault-keys/ID.key the retention keys,
//             DATA/vault/erased/ID says that a key is destroyed or will be. There is no index: the
//             files are the truth.
// Threading:  one thread for each Vault; several processes. Changes take a lock. Readers need none
// and
//             see what was before a change or after it; only before they say that something is lost
//             or wrong they take it, so that nobody hears that of what is being changed.
// Ownership:  Files outlives it.
// Errors:     kNotFound (never put, or erased; the message says which), kUndecidable (the key or
// the
//             object is lost: which, and where it was expected), kBadSignature (another key or an
//             altered object), kConflict (another process changes the vault), kForbidden (others
//             may read the keys), kTooLarge, kIo.
// Not errors: no vault; then nothing is in it. A lost key is never "not found".
// Durability: what returned is there after a power cut. A put that was interrupted leaves the value
//             of before or the new one; an erasure that was ordered is never used again, and
//             pending() tells it until the key is gone.
// Source:     docs/formats/vault.md.
//
// Example:
//   Vault vault(files, data);
//   Status put = vault.put("secret/search-token", content, now, random);
//   Result<std::string> back = vault.get("secret/search-token");
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/random.h"
#include "base/uuid.h"
#include "foundation/vault/person.h"
#include "foundation/vault/vault_wire.h"

namespace pawl::vault {

inline constexpr std::string_view kSecretArea = "secret/";  // each with a retention key of its own
inline constexpr std::string_view kBodyArea = "body/";      // of a month share one
inline constexpr std::string_view kHeldArea = "held/";      // arguments of held calls; one each

class Vault {
 public:
  Vault(Files& files, std::string data) : files_(&files), data_(std::move(data)) {}

  Result<std::string> get(const std::string& name);

  struct Item {
    enum class State { kGood, kErased, kErasing, kBad };
    std::string name;
    std::string retention;
    std::string key_id;
    WallTime made;  // of an erasure: when it was ordered
    State state = State::kGood;
    std::string problem;  // kBad: what is wrong, where, and what was expected
    std::string record;   // kErased: the record of the erasure
  };
  // Everything of the areas, each object opened; sorted by name.
  using Areas = std::vector<std::string_view>;
  Result<std::vector<Item>> look(const Areas& areas = {kSecretArea, kBodyArea, kPersonArea});
  // Of the objects of one area, whether they open or not.
  Result<std::vector<std::string>> names(std::string_view area) { return object_names({area}); }

  // Objects whose key is lost, the first twenty; `known` is kept from look to look. Cheap: two
  // folders are listed, and only the head of an object that is new is read.
  using KeysOfObjects = std::map<std::string, std::string>;  // an object's name -> its key's id
  Result<std::vector<Item>> lost_keys(const Areas& areas, KeysOfObjects& known);

  // Replaces what is there, with a new key; the key of before is destroyed. `name` in kSecretArea.
  // An error that says "stored" tells that the new value is there and the key of before, too.
  Status put(const std::string& name, std::string_view content, WallTime now, Random& random);

  // A new object in kPersonArea or kHeldArea, with a key of its own. Its name is random: nobody
  // else has it.
  Status add(const std::string& name, std::string_view content, WallTime now, Random& random);

  // Destroys the key of an object in kHeldArea, then the object. Nothing notes it: whoever made the
  // object knows how long it is wanted. Not an error: there is none.
  Status drop(const std::string& name);

  // ---- objects that share a key, written without waiting for the disk (vault_kept.cc) ----
  // The key of `retention` that is in use, or a new one; durable.
  Result<KeyFile> shared_key(const std::string& retention, WallTime now, Random& random);
  // Those that were made and not erased, whether their files are there (kGood; nothing is read) or
  // lost (kBad). Cheap: a folder is listed, and each file asked for.
  Result<std::vector<Item>> shared_keys();
  // A new object, which survives a killed process; it survives a power cut once sync_kept()
  // returned. No lock is taken: nobody else makes this name.
  Status keep(const KeyFile& key, const std::string& name, std::string_view content, WallTime now,
              Random& random);
  Status sync_kept(const std::vector<std::string>& names);
  struct Kept {
    std::size_t objects = 0;
    std::uint64_t bytes = 0;
  };
  // What is there; removes what somebody who was killed left half written.
  Result<Kept> kept();
  // The salt of one digest of a record, 32 bytes (salt.h), by the id of its key. kNotFound: erased;
  // kUndecidable: the key is lost.
  Result<std::string> salt(const std::string& key_id, const Uuid& record, std::string_view of);
  // An object that was kept at `at`. Lost (kUndecidable) unless an erasure since then took it.
  Result<std::string> get_kept(const std::string& name, const std::string& retention, WallTime at);

  // From here on nothing opens with the keys of `retention`, and put() makes another. Of what was
  // ordered before and is not over: the same again. kNotFound: there is nothing to erase.
  Result<std::vector<Erasure>> order_erasure(const std::string& retention, WallTime now);
  // Orders whose key may still be there, or whose record nobody wrote down.
  Result<std::vector<Erasure>> pending();
  // Keys that are there and of which nothing says that they are erased: the ledger may know better,
  // where an older copy of the vault was put back (vault_recorded.cc).
  Result<std::vector<std::string>> keys_in_use();
  // Whatever was ordered, over or not.
  Result<std::vector<Erasure>> erasures();
  // Orders what was erased before: from here on as after order_erasure(), and pending() tells it.
  Status order_again(const std::vector<Erasure>& erasures);
  // Removes what changes of killed processes left half written; bodies: kept() does. For a start.
  Status tidy();
  // The record is durable: destroys the keys, and removes the objects that were made with them.
  Status destroy(const std::vector<Erasure>& erasures, const std::string& record);

 private:
  std::string folder() const { return data_ + "/vault"; }
  std::string keys() const { return data_ + "/vault-keys"; }
  std::string object_path(const std::string& name) const { return folder() + "/" + name + ".obj"; }
  std::string key_path(const std::string& id) const { return keys() + "/" + id + ".key"; }
  // Of a key whose destruction began.
  std::string gone_path(const std::string& id) const { return keys() + "/" + id + ".gone"; }
  std::string erasure_path(const std::string& id) const { return folder() + "/erased/" + id; }
  // Says that a shared key was made.
  std::string made_path(const std::string& id) const { return folder() + "/made/" + id; }
  std::string lock_path() const { return folder() + "/lock"; }
  bool key_is_over(const std::string& id) const;

  // What stands in a folder under names with this ending, without it; none without the folder.
  Result<std::vector<std::string>> stems(const std::string& folder, std::string_view ending);
  Result<std::vector<std::string>> object_names(const Areas& areas);
  Result<std::vector<KeyFile>> keys_of(const std::string& retention);
  Result<ObjectHead> head_of(const std::string& name);
  Result<KeyFile> read_key(const std::string& id);
  // Empty: nothing was ordered for the key.
  Result<std::optional<Erasure>> erasure_of(const std::string& id);
  struct Opened {
    ObjectHead head;
    std::string content;
  };
  Result<Opened> open_file(const std::string& name, const std::string& file);
  Result<Opened> open_now(const std::string& name);
  Status note_made(const KeyFile& key);
  Result<std::string> salt_now(const std::string& key_id, const Uuid& record, std::string_view of);
  Result<std::vector<Item>> look_now(const Areas& areas);
  static Error erased(const std::string& name, const Erasure& erasure);
  Error missing(const std::string& name);
  Result<std::vector<Item>> without_object(const std::vector<Item>& objects, const Areas& areas);

  Result<std::unique_ptr<FileLock>> begin_change(const std::string& note);
  Status sweep();
  Status may_destroy(const Erasure& erasure);
  Status overwrite_and_remove(const std::string& path);
  Status destroy_key(const std::string& id);
  Status destroy_others(const std::string& retention, const std::string& kept);
  Status remove_objects(const std::vector<Erasure>& erasures);

  Files* files_;
  std::string data_;
};

}  // namespace pawl::vault
