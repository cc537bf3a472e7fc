#include "app/commands/verify_chain.h"

#include <optional>

#include "base/encoding.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/source.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

using ledger::Report;
using ledger::Verdict;

// What the first record of a log says of the log before.
struct After {
  std::string origin, checkpoint;
  std::uint64_t size = 0;
  std::uint64_t kept = 0;  // entries that were there when it was frozen
  std::string token_key;   // which key signs it; empty: it has no record yet, or does not say
};

std::optional<std::uint64_t> number_at(const json::Value& value, std::string_view name) {
  const json::Value* found = json::find(value, {name});
  return found != nullptr && found->is_int64() && found->get_int64() >= 0
             ? std::optional(static_cast<std::uint64_t>(found->get_int64()))
             : std::nullopt;
}

std::optional<After> read_opened_after(Files& files, const std::string& root) {
  const Result<std::optional<ledger::Opened>> opened = ledger::newest_opened(files, root);
  return opened && *opened
             ? std::optional(After{(*opened)->origin_before, (*opened)->checkpoint_before,
                                   (*opened)->size_before, (*opened)->kept_before, ""})
             : std::nullopt;
}

// `root`: the data folder whose newest log this is, which may have no record yet; else empty.
// nullopt: its first record names none. Fails where that cannot be read.
Result<std::optional<After>> read_after(Files& files, const std::string& folder,
                                        const std::string& root) {
  std::string token;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t, std::string_view first) {
    token = first;
    return false;
  };
  const Status walked = ledger::walk(files, folder, visitor);
  if (token.empty() && !root.empty()) {
    return read_opened_after(files, root);
  }
  if (!walked) {
    return fail(walked.error());
  }
  const Result<jose::Jws> jws = jose::decode(token, token.size() + 1);
  const std::string member = std::string(names::kExtPrefix) + "ledger";
  const json::Value* after =
      jws ? in_extension(jws->typ, jws->payload, {member, "after"}) : nullptr;
  if (after == nullptr) {
    return std::optional<After>();
  }
  const auto origin = json::find_string(*after, {"origin"});
  const auto note = json::find_string(*after, {"checkpoint"});
  const auto size = number_at(*after, "size");
  const auto kept = number_at(*after, "kept");
  const std::string token_key(
      text_in_extension(jws->typ, jws->payload, {member, "token_key"}).value_or(""));
  return origin && note && size && kept
             ? std::optional(
                   After{std::string(*origin), std::string(*note), *size, *kept, token_key})
             : std::optional<After>();
}

Report bad(std::string what) {
  Report report;
  report.verdict = Verdict::kBad;
  report.first_bad = what;
  report.reason = std::move(what);
  return report;
}

Report undecided(std::string why) {
  Report report;
  report.reason = "cannot decide: " + std::move(why);
  return report;
}

std::string log_text(std::uint64_t number) {
  return "log " + std::to_string(number);
}

// What a log says of keys counts for those before it.
void learn(ledger::Trust& trust, const Report& report) {
  for (const KeyValidity::Key& key : report.keys.all()) {
    if (key.compromised_since_s || key.vouched) {
      trust.later_keys.push_back(key);
    }
  }
}

bool is_named(const std::string& folder, const std::string& name) {
  return folder == name || folder.ends_with("/" + name);
}

// The head that `after` names, by a key of `trust`.
Result<ledger::TreeHead> named_head(const After& after, const ledger::Trust& trust) {
  const Result<ledger::VerifierKey> key = ledger::VerifierKey::parse(trust.log_vkey);
  Result<ledger::TreeHead> head = key ? ledger::open_checkpoint(after.checkpoint, *key)
                                      : Result<ledger::TreeHead>(fail(key.error()));
  return !head || head->size == after.size
             ? head
             : fail(Code::kMalformed, "the checkpoint has another size");
}

// `number`: of the log that goes on; `after`: what it says of the one before, `head` its head.
Report verify_link(Files& files, const ledger::Source& source, std::uint64_t number,
                   const After& after, const ledger::TreeHead& head, const ledger::Trust& trust,
                   StatementReport& statements) {
  const bool complete = after.kept >= after.size;
  ledger::Trust linked = trust;
  const std::string root = base64_encode(view(head.root));
  if (complete && trust.pinned_size > 0) {  // what the auditor pinned holds, too
    linked.later_head = ledger::PinnedHead{head.size, root};
  } else if (complete) {
    linked.pinned_size = head.size;
    linked.pinned_root = root;
    linked.pinned_note = after.checkpoint;
  }
  Report report =
      ledger::verify_folder(files, source.folder, linked, look_for_statements(linked, statements));
  const std::uint64_t entries = report.entries + report.pruned.gone;
  if (source.is_bundle && entries < after.kept && report.verdict != Verdict::kBad) {
    return undecided("the bundle of " + log_text(number - 1) + " ends at " +
                     std::to_string(entries) + ", and " + log_text(number) + " goes on from " +
                     std::to_string(after.kept) + ": export it anew");
  }
  if (report.verdict != Verdict::kBad && entries != after.kept) {
    return bad(log_text(number - 1) + " has " + std::to_string(entries) + " entries, and " +
               log_text(number) + " goes on from " + std::to_string(after.kept));
  }
  const KeyValidity::Key* signer = report.keys.find(after.token_key);
  if (report.verdict != Verdict::kBad && !after.token_key.empty() && report.entries > 0 &&
      (signer == nullptr || !signer->may_sign())) {
    return bad(log_text(number) + " begins with key " + after.token_key +
               ", which could not sign " + log_text(number - 1) + " at its end");
  }
  if (report.verdict == Verdict::kGood && !complete) {
    report.verdict = Verdict::kUnknown;
    report.reason = "cannot decide: entries " + std::to_string(after.kept) + " to " +
                    std::to_string(after.size - 1) + " were lost, as " + log_text(number) +
                    " says in its first record";
  }
  return report;
}

// `folder`: where the log before is, if it is here.
FrozenLog verify_before(Files& files, const std::string& folder, std::uint64_t number,
                        const std::string& origin, const Result<std::optional<After>>& read,
                        const ledger::Trust& trust) {
  FrozenLog out{number - 1, {}, {}, origin};
  const Result<ledger::Source> source = ledger::find_source(files, folder);
  out.is_here = source && source->folder == folder;
  if (!read) {
    out.report = undecided(log_text(number) + " does not read: " + read.error().message);
    return out;
  }
  const std::optional<After>& after = *read;
  if (!after || after->origin != origin) {
    out.report = bad("the first record of " + log_text(number) + " does not name " + origin);
    return out;
  }
  const ledger::Trust linked = trust_for(trust, origin);
  const Result<ledger::TreeHead> head = named_head(*after, linked);
  if (!head) {
    out.report = bad("the first record of " + log_text(number) + " names no checkpoint of " +
                     log_text(number - 1));
    return out;
  }
  out.size = head->size;
  out.root = base64_encode(view(head->root));
  if (!out.is_here) {
    out.report = undecided(log_text(number - 1) + " is not in " + folder + ": " + origin +
                           " of size " + std::to_string(head->size) +
                           " was not seen; put it there (a new `pawl ledger export` brings it)");
    return out;
  }
  out.report = verify_link(files, *source, number, *after, *head, linked, out.statements);
  combine(out.report, out.statements);
  return out;
}

}  // namespace

std::string root_of_logs(Files& files, std::string path) {
  while (path.size() > 1 && path.back() == '/') {
    path.pop_back();
  }
  const Result<ledger::Source> source = ledger::find_source(files, path);
  if (!source || source->is_bundle || source->folder != path) {
    return path;
  }
  const std::string up = directory_of(path);
  return is_named(path, "ledger") ? up : is_named(up, "ledgers") ? directory_of(up) : path;
}

ledger::Trust trust_for(const ledger::Trust& trust, const std::string& origin) {
  const Result<ledger::VerifierKey> key = ledger::VerifierKey::parse(trust.log_vkey);
  if (!key || key->name == origin ||
      ledger::log_name(key->name).first_origin != ledger::log_name(origin).first_origin) {
    return trust;
  }
  const Result<std::string> vkey = ledger::vkey_of(origin, key->key);
  ledger::Trust out = trust;
  out.log_vkey = vkey ? *vkey : trust.log_vkey;
  out.pinned_size = 0;
  out.pinned_root.clear();
  out.pinned_note.clear();
  out.pinned_at_s.reset();
  return out;
}

std::vector<FrozenLog> verify_chain(Files& files, const std::string& path,
                                    const std::string& origin, const ledger::Trust& brought,
                                    const Report& newest) {
  std::vector<FrozenLog> out;
  ledger::Trust trust = brought;
  learn(trust, newest);
  const ledger::LogName name = ledger::log_name(origin);
  const std::string root = root_of_logs(files, path);
  const Result<ledger::Source> newest_source = ledger::find_source(files, path);
  std::string folder = newest_source ? newest_source->folder : path + "/ledger";
  const bool may_be_empty = is_named(folder, "ledger");  // the one in use of a data folder
  for (std::uint64_t number = name.number; number > 1; --number) {
    const Result<std::optional<After>> after =
        read_after(files, folder, number == name.number && may_be_empty ? root : std::string());
    folder = ledger::frozen_folder(root, number - 1);
    out.push_back(verify_before(files, folder, number,
                                ledger::log_origin(name.first_origin, number - 1), after, trust));
    learn(trust, out.back().report);
    if (!after || !*after || !out.back().is_here) {
      break;
    }
  }
  return out;
}

}  // namespace pawl
