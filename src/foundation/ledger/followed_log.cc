#include "foundation/ledger/followed_log.h"

#include <algorithm>

#include "foundation/ledger/kept_evidence.h"
#include "foundation/ledger/renewal.h"

namespace pawl::ledger {
namespace {

using Found = Look::Found;

constexpr std::string_view kSuffix = ".head";
constexpr std::size_t kMaxNote = 64 * 1024;

// The folder and those above it: a name that a power cut takes back takes all that was seen along.
Status make_folders(Files& files, const std::string& folder) {
  for (std::size_t end = folder.find('/', 1);; end = folder.find('/', end + 1)) {
    const std::string path = folder.substr(0, end);
    // One of the system's may be out of our reach.
    const bool is_there = files.exists(path);
    if (Status made = make_durable_directory(files, path); !made && !is_there) {
      return made;
    }
    if (end == std::string::npos) {
      return {};
    }
  }
}

Look with(Look look, Found found, std::string why) {
  look.found = found;
  look.why = std::move(why);
  return look;
}

std::string size_text(std::uint64_t size) {
  return "size " + std::to_string(size);
}

// The tree of `size` leaves that `get` shows: its root, and that of its first `old_size` leaves.
Result<std::pair<PrefixRoots, Proof>> shown_roots(const RemoteLog::Get& get, std::uint64_t old_size,
                                                  std::uint64_t size) {
  RemoteLog tree(get, size);
  if (old_size == 0) {
    const Result<Digest> root = root_at(tree, size);
    if (!root) {
      return fail(root.error());
    }
    return std::pair<PrefixRoots, Proof>{{empty_root(), *root}, {}};
  }
  Result<Proof> proof = prove_prefix(tree, old_size, size);
  const std::optional<PrefixRoots> roots =
      proof ? roots_of_prefix(old_size, size, *proof) : std::nullopt;
  if (!roots) {
    return fail(proof ? Error{Code::kInternal, "a proof that was made does not read"}
                      : proof.error());
  }
  return std::pair<PrefixRoots, Proof>{*roots, *std::move(proof)};
}

}  // namespace

std::string_view found_name(Found found) {
  switch (found) {
    case Found::kSame:
      return "same";
    case Found::kGrew:
      return "grew";
    case Found::kFirst:
      return "first";
    case Found::kRenewed:
      return "renewed";
    case Found::kOlder:
      return "older";
    case Found::kUnclear:
      return "unclear";
    case Found::kForked:
      return "forked";
    case Found::kShrank:
      return "shrank";
  }
  return "unclear";
}

Verdict verdict_of(Found found) {
  switch (found) {
    case Found::kSame:
    case Found::kGrew:
      return Verdict::kGood;
    case Found::kForked:
    case Found::kShrank:
      return Verdict::kBad;
    default:
      return Verdict::kUnknown;
  }
}

// ---- what was seen before ----

Result<FollowedLog> FollowedLog::open(Files& files, const std::string& folder, const Trust& trust) {
  Result<VerifierKey> log = VerifierKey::parse(trust.log_vkey);
  if (!log) {
    return fail(log.error());
  }
  if (Status made = make_folders(files, folder); !made) {
    return fail(made.error());
  }
  Result<std::unique_ptr<FileLock>> lock = files.lock(folder + "/lock", "pawl ledger monitor");
  if (!lock) {
    return fail_at(folder, lock.error());
  }
  FollowedLog followed(files, folder, *std::move(log), *std::move(lock));
  if (Status read = followed.read_heads(); !read) {
    return fail(read.error());
  }
  followed.add_pin(trust);
  return followed;
}

// A log of the instance whose key is trusted.
Result<VerifierKey> FollowedLog::key_of(const std::string& origin) const {
  if (log_name(origin).first_origin != log_name(log_.name).first_origin) {
    return fail(Code::kBadSignature, "a head of the log " + origin + ", not of " + log_.name);
  }
  const Result<std::string> vkey = vkey_of(origin, log_.key);
  return vkey ? VerifierKey::parse(*vkey) : fail(vkey.error());
}

Status FollowedLog::read_heads() {
  const Result<std::vector<std::string>> names = files_->list(folder_);
  if (!names) {
    return fail(names.error());
  }
  for (const std::string& name : *names) {
    if (!name.ends_with(kSuffix)) {
      continue;
    }
    const std::string path = folder_ + "/" + name;
    Result<std::string> note = read_file(*files_, path, kMaxNote);
    const Result<TreeHead> read = note ? read_checkpoint(*note) : fail(note.error());
    const Result<VerifierKey> key = read ? key_of(read->origin) : fail(read.error());
    Result<TreeHead> head = key ? open_checkpoint(*note, *key) : fail(key.error());
    if (!head) {
      return fail_at(path + ": expected a head of " + log_.name, head.error());
    }
    const std::uint64_t number = log_name(head->origin).number;
    if (name != std::to_string(number) + std::string(kSuffix)) {
      return fail(Code::kMalformed, path + ": holds a head of log " + std::to_string(number));
    }
    newest_[number] = {*std::move(head), *std::move(note)};
  }
  // Of a process that was killed: what is there may not be durable yet, and is told from now on.
  const std::string evidence = evidence_folder(folder_);
  if (!kept_evidence(*files_, evidence).empty()) {
    if (Status durable = files_->sync_directory(evidence); !durable) {
      return durable;
    }
  }
  return files_->sync_directory(folder_);
}

void FollowedLog::add_pin(const Trust& trust) {
  const Result<Digest> root = parse_digest(trust.pinned_root);
  if (trust.pinned_size > 0 && root) {
    pinned_[log_name(log_.name).number] = {{log_.name, trust.pinned_size, *root, {}},
                                           trust.pinned_note};
  }
}

// What was proven stays true, whatever the log shows now.
std::optional<Look> FollowedLog::proven_before() const {
  for (const std::string& path : kept_evidence(*files_, evidence_folder(folder_))) {
    const Result<std::string> text = read_file(*files_, path, kMaxEquivocation);
    const Result<Equivocation> evidence = text ? parse_equivocation(*text) : fail(text.error());
    const Result<TreeHead> head =
        evidence ? read_checkpoint(evidence->newer) : fail(evidence.error());
    const Result<VerifierKey> key = head ? key_of(head->origin) : fail(head.error());
    const Result<Contradiction> found =
        key ? check_equivocation(*evidence, *key) : fail(key.error());
    if (found) {
      return Look{Found::kForked, *head, evidence->newer, contradiction_text(*found), path};
    }
  }
  return std::nullopt;
}

// ---- a look ----

Look FollowedLog::look(const RemoteLog::Get& get) {
  if (std::optional<Look> proven = proven_before()) {
    return *std::move(proven);
  }
  Look look;
  Result<std::string> note = get("checkpoint");
  if (!note) {
    return with(std::move(look), Found::kUnclear, "no checkpoint: " + note.error().message);
  }
  look.note = *std::move(note);
  const Result<TreeHead> read = read_checkpoint(look.note);
  const Result<VerifierKey> key = read ? key_of(read->origin) : fail(read.error());
  Result<TreeHead> head = key ? open_checkpoint(look.note, *key) : fail(key.error());
  if (!head) {
    return with(std::move(look), Found::kUnclear,
                "what it shows is no checkpoint of this log: " + head.error().message);
  }
  look.head = *std::move(head);
  if (look.head.size == 0 && look.head.root != empty_root()) {
    return with(std::move(look), Found::kUnclear, "a head of size 0 with a root of something");
  }
  return compare(std::move(look), get, *key);
}

Look FollowedLog::compare(Look look, const RemoteLog::Get& get, const VerifierKey& key) {
  const std::uint64_t number = log_name(look.head.origin).number;
  std::uint64_t last = 0;
  for (const auto* known : {&newest_, &pinned_}) {
    last = known->empty() ? last : std::max(last, known->rbegin()->first);
  }
  if (number < last) {
    return with(std::move(look), Found::kShrank,
                "it shows log " + std::to_string(number) + " again, and log " +
                    std::to_string(last) + " was seen");
  }
  look.found = last == 0 ? Found::kFirst : Found::kRenewed;
  if (look.found == Found::kFirst) {
    look.why = "nothing was seen or pinned before, so there was nothing to compare it with";
  } else if (number > last) {
    look.why = "log " + std::to_string(number) + " was begun; whether it goes on from log " +
               std::to_string(last) + " as it was seen stands in its records: verify an export";
  }
  for (const auto* known : {&pinned_, &newest_}) {
    const auto seen = known->find(number);
    if (seen == known->end()) {
      continue;
    }
    look.why.clear();
    look = compare_one(std::move(look), seen->second, get, key);
    if (verdict_of(look.found) != Verdict::kGood) {
      return look;
    }
  }
  return keep(std::move(look), number);
}

Look FollowedLog::compare_one(Look look, const Seen& seen, const RemoteLog::Get& get,
                              const VerifierKey& key) {
  const TreeHead& head = look.head;
  if (head.size < seen.head.size) {
    return show_again(std::move(look), seen, get, key);
  }
  if (head.size == seen.head.size) {
    look.found = Found::kSame;
    return head.root == seen.head.root ? look : forked(std::move(look), seen, {}, key);
  }
  if (seen.head.size == 0) {
    look.found = Found::kGrew;
    return look;
  }
  const auto shown = shown_roots(get, seen.head.size, head.size);
  if (!shown) {
    return with(std::move(look), Found::kUnclear, "no proof: " + shown.error().message);
  }
  const auto& [roots, proof] = *shown;
  if (roots.root != head.root) {
    return with(
        std::move(look), Found::kUnclear,
        "the tiles that it serves do not give the root that it signed for " + size_text(head.size));
  }
  look.found = Found::kGrew;
  return roots.old_root == seen.head.root ? look : forked(std::move(look), seen, proof, key);
}

// An older head than one that was seen: the log must still be able to show that one.
Look FollowedLog::show_again(Look look, const Seen& seen, const RemoteLog::Get& get,
                             const VerifierKey& key) {
  const auto shown = shown_roots(get, look.head.size, seen.head.size);
  if (!shown && shown.error().code != Code::kNotFound) {
    return with(std::move(look), Found::kUnclear, "no proof: " + shown.error().message);
  }
  const std::string older =
      "it shows " + size_text(look.head.size) + ", and " + size_text(seen.head.size) + " was seen";
  if (!shown || shown->first.root != seen.head.root) {
    return with(std::move(look), Found::kShrank, older + ", which it cannot show any more");
  }
  if (shown->first.old_root != look.head.root) {
    return forked(std::move(look), seen, shown->second, key);
  }
  return with(std::move(look), Found::kOlder, older + " and is still there");
}

Look FollowedLog::forked(Look look, const Seen& seen, const Proof& proof, const VerifierKey& key) {
  const std::optional<Equivocation> evidence = contradiction(seen.note, look.note, proof, key);
  if (!evidence) {
    return with(std::move(look), Found::kForked,
                "another history than the pinned head of " + size_text(seen.head.size) +
                    "; the trust file has no signature of that one, so this proves nothing to "
                    "others");
  }
  look.why = contradiction_text(*check_equivocation(*evidence, key));
  Result<std::string> path = keep_evidence(*files_, evidence_folder(folder_), *evidence, key);
  if (path) {
    look.evidence = *std::move(path);
  } else {
    look.why += "; the evidence could not be kept: " + path.error().message;
  }
  look.found = Found::kForked;
  return look;
}

Look FollowedLog::keep(Look look, std::uint64_t number) {
  const auto seen = newest_.find(number);
  if (seen != newest_.end() && seen->second.head.size == look.head.size) {
    return look;
  }
  const std::string path = folder_ + "/" + std::to_string(number) + std::string(kSuffix);
  if (Status kept = write_file(*files_, path, look.note); !kept) {
    return with(std::move(look), Found::kUnclear,
                "the head could not be kept: " + kept.error().message);
  }
  newest_[number] = {look.head, look.note};
  return look;
}

}  // namespace pawl::ledger
