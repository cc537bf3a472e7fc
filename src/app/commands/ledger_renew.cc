#include "app/commands/ledger_renew.h"

#include <memory>
#include <ostream>
#include <thread>

#include "app/commands/key_sources.h"
#include "app/commands/local_http.h"
#include "app/commands/own_log.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/head_file.h"
#include "foundation/ledger/in_flight.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/renewal.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxNote = 64 * 1024;
constexpr std::chrono::milliseconds kPoll{100};

// The log as it is on this disk.
struct Old {
  std::string origin;
  ledger::Options options;  // it was opened with
  std::uint64_t number = 1;
  ledger::Checkpoint head;
  std::string decisions;
  std::vector<ledger::Intent> open_intents;
  std::vector<ledger::Intent> open_notes;  // of reads, without an entry in it
};

// A crash leaves notes whose outcome is in the log; the next log's start could not know that.
Result<std::vector<ledger::Intent>> notes_without_outcome(Files& files, const std::string& path,
                                                          const ledger::Ledger& log) {
  std::vector<ledger::InFlightJournal::Found> found;
  const auto journal = ledger::InFlightJournal::open(files, path, found);
  return journal ? ledger::without_outcome(std::move(found), log)
                 : Result<std::vector<ledger::Intent>>(fail(journal.error()));
}

Result<Old> read_old(Context& context, const DataFolder& folder, const Config& config,
                     const SigningKey& log_key) {
  // Not beside the head file: it may know more, and the next log then names that.
  Result<std::unique_ptr<OwnLog>> own = open_own_log(context, folder, config, log_key, "");
  if (!own) {
    return fail(own.error());
  }
  const ledger::Ledger& log = *(*own)->log;
  Result<std::vector<ledger::Intent>> notes =
      notes_without_outcome(context.files, folder.in_flight(), log);
  if (!notes) {
    return fail_at("in-flight journal", notes.error());
  }
  Old old;
  old.number = (*own)->number;
  old.options = (*own)->options;
  old.origin = old.options.origin;
  old.open_notes = *std::move(notes);
  old.head = log.latest();
  old.decisions = (*own)->decisions.print();
  old.open_intents = std::move((*own)->recovery.open_intents);
  return old;
}

// The newest checkpoint known: the log's own, or the head file's.
Result<ledger::Opened> newest_known(Context& context, const Old& old, const Config& config,
                                    const SigningKey& log_key) {
  ledger::Opened out{old.number + 1, old.origin,    old.head.size,   old.head.size,
                     old.head.note,  old.decisions, old.open_intents};
  const Result<std::string> note = config.head_file.empty()
                                       ? Result<std::string>(fail(Code::kNotFound, ""))
                                       : read_file(context.files, config.head_file, kMaxNote);
  if (!note) {
    return note.error().code == Code::kNotFound ? Result<ledger::Opened>(std::move(out))
                                                : Result<ledger::Opened>(fail(note.error()));
  }
  const Result<ledger::NoteSigner> signer = ledger::NoteSigner::make(old.origin, log_key);
  const Result<ledger::VerifierKey> key = signer
                                              ? ledger::VerifierKey::parse(signer->vkey())
                                              : Result<ledger::VerifierKey>(fail(signer.error()));
  if (!key) {
    return fail(key.error());
  }
  const Result<std::optional<ledger::TreeHead>> head =
      ledger::open_head(config.head_file, *note, old.options, *key);
  if (!head) {
    return fail(head.error());
  }
  if (*head && (*head)->size > out.size_before) {
    out.size_before = (*head)->size;
    out.checkpoint_before = *note;
  }
  return out;
}

void tell(Context& context, const Old& old, const ledger::Opened& opened) {
  std::ostream& out = context.io.out;
  const std::string origin =
      old.origin.substr(0, old.number > 1 ? old.origin.rfind('/') : old.origin.size());
  if (context.io.json) {
    out << json::print(json::Object{{"number", opened.number},
                                    {"origin", ledger::log_origin(origin, opened.number)},
                                    {"size_before", opened.size_before},
                                    {"size_on_disk", old.head.size},
                                    {"open_intents", old.open_intents.size()}})
        << '\n';
    return;
  }
  out << labelled("frozen", old.origin + ", " + std::to_string(old.head.size) + " entries")
      << labelled("new log", ledger::log_origin(origin, opened.number))
      << labelled("it names", "the checkpoint of size " + std::to_string(opened.size_before));
  if (opened.size_before > old.head.size) {
    out << labelled("LOST", std::to_string(opened.size_before - old.head.size) +
                                " entries that are known to have been recorded");
  }
  out << "Start the daemon, then tell everybody who pinned the log to pin the new one too.\n";
}

// The daemon does it; the switch takes some syncs.
int watch_daemon(Context& context, const DataFolder& folder, const json::Value& begun) {
  const json::Value* number = json::find(begun, {"number"});
  while (number != nullptr) {
    const Result<json::Value> status =
        ask_daemon(context.files, folder, DaemonListener::kControl, "/api/v1/status", "");
    const json::Value* log = status ? json::find(*status, {"ledger", "log"}) : nullptr;
    if (log == nullptr) {
      return report(context, status ? Error{Code::kUnsupported, "the daemon tells of no log"}
                                    : status.error());
    }
    if (*log == *number) {
      context.io.out << (context.io.json
                             ? json::print(json::Object{{"number", *number}, {"by_daemon", true}})
                             : "log " + json::print(*number) + " is in use; the one before is " +
                                   "frozen in " + folder.root + "/ledgers")
                     << "\n";
      return kExitGood;
    }
    const json::Value* going_on = json::find(*status, {"ledger", "switching"});
    if (going_on == nullptr || !going_on->is_bool() || !going_on->get_bool()) {
      return report(context,
                    {Code::kConflict,
                     "the next log could not begin, and the log in use goes on; the daemon's log "
                     "says why (event log_not_switched)"},
                    kExitBad);
    }
    std::this_thread::sleep_for(kPoll);
  }
  return report(context, {Code::kUnsupported, "the daemon did not say which log is next"});
}

int renew_here(Context& context, const DataFolder& folder, const Config& config) {
  const Result<std::unique_ptr<FileLock>> held = occupy(context.files, folder);
  if (!held) {
    return report(context, held.error(), kExitBad);
  }
  if (Status settled = ledger::settle_renewal(context.files, folder.root); !settled) {
    return report(context, settled.error(), kExitBad);
  }
  if (!context.files.exists(folder.ledger())) {
    return report(context, {Code::kNotFound, folder.root + ": no ledger here"});
  }
  const Result<Keystore> keys = signing_keystore(context, folder);
  if (!keys) {
    return report(context, keys.error(), kExitBad);
  }
  const Result<Old> old = read_old(context, folder, config, keys->log_key());
  const Result<ledger::Opened> opened = old ? newest_known(context, *old, config, keys->log_key())
                                            : Result<ledger::Opened>(fail(old.error()));
  if (!opened) {
    return report(context, opened.error(), kExitBad);
  }
  if (opened->size_before == 0) {
    return report(context, {Code::kConflict, "the log has no entry yet: nothing to go on from"});
  }
  Status done = ledger::rewrite_notes(context.files, folder.in_flight(), old->open_notes);
  if (done) {
    done = ledger::prepare_renewal(context.files, folder.root, *opened);
  }
  if (done) {
    done = ledger::switch_logs(context.files, folder.root, old->number);
  }
  if (!done) {
    return report(context, done.error(), kExitBad);
  }
  tell(context, *old, *opened);
  return kExitGood;
}

int renew(Context& context) {
  const Result<Config> config = configuration_without_secrets(context);
  const Result<DataFolder> folder =
      config ? data_folder(context) : Result<DataFolder>(fail(config.error()));
  if (!folder) {
    return report(context, folder.error());
  }
  const Result<json::Value> begun =
      ask_daemon(context.files, *folder, DaemonListener::kControl, "/api/v1/ledger/renew", "{}");
  if (begun || begun.error().code != Code::kUpstreamUnavailable) {
    return begun ? watch_daemon(context, *folder, *begun) : report(context, begun.error());
  }
  return renew_here(context, *folder, *config);
}

}  // namespace

void add_ledger_renew(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "renew", "Freeze the log and go on as a new one whose first record names it",
      {"pawl ledger renew"});
  on_run(*command, context, [&context] { return renew(context); });
}

}  // namespace pawl
