// Objects that share the key of their retention, and are written without waiting for the disk.
#include "foundation/crypto/wipe.h"
#include "foundation/vault/vault.h"
#include "foundation/vault/vault_store.h"

namespace pawl::vault {
namespace {

bool is_in(std::string_view area, std::string_view name) {
  return is_name(name) && name.starts_with(area);
}

constexpr std::size_t kMaxMade = 4096;

std::string print_made(const std::string& id, const std::string& retention) {
  return "pawl.vault-made/1\n" + id + "\n" + retention + "\n";
}

// Of the key `id`; empty: no such text.
std::string retention_of(const std::string& text, const std::string& id) {
  const std::size_t before = print_made(id, "").size() - 1;
  std::string retention = text.size() > before ? text.substr(before, text.size() - before - 1) : "";
  return is_name(retention) && text == print_made(id, retention) ? retention : "";
}

}  // namespace

// Under the lock: of two that make one, both would be in use.
Result<KeyFile> Vault::shared_key(const std::string& retention, WallTime now, Random& random) {
  if (!is_in(kBodyArea, retention)) {
    return fail(Code::kInvalidParams, "vault: \"" + retention + "\" is no retention of bodies");
  }
  const Result<std::unique_ptr<FileLock>> lock = begin_change("a key of " + retention);
  // Durable with the folder of the notes, beside it.
  const Status folders =
      lock ? files_->make_directory(folder() + "/body") : Status(fail(lock.error()));
  Result<std::vector<KeyFile>> all = folders ? keys_of(retention) : fail(folders.error());
  if (!all) {
    return fail(all.error());
  }
  for (KeyFile& key : *all) {
    const Result<std::optional<Erasure>> erasure = erasure_of(key.id);
    if (!erasure) {
      return fail(erasure.error());
    }
    if (!*erasure) {
      // Who made it may have been killed before its name was durable.
      Status named = files_->sync_directory(keys());
      named = named ? note_made(key) : named;
      return named ? Result<KeyFile>(std::move(key)) : fail_at("vault", named.error());
    }
  }
  KeyFile key = make_key(retention, now, random);
  std::string text = print_key_file(key);
  const WipedAtEnd wiped(text);
  Status made = create_file(*files_, key_path(key.id), text);
  made = made ? note_made(key) : made;
  return made ? Result<KeyFile>(std::move(key)) : fail_at("vault", made.error());
}

// After the key: a note without a key would tell of one that is lost.
Status Vault::note_made(const KeyFile& key) {
  const std::string notes = folder() + "/made";
  const std::string path = made_path(key.id);
  if (Status ready = make_durable_directory(*files_, notes); !ready) {
    return ready;
  }
  const Result<std::string> before = read_file(*files_, path, kMaxMade);
  if (before) {
    return files_->sync_directory(notes);  // as of the key: who made it may have been killed
  }
  return before.error().code == Code::kNotFound
             ? create_file(*files_, path, print_made(key.id, key.retention))
             : Status(fail(before.error()));
}

// An erasure is ordered before its key goes, so it is looked for after the key.
Result<std::vector<Vault::Item>> Vault::shared_keys() {
  const Result<std::vector<std::string>> ids = stems(folder() + "/made", "");
  if (!ids) {
    return fail(ids.error());
  }
  std::vector<Item> out;
  for (const std::string& id : *ids) {
    if (!is_key_id(id)) {
      continue;  // a file that was being written
    }
    const bool is_there = files_->exists(key_path(id));
    const Result<std::optional<Erasure>> erasure = erasure_of(id);
    if (!erasure) {
      return fail(erasure.error());
    }
    if (*erasure) {
      continue;
    }
    const Result<std::string> text = read_file(*files_, made_path(id), kMaxMade);
    const std::string retention = text ? retention_of(*text, id) : "";
    Item item{retention, retention, id, {}, is_there ? Item::State::kGood : Item::State::kBad,
              "",        ""};
    if (retention.empty()) {
      item.name = "key/" + id;
      item.state = Item::State::kBad;
      item.problem = made_path(id) + (text ? ": was altered" : ": " + text.error().message) +
                     "; expected the note of that key";
    } else if (!is_there) {
      item.problem = std::string("the vault key ")
                         .append(id)
                         .append(" is lost: expected it in ")
                         .append(key_path(id))
                         .append("; restore that file, or give up what was made with it: ")
                         .append("pawl vault erase ")
                         .append(retention);
    }
    out.push_back(std::move(item));
  }
  return out;
}

// Another name first: who is killed in between leaves no half object.
Status Vault::keep(const KeyFile& key, const std::string& name, std::string_view content,
                   WallTime now, Random& random) {
  if (!is_in(kBodyArea, name)) {
    return fail(Code::kInvalidParams, "vault: \"" + name + "\" is no name of a body");
  }
  const std::string path = object_path(name);
  const std::string temporary = path + ".tmp";
  const Result<std::unique_ptr<File>> file = files_->open(temporary, OpenMode::kCreate);
  Status written = file ? (*file)->truncate(0) : Status(fail(file.error()));
  if (written) {
    written = (*file)->write_at(0, seal_object(key, name, now, content, random));
  }
  if (written) {
    written = files_->rename(temporary, path);
  }
  if (!written) {
    static_cast<void>(files_->remove(temporary));
    return fail_at("vault", written.error());
  }
  return {};
}

Status Vault::sync_kept(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const Result<std::unique_ptr<File>> file =
        files_->open(object_path(name), OpenMode::kReadWrite);
    if (!file && file.error().code == Code::kNotFound) {
      continue;  // erased meanwhile
    }
    if (const Status synced = file ? (*file)->sync() : Status(fail(file.error())); !synced) {
      return fail_at("vault", synced.error());
    }
  }
  const Status named = files_->sync_directory(folder() + "/body");
  return named ? named : Status(fail_at("vault", named.error()));
}

Result<Vault::Kept> Vault::kept() {
  Kept out;
  const Result<std::vector<std::string>> names = files_->list(folder() + "/body");
  if (!names) {
    return names.error().code == Code::kNotFound ? Result<Kept>(out) : fail(names.error());
  }
  for (const std::string& name : *names) {
    const std::string path = folder() + "/body/" + name;
    if (name.ends_with(".tmp")) {  // nobody speaks of it
      static_cast<void>(files_->remove(path));
      continue;
    }
    const Result<std::unique_ptr<File>> file = files_->open(path, OpenMode::kRead);
    out.bytes += file ? (*file)->size().value_or(0) : 0;
    ++out.objects;
  }
  return out;
}

Result<std::string> Vault::get_kept(const std::string& name, const std::string& retention,
                                    WallTime at) {
  Result<std::string> got = get(name);
  if (got || got.error().code != Code::kNotFound || files_->exists(object_path(name))) {
    return got;
  }
  const Result<std::vector<Erasure>> all = erasures();
  if (!all) {
    return fail(all.error());
  }
  for (const Erasure& erasure : *all) {
    if (erasure.retention == retention && at <= erasure.ordered) {
      return fail(erased(name, erasure));
    }
  }
  return fail(Code::kUndecidable, "vault: " + name + " is lost: expected it in " +
                                      object_path(name) + ", and no erasure of " + retention +
                                      " took it");
}

}  // namespace pawl::vault
