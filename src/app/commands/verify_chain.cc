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
std::optional<After> read_after(Files& files, const std::string& folder, const std::string& root) {
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
  const Result<jose::Jws> jws = jose::decode(token, token.size() + 1);
  const std::string member = std::string(names::kExtPrefix) + "ledger";
  const json::Value* after =
      walked && jws ? in_extension(jws->typ, jws->payload, {member, "after"}) : nullptr;
  if (after == nullptr) {
    return std::nullopt;
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
             : std::nullopt;
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

// `number`: of the log that goes on; `after`: what it says of the one before.
Report verify_link(Files& files, const std::string& folder, std::uint64_t number,
                   const After& after, const ledger::Trust& trust) {
  const Result<ledger::VerifierKey> key = ledger::VerifierKey::parse(trust.log_vkey);
  const Result<ledger::TreeHead> head = key ? ledger::open_checkpoint(after.checkpoint, *key)
                                            : Result<ledger::TreeHead>(fail(key.error()));
  if (!head || head->size != after.size) {
    return bad("the first record of " + log_text(number) + " names no checkpoint of " +
               log_text(number - 1));
  }
  const bool complete = after.kept >= after.size;
  ledger::Trust linked = trust;
  const std::string root = base64_encode(view(head->root));
  if (complete && trust.pinned_size > 0) {  // what the auditor pinned holds, too
    linked.later_head = ledger::PinnedHead{head->size, root};
  } else if (complete) {
    linked.pinned_size = head->size;
    linked.pinned_root = root;
    linked.pinned_note = after.checkpoint;
  }
  Report report = ledger::verify_folder(files, folder, linked);
  const std::uint64_t entries = report.entries + report.pruned.gone;
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

}  // namespace

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
  return out;
}

std::vector<FrozenLog> verify_chain(Files& files, const std::string& path,
                                    const std::string& origin, const ledger::Trust& brought,
                                    const Report& newest) {
  std::vector<FrozenLog> out;
  ledger::Trust trust = brought;
  learn(trust, newest);
  const ledger::LogName name = ledger::log_name(origin);
  const Result<ledger::Source> source = ledger::find_source(files, path);
  if (source ? source->folder != path + "/ledger" : source.error().code != Code::kUndecidable) {
    return out;
  }
  std::string folder = path + "/ledger";
  for (std::uint64_t number = name.number; number > 1; --number) {
    const std::string before = ledger::log_origin(name.first_origin, number - 1);
    const std::optional<After> after =
        read_after(files, folder, number == name.number ? path : std::string());
    folder = ledger::frozen_folder(path, number - 1);
    FrozenLog frozen{number - 1, {}};
    const bool here = files.exists(folder + "/segments");
    if (!after || after->origin != before) {
      frozen.report = bad("the first record of " + log_text(number) + " does not name " + before);
    } else if (!here) {
      frozen.report = undecided(log_text(number - 1) + " is not in " + path +
                                "/ledgers; where it was moved to, verify it there");
    } else {
      frozen.report = verify_link(files, folder, number, *after, trust_for(trust, before));
    }
    learn(trust, frozen.report);
    out.push_back(std::move(frozen));
    if (!after || !here) {
      break;
    }
  }
  return out;
}

}  // namespace pawl
