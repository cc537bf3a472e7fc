// What is changed: each step is durable before the next, and any of them may be the last.
#include <algorithm>
#include <set>

#include "foundation/crypto/wipe.h"
#include "foundation/vault/vault.h"
#include "foundation/vault/vault_store.h"

namespace pawl::vault {
namespace {

// "body/" of "body/2026-11".
std::string_view area_of(std::string_view name) {
  return name.substr(0, name.find('/') + 1);
}

// The key before its object: one without an object is of no use, and harms nobody.
Status keep_key(Files& files, const KeyFile& key, const std::string& path,
                const std::string& object_path) {
  std::string text = print_key_file(key);
  const WipedAtEnd wiped(text);
  Status ready = make_durable_directory(files, directory_of(object_path));
  return ready ? create_file(files, path, text) : ready;
}

}  // namespace

Result<std::unique_ptr<FileLock>> Vault::begin_change(const std::string& note) {
  for (const std::string& path : {data_, folder(), folder() + "/erased", keys()}) {
    if (const Status made = make_durable_directory(*files_, path); !made) {
      return fail_at("vault", made.error());
    }
  }
  Result<std::unique_ptr<FileLock>> lock = files_->lock(lock_path(), note);
  if (!lock) {
    return fail_at("vault", lock.error());
  }
  if (const Status swept = sweep(); !swept) {
    return fail_at("vault", swept.error());
  }
  return lock;
}

// Keys that an interrupted change left half made or half destroyed. Under the lock: nobody is at
// it.
Status Vault::sweep() {
  for (const std::string_view ending : {".key.tmp", ".gone"}) {
    const Result<std::vector<std::string>> found = stems(keys(), ending);
    if (!found) {
      return fail(found.error());
    }
    for (const std::string& id : *found) {
      const std::string path = keys() + "/" + id + std::string(ending);
      if (Status removed = overwrite_and_remove(path); !removed) {
        return removed;
      }
    }
  }
  return {};
}

// Nobody speaks of them, and under the lock nobody writes them.
Status Vault::tidy() {
  if (!files_->exists(folder())) {
    return {};
  }
  const Result<std::unique_ptr<FileLock>> lock = begin_change("tidying up");
  Status out = lock ? Status() : Status(fail(lock.error()));
  for (const char* below : {"/erased", "/made", "/secret", "/person"}) {
    const auto found = out ? stems(folder() + below, ".tmp") : fail(out.error());
    for (const std::string& name : found ? *found : std::vector<std::string>()) {
      const Status removed = files_->remove(folder() + below + "/" + name + ".tmp");
      out = out ? removed : out;
    }
    out = found ? out : Status(fail(found.error()));
  }
  return out;
}

// The zeros are for disks that write in place; what counts is that the name is gone. The name that
// the file has now is made durable first: under the one before, zeros would pass for a wrong key.
Status Vault::overwrite_and_remove(const std::string& path) {
  if (Status named = files_->sync_directory(keys()); !named) {
    return named;
  }
  const Result<std::unique_ptr<File>> file = files_->open(path, OpenMode::kReadWrite);
  const Result<std::uint64_t> size = file ? (*file)->size() : fail(file.error());
  if (size && (*file)->write_at(0, std::string(*size, '\0'))) {
    static_cast<void>((*file)->sync());
  }
  return files_->remove(path);
}

// Another name first: a key file that is half overwritten must not be taken for a wrong key.
Status Vault::destroy_key(const std::string& id) {
  if (files_->exists(key_path(id))) {
    if (Status renamed = files_->rename(key_path(id), gone_path(id)); !renamed) {
      return renamed;
    }
  }
  if (files_->exists(gone_path(id))) {
    if (Status removed = overwrite_and_remove(gone_path(id)); !removed) {
      return removed;
    }
  }
  return files_->sync_directory(keys());
}

// The keys of values before; those of an ordered erasure are destroyed after its record.
Status Vault::destroy_others(const std::string& retention, const std::string& kept) {
  const Result<std::vector<KeyFile>> all = keys_of(retention);
  if (!all) {
    return fail(all.error());
  }
  for (const KeyFile& key : *all) {
    const Result<std::optional<Erasure>> erasure = erasure_of(key.id);
    if (!erasure) {
      return fail(erasure.error());
    }
    const bool goes = key.id != kept && !*erasure;
    if (Status destroyed = goes ? destroy_key(key.id) : Status(); !destroyed) {
      return destroyed;
    }
  }
  return {};
}

Status Vault::put(const std::string& name, std::string_view content, WallTime now, Random& random) {
  if (!is_name(name) || !name.starts_with(kSecretArea)) {
    return fail(Code::kInvalidParams, "vault: \"" + name + "\" is no name of a secret");
  }
  if (content.size() > kMaxContent) {
    return fail(Code::kTooLarge, "vault: at most 16 MiB in one object");
  }
  const Result<std::unique_ptr<FileLock>> lock = begin_change("putting " + name);
  if (!lock) {
    return fail(lock.error());
  }
  KeyFile key = make_key(name, now, random);
  const WipedAtEnd wiped(key.key);
  Status stored = keep_key(*files_, key, key_path(key.id), object_path(name));
  if (stored) {
    stored = write_file(*files_, object_path(name), seal_object(key, name, now, content, random));
  }
  if (!stored) {
    return fail_at("vault", stored.error());
  }
  const Status alone = destroy_others(name, key.id);
  return alone ? alone
               : Status(fail_at("vault: stored, but the key of the value before is still there",
                                alone.error()));
}

Status Vault::add(const std::string& name, std::string_view content, WallTime now, Random& random) {
  if (!is_name(name) || !(name.starts_with(kPersonArea) || name.starts_with(kHeldArea))) {
    return fail(Code::kInvalidParams,
                "vault: \"" + name + "\" is no name of an object of a person or a held call");
  }
  if (content.size() > kMaxContent) {
    return fail(Code::kTooLarge, "vault: at most 16 MiB in one object");
  }
  const Result<std::unique_ptr<FileLock>> lock = begin_change("adding " + name);
  if (!lock) {
    return fail(lock.error());
  }
  KeyFile key = make_key(name, now, random);
  const WipedAtEnd wiped(key.key);
  Status added = keep_key(*files_, key, key_path(key.id), object_path(name));
  if (added) {
    added = create_file(*files_, object_path(name), seal_object(key, name, now, content, random));
  }
  return added ? added : Status(fail_at("vault", added.error()));
}

// What a crash left half done: an object without its key is of no use, and dropped again.
Status Vault::drop(const std::string& name) {
  if (!is_name(name) || !name.starts_with(kHeldArea)) {
    return fail(Code::kInvalidParams, "vault: \"" + name + "\" is no name of a held call's object");
  }
  if (!files_->exists(object_path(name))) {
    return {};
  }
  const Result<std::unique_ptr<FileLock>> lock = begin_change("dropping " + name);
  if (!lock) {
    return fail(lock.error());
  }
  const Result<ObjectHead> head = head_of(name);
  Status dropped = head ? may_destroy({head->key_id, name, {}, {}}) : Status();
  if (head && dropped) {
    dropped = destroy_key(head->key_id);
  }
  if (dropped) {
    dropped = files_->remove(object_path(name));
  }
  return dropped ? dropped : Status(fail_at("vault", dropped.error()));
}

// Files of keys may have been swapped: the key of something else is not destroyed.
Status Vault::may_destroy(const Erasure& erasure) {
  if (!files_->exists(key_path(erasure.key_id))) {
    return {};
  }
  const Result<KeyFile> key = read_key(erasure.key_id);
  if (!key) {
    return fail(key.error().code, "vault: " + key.error().message +
                                      " (put the files of keys in their places; remove this one "
                                      "only if the right one exists nowhere)");
  }
  return key->retention == erasure.retention
             ? Status{}
             : Status(fail(Code::kConflict, "vault: the key " + erasure.key_id + " is of " +
                                                key->retention + "; expected one of " +
                                                erasure.retention));
}

Result<std::vector<Erasure>> Vault::order_erasure(const std::string& retention, WallTime now) {
  if (!is_name(retention)) {
    return fail(Code::kInvalidParams, "vault: \"" + retention + "\" is no name");
  }
  const Result<std::unique_ptr<FileLock>> lock = begin_change("erasing " + retention);
  if (!lock) {
    return fail(lock.error());
  }
  const Result<std::vector<KeyFile>> keys = keys_of(retention);
  const Result<std::vector<std::string>> names = object_names({area_of(retention)});
  const Result<std::vector<Item>> shared = shared_keys();
  Result<std::vector<Erasure>> before = pending();
  if (!keys || !names || !shared || !before) {
    return fail(!keys     ? keys.error()
                : !names  ? names.error()
                : !shared ? shared.error()
                          : before.error());
  }
  std::vector<Erasure> out;
  for (Erasure& erasure : *before) {
    if (erasure.retention == retention) {
      out.push_back(std::move(erasure));
    }
  }
  std::vector<std::string> ids;
  for (const KeyFile& key : *keys) {
    ids.push_back(key.id);
  }
  for (const std::string& name : *names) {  // also of a key that is lost
    const Result<ObjectHead> head = head_of(name);
    if (head && head->retention == retention) {
      ids.push_back(head->key_id);
    }
  }
  for (const Item& key : *shared) {  // also one that is lost, and has no object
    if (key.retention == retention) {
      ids.push_back(key.key_id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  for (const std::string& id : ids) {
    const Result<std::optional<Erasure>> erasure = erasure_of(id);
    if (erasure && *erasure) {
      // Who ordered it may have been killed before its name was durable.
      if (const Status named = files_->sync_directory(folder() + "/erased"); !named) {
        return fail_at("vault", named.error());
      }
      continue;
    }
    out.push_back({id, retention, now, ""});
    Status ordered = erasure ? may_destroy(out.back()) : fail(erasure.error());
    if (ordered) {
      ordered = create_file(*files_, erasure_path(id), print_erasure(out.back()));
    }
    if (!ordered) {
      return fail(ordered.error());
    }
  }
  return out.empty() ? Result<std::vector<Erasure>>(fail(missing(retention)))
                     : Result<std::vector<Erasure>>(std::move(out));
}

Result<std::vector<Erasure>> Vault::pending() {
  Result<std::vector<Erasure>> all = erasures();
  if (all) {
    std::erase_if(*all, [this](const Erasure& erasure) {
      return !erasure.record.empty() && key_is_over(erasure.key_id);
    });
  }
  return all;
}

Status Vault::remove_objects(const std::vector<Erasure>& erasures) {
  std::set<std::string_view> areas;
  for (const Erasure& erasure : erasures) {
    areas.insert(area_of(erasure.retention));
  }
  const Result<std::vector<std::string>> names = object_names({areas.begin(), areas.end()});
  if (!names) {
    return fail(names.error());
  }
  Status out;
  for (const std::string& name : *names) {
    const Result<ObjectHead> head = head_of(name);
    const bool is_erased =
        head && std::any_of(erasures.begin(), erasures.end(),
                            [&](const Erasure& erasure) { return erasure.key_id == head->key_id; });
    const Status removed = is_erased ? files_->remove(object_path(name)) : Status();
    out = out ? removed : out;
  }
  return out;
}

Status Vault::destroy(const std::vector<Erasure>& erasures, const std::string& record) {
  const Result<std::unique_ptr<FileLock>> lock = begin_change("erasing");
  if (!lock) {
    return fail(lock.error());
  }
  for (const Erasure& erasure : erasures) {
    if (const Status own = may_destroy(erasure); !own) {
      return own;
    }
  }
  static_cast<void>(remove_objects(erasures));  // without their keys they are noise
  Status out;
  for (Erasure erasure : erasures) {
    erasure.record = record;
    Status done = write_file(*files_, erasure_path(erasure.key_id), print_erasure(erasure));
    const Status destroyed = destroy_key(erasure.key_id);  // the record says so: in any case
    done = done ? destroyed : done;
    out = out ? done : out;
  }
  return out ? out : Status(fail_at("vault", out.error()));
}

}  // namespace pawl::vault
