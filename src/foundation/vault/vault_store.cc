// What is there: reading.
#include "foundation/vault/vault_store.h"

#include <algorithm>
#include <set>

#include "base/os/file_mode.h"
#include "foundation/crypto/wipe.h"
#include "foundation/vault/vault.h"

namespace pawl::vault {
namespace {

constexpr std::size_t kMaxSmallFile = 4096;
constexpr int kAttempts = 3;  // of a reader beside somebody who replaces the same object

Status private_on_disk(Files& files, const std::string& path, const std::string& data) {
  return &files == &system_files() ? require_private(path, data) : Status();
}

}  // namespace

Error Vault::erased(const std::string& name, const Erasure& erasure) {
  return {
      Code::kNotFound,
      "vault: " + name +
          (erasure.record.empty() ? " is being erased, ordered " + format_rfc3339(erasure.ordered) +
                                        "; the running daemon, or the next start, ends it"
                                  : " was erased, ordered " + format_rfc3339(erasure.ordered) +
                                        ", record " + erasure.record)};
}

Result<std::vector<std::string>> Vault::stems(const std::string& folder, std::string_view ending) {
  Result<std::vector<std::string>> names = files_->list(folder);
  if (!names) {
    return names.error().code == Code::kNotFound ? std::vector<std::string>() : std::move(names);
  }
  std::vector<std::string> out;
  for (std::string& name : *names) {
    if (name.size() > ending.size() && name.ends_with(ending)) {
      out.push_back(name.substr(0, name.size() - ending.size()));
    }
  }
  return out;
}

Result<std::vector<std::string>> Vault::object_names(const Areas& areas) {
  std::vector<std::string> out;
  for (const std::string_view area : areas) {
    const Result<std::vector<std::string>> names =
        stems(folder() + "/" + std::string(area.substr(0, area.size() - 1)), ".obj");
    if (!names) {
      return names;
    }
    for (const std::string& name : *names) {
      out.push_back(std::string(area) + name);
    }
  }
  return out;
}

bool Vault::key_is_over(const std::string& id) const {
  return !files_->exists(key_path(id)) && !files_->exists(gone_path(id));
}

Result<KeyFile> Vault::read_key(const std::string& id) {
  const std::string path = key_path(id);
  if (!files_->exists(path)) {
    return fail(Code::kUndecidable, "the vault key " + id + " is lost: expected it in " + path +
                                        "; restore that file, or put the content again");
  }
  Status is_private = private_on_disk(*files_, keys(), data_);
  if (is_private) {
    is_private = private_on_disk(*files_, path, data_);
  }
  if (!is_private) {
    return fail(is_private.error());
  }
  Result<std::string> text = read_file(*files_, path, kMaxSmallFile);
  if (!text) {
    return fail(text.error());
  }
  const WipedAtEnd wiped(*text);
  Result<KeyFile> key = read_key_file(*text);
  if (!key) {
    return fail(key.error().code == Code::kUnsupported ? key.error().code : Code::kBadSignature,
                path + ": " + key.error().message + "; expected the vault key " + id);
  }
  if (key->id != id) {
    return fail(Code::kBadSignature,
                path + ": is the vault key " + key->id + "; expected the vault key " + id);
  }
  const Status checked = check_key(*key);
  return checked ? key : fail_at(path, checked.error());
}

Result<std::optional<Erasure>> Vault::erasure_of(const std::string& id) {
  const std::string path = erasure_path(id);
  if (!files_->exists(path)) {
    return std::optional<Erasure>();
  }
  const Result<std::string> text = read_file(*files_, path, kMaxSmallFile);
  if (!text) {
    return fail(text.error());
  }
  Result<Erasure> erasure = read_erasure(*text);
  if (erasure && erasure->key_id != id) {
    erasure = fail(Code::kMalformed, "speaks of the vault key " + erasure->key_id);
  }
  return erasure ? Result<std::optional<Erasure>>(*std::move(erasure))
                 : fail_at(path, erasure.error());
}

Result<std::vector<Erasure>> Vault::erasures() {
  const Result<std::vector<std::string>> ids = stems(folder() + "/erased", "");
  if (!ids) {
    return fail(ids.error());
  }
  std::vector<Erasure> out;
  for (const std::string& id : *ids) {
    if (!is_key_id(id)) {
      continue;  // a file that was being written
    }
    Result<std::optional<Erasure>> erasure = erasure_of(id);
    if (!erasure) {
      return fail(erasure.error());
    }
    if (*erasure) {
      out.push_back(**std::move(erasure));
    }
  }
  return out;
}

Result<std::vector<KeyFile>> Vault::keys_of(const std::string& retention) {
  const Result<std::vector<std::string>> ids = stems(keys(), ".key");
  if (!ids) {
    return fail(ids.error());
  }
  std::vector<KeyFile> out;
  for (const std::string& id : *ids) {
    Result<KeyFile> key = read_key(id);
    if (!key && key.error().code != Code::kBadSignature) {  // one that is damaged is nobody's
      return fail(key.error());
    }
    if (key && key->retention == retention) {
      out.push_back(*std::move(key));
    }
  }
  return out;
}

Result<ObjectHead> Vault::head_of(const std::string& name) {
  const Result<std::unique_ptr<File>> file = files_->open(object_path(name), OpenMode::kRead);
  const Result<std::string> start = file ? (*file)->read_at(0, kMaxHead) : fail(file.error());
  const Result<ReadHead> head = start ? read_head(*start) : fail(start.error());
  return head ? Result<ObjectHead>(head->head) : fail(head.error());
}

// No object file of that name: why.
Error Vault::missing(const std::string& name) {
  const Result<std::vector<Erasure>> all = erasures();
  const Result<std::vector<KeyFile>> keys = keys_of(name);
  if (!all || !keys) {
    return all ? keys.error() : all.error();
  }
  const Erasure* last = nullptr;
  for (const Erasure& erasure : *all) {
    if (erasure.retention == name && (last == nullptr || last->ordered < erasure.ordered)) {
      last = &erasure;
    }
  }
  for (const KeyFile& key : *keys) {
    if (std::none_of(all->begin(), all->end(),
                     [&](const Erasure& erasure) { return erasure.key_id == key.id; })) {
      return {Code::kUndecidable, "vault: " + name + " is lost: expected it in " +
                                      object_path(name) + ", made with the vault key " + key.id +
                                      "; restore that file, or put the content again"};
    }
  }
  return last != nullptr ? erased(name, *last)
                         : Error{Code::kNotFound, "vault: there is no " + name + " in " + folder()};
}

Result<Vault::Opened> Vault::open_file(const std::string& name, const std::string& file) {
  Result<ReadHead> read = read_head(file);
  if (!read) {
    return fail(read.error().code == Code::kUnsupported ? Code::kUnsupported : Code::kBadSignature,
                object_path(name) + ": " + read.error().message);
  }
  const Result<std::optional<Erasure>> erasure = erasure_of(read->head.key_id);
  if (!erasure || *erasure) {
    return fail(erasure ? erased(name, **erasure) : erasure.error());
  }
  Result<KeyFile> key = read_key(read->head.key_id);
  if (!key) {
    return fail_at("vault: " + name, key.error());
  }
  const WipedAtEnd wiped(key->key);
  Result<std::string> content = open_object(*key, name, file);
  return content ? Result<Opened>(Opened{std::move(read->head), *std::move(content)})
                 : fail_at(object_path(name), content.error());
}

Result<Vault::Opened> Vault::open_now(const std::string& name) {
  const std::string path = object_path(name);
  if (!files_->exists(path)) {
    return fail(missing(name));
  }
  const Result<std::string> file = read_file(*files_, path, kMaxContent + 2 * kMaxHead);
  return file ? open_file(name, *file) : fail(file.error());
}

Result<std::string> Vault::get(const std::string& name) {
  if (!is_name(name)) {
    return fail(Code::kInvalidParams, "vault: \"" + name + "\" is no name");
  }
  Result<Opened> opened = open_now(name);
  for (int attempt = 1; !opened && attempt < kAttempts; ++attempt) {
    opened = open_now(name);
  }
  if (!opened) {
    const Result<std::unique_ptr<FileLock>> lock = files_->lock(lock_path(), "reading " + name);
    if (!lock && lock.error().code == Code::kConflict) {
      return fail_at("vault: " + name + " cannot be read now", lock.error());
    }
    if (lock) {
      opened = open_now(name);
    }
  }
  return opened ? Result<std::string>(std::move(opened->content)) : fail(opened.error());
}

// Keys that wait for their object, keys that do not read, and what was erased.
Result<std::vector<Vault::Item>> Vault::without_object(const std::vector<Item>& objects,
                                                       const Areas& areas) {
  std::set<std::string> used, names;
  for (const Item& item : objects) {
    used.insert(item.key_id);
    names.insert(item.name);
  }
  const Result<std::vector<std::string>> ids = stems(keys(), ".key");
  const Result<std::vector<Erasure>> ordered = erasures();
  if (!ids || !ordered) {
    return fail(ids ? ordered.error() : ids.error());
  }
  std::vector<Item> out;
  for (const Erasure& erasure : *ordered) {
    const bool is_asked = std::any_of(areas.begin(), areas.end(), [&](std::string_view area) {
      return erasure.retention.starts_with(area);
    });
    const bool is_over = !erasure.record.empty() && key_is_over(erasure.key_id);
    used.insert(erasure.key_id);
    if (is_asked && (!is_over || names.insert(erasure.retention).second)) {
      out.push_back({erasure.retention, erasure.retention, erasure.key_id, erasure.ordered,
                     is_over ? Item::State::kErased : Item::State::kErasing, "", erasure.record});
    }
  }
  for (const std::string& id : *ids) {
    if (used.contains(id)) {
      continue;
    }
    const Result<KeyFile> key = read_key(id);
    if (!key) {
      out.push_back({"key/" + id, "", id, {}, Item::State::kBad, key.error().message, ""});
    } else if (key->retention.starts_with(kSecretArea)) {
      const bool has_object = names.contains(key->retention);
      out.push_back({key->retention, key->retention, id, key->made, Item::State::kBad,
                     has_object ? "the vault key " + id +
                                      " of a value before is still there; put "
                                      "the content again, or erase it"
                                : missing(key->retention).message,
                     ""});
    }
  }
  Result<std::vector<Item>> shared = shared_keys();
  if (!shared) {
    return shared;
  }
  for (Item& item : *shared) {
    const bool is_asked = std::any_of(areas.begin(), areas.end(), [&](std::string_view area) {
      return item.retention.starts_with(area);
    });
    if (!is_asked || used.contains(item.key_id)) {  // or an object tells of it
      continue;
    }
    const Result<KeyFile> key = read_key(item.key_id);
    if (key || item.state == Item::State::kBad) {  // one that does not read is told above
      item.made = key ? key->made : item.made;
      out.push_back(std::move(item));
    }
  }
  return out;
}

Result<std::vector<Vault::Item>> Vault::look_now(const Areas& areas) {
  const Result<std::vector<std::string>> names = object_names(areas);
  if (!names) {
    return fail(names.error());
  }
  std::vector<Item> out;
  for (const std::string& name : *names) {
    Item item{name, "", "", {}, Item::State::kGood, "", ""};
    if (const Result<ObjectHead> head = head_of(name)) {
      item.retention = head->retention;
      item.key_id = head->key_id;
      item.made = head->made;
    }
    Result<Opened> opened = is_name(name) ? open_now(name) : fail(Code::kMalformed, "is no name");
    if (opened) {
      wipe(opened->content);
    } else if (opened.error().code == Code::kNotFound) {
      continue;  // erased, and told below
    } else {
      item.state = Item::State::kBad;
      item.problem = opened.error().message;
    }
    out.push_back(std::move(item));
  }
  Result<std::vector<Item>> others = without_object(out, areas);
  if (!others) {
    return others;
  }
  out.insert(out.end(), others->begin(), others->end());
  std::stable_sort(out.begin(), out.end(),
                   [](const Item& a, const Item& b) { return a.name < b.name; });
  return out;
}

Result<std::vector<Vault::Item>> Vault::look(const Areas& areas) {
  Result<std::vector<Item>> items = look_now(areas);
  const bool is_good = items && std::none_of(items->begin(), items->end(), [](const Item& item) {
                         return item.state == Item::State::kBad;
                       });
  if (is_good) {
    return items;
  }
  const Result<std::unique_ptr<FileLock>> lock = files_->lock(lock_path(), "looking");
  if (!lock && lock.error().code == Code::kConflict) {
    return fail_at("vault", lock.error());
  }
  return lock ? look_now(areas) : items;
}

}  // namespace pawl::vault
