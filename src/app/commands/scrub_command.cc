#include "app/commands/scrub_command.h"

#include <memory>
#include <ostream>
#include <thread>

#include "app/commands/body_check.h"
#include "app/commands/local_http.h"
#include "app/commands/record_lookup.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/ledger/scrub.h"
#include "foundation/ledger/source.h"
#include "infrastructure/store/index_check.h"
#include "operators/override/override_journal.h"

namespace pawl {
namespace {

constexpr std::size_t kSlice = 4u << 20;
constexpr std::chrono::milliseconds kPoll{100};
constexpr std::size_t kBarWidth = 30;

struct Found {
  std::string result;  // "good", "bad", "unreadable"
  std::uint64_t entries = 0;
  std::uint64_t repaired = 0;
  bool by_daemon = false;
  std::optional<ledger::Damage> damage;
  std::string unreadable;
  std::string index{};  // what was wrong with the index over the records; empty: nothing
  BodyReport bodies{};
};

// One line, drawn over itself; nothing unless somebody watches.
void show_progress(const Context& context, std::uint64_t done, std::uint64_t of) {
  if (!context.io.terminal || context.io.json) {
    return;
  }
  const std::size_t percent = of == 0 ? 100 : static_cast<std::size_t>(done * 100 / of);
  const std::size_t filled = std::min(kBarWidth, percent * kBarWidth / 100);
  context.io.out << "\r[" << std::string(filled, '#') << std::string(kBarWidth - filled, ' ')
                 << "] " << percent << "%  entry " << done << " of " << of << std::flush;
}

void end_progress(const Context& context) {
  if (context.io.terminal && !context.io.json) {
    context.io.out << "\r\x1b[K";
  }
}

Result<Found> scrub_here(Context& context, const DataFolder& folder) {
  const Result<ledger::Source> source = ledger::find_source(context.files, folder.root);
  if (!source) {
    return fail(source.error());
  }
  if (source->is_bundle) {
    return fail(Code::kUnsupported, folder.root + ": a bundle; `pawl verify` checks it");
  }
  // Beside a daemon the end of the log moves, and it would seem to be cut off.
  std::unique_ptr<FileLock> lock;
  if (source->folder == folder.ledger()) {
    Result<std::unique_ptr<FileLock>> held =
        context.files.lock(folder.root + "/lock", "pawl scrub");
    if (!held) {
      return fail(held.error());
    }
    lock = *std::move(held);
  }
  Found found;
  found.result = "good";
  Result<std::unique_ptr<ledger::ScrubPass>> pass =
      ledger::scrub_folder(context.files, source->folder);
  Status read = pass ? Status{} : Status(fail(pass.error()));
  while (read && !(*pass)->done()) {
    if (const Result<std::size_t> slice = (*pass)->step(kSlice); !slice) {
      read = fail(slice.error());
    }
    show_progress(context, (*pass)->at().size, (*pass)->end().size);
  }
  end_progress(context);
  if (pass) {
    found.entries = (*pass)->at().size;
    found.repaired = (*pass)->repaired();
    found.damage = (*pass)->damage();
  }
  if (!read && read.error().code != Code::kBadSignature) {
    return fail(read.error());
  }
  if (!read) {
    found.result = "bad";
    if (!found.damage) {
      found.damage = ledger::Damage{"segments", 0, 0, {}, read.error().message};
    }
  } else if (const Result<std::string> bytes = read_file(context.files, folder.journal())) {
    if (const auto slot = override_::OverrideJournal::damaged_slot(*bytes)) {
      found.result = "bad";
      found.damage = ledger::Damage{"override.journal",
                                    *slot * override_::OverrideJournal::kSlotBytes,
                                    0,
                                    {},
                                    "slot " + std::to_string(*slot) + " cannot be read"};
    }
  }
  return found;
}

std::uint64_t number(const json::Value& value, std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(value, path);
  return found != nullptr && found->is_int64()    ? static_cast<std::uint64_t>(found->get_int64())
         : found != nullptr && found->is_uint64() ? found->get_uint64()
                                                  : 0;
}

Found read_found(const json::Value& scrub) {
  Found found{.result = std::string(json::find_string(scrub, {"result"}).value_or("")),
              .entries = number(scrub, {"position", "entry"}),
              .repaired = number(scrub, {"repaired"}),
              .by_daemon = true,
              .damage = {},
              .unreadable = std::string(json::find_string(scrub, {"unreadable"}).value_or(""))};
  if (json::find(scrub, {"damage"}) != nullptr) {
    const auto text = [&](std::string_view name) {
      return std::string(json::find_string(scrub, {"damage", name}).value_or(""));
    };
    found.damage = ledger::Damage{text("file"), number(scrub, {"damage", "offset"}),
                                  number(scrub, {"damage", "index"}), text("id"), text("what")};
  }
  return found;
}

// The daemon reads at full speed meanwhile; the pass that it began for us has to end.
Result<Found> watch_daemon(Context& context, const DataFolder& folder, std::uint64_t pass) {
  while (true) {
    const Result<json::Value> status =
        ask_daemon(context.files, folder, DaemonListener::kControl, "/api/v1/status", "");
    const json::Value* scrub = status ? json::find(*status, {"scrub"}) : nullptr;
    if (scrub == nullptr) {
      return status ? Result<Found>(fail(Code::kUnsupported, "the daemon tells nothing of a scrub"))
                    : Result<Found>(fail(status.error()));
    }
    if (number(*scrub, {"passes"}) >= pass) {
      end_progress(context);
      return read_found(*scrub);
    }
    show_progress(context, number(*scrub, {"position", "entry"}),
                  number(*scrub, {"position", "of"}));
    std::this_thread::sleep_for(kPoll);
  }
}

// The index holds no truth, so that its damage is none of the ledger's: it is built again.
void check_index(Context& context, const DataFolder& folder, Found& found) {
  if (found.result != "good" || !context.files.exists(folder.index())) {
    return;
  }
  const Result<std::unique_ptr<store::RecordIndex>> index = current_index(context, folder.root);
  const Status same =
      index ? store::check_index(**index, context.files, folder.root) : Status(fail(index.error()));
  if (same) {
    return;
  }
  found.index = same.error().message;
  if (index && same.error().code == Code::kBadSignature) {
    Status built = (*index)->clear();
    built = built ? (*index)->catch_up(context.files, folder.root) : built;
    found.index += built ? "; it was built again" : "; " + built.error().message;
  }
}

void tell(Context& context, const Found& found) {
  std::ostream& out = context.io.out;
  if (context.io.json) {
    json::Object answer{{"result", found.result},
                        {"entries", found.entries},
                        {"repaired", found.repaired},
                        {"by_daemon", found.by_daemon}};
    if (found.damage) {
      answer["damage"] = json::Object{{"file", found.damage->file},
                                      {"offset", found.damage->offset},
                                      {"index", found.damage->index},
                                      {"id", found.damage->id},
                                      {"what", found.damage->what}};
    }
    if (!found.unreadable.empty()) {
      answer["unreadable"] = found.unreadable;
    }
    if (!found.index.empty()) {
      answer["index"] = found.index;
    }
    answer["bodies"] = bodies_json(found.bodies);
    out << json::print(answer) << '\n';
    return;
  }
  if (found.damage) {
    out << "DAMAGED: " << shown_text(found.damage->text()) << "\n";
  } else if (found.result == "good") {
    out << "WHOLE: " << counted(found.entries, "entry") << " read again"
        << (found.by_daemon ? " by the daemon" : "") << "\n";
  } else {
    out << "CANNOT READ: " << shown_text(found.unreadable) << "\n";
  }
  if (!found.index.empty()) {
    out << labelled("index", shown_text(found.index));
  }
  tell_bodies(context, found.bodies);
  if (found.repaired > 0) {
    out << labelled("repaired", counted(found.repaired, "derived file"));
  }
}

int scrub(Context& context, const std::string& path) {
  const Result<DataFolder> folder =
      path.empty() ? data_folder(context) : Result<DataFolder>(DataFolder{path});
  if (!folder) {
    return report(context, folder.error());
  }
  const Result<json::Value> begun =
      ask_daemon(context.files, *folder, DaemonListener::kControl, "/api/v1/scrub", "{}");
  if (!begun && begun.error().code != Code::kUpstreamUnavailable) {
    return report(context, begun.error());
  }
  Result<Found> found = begun ? watch_daemon(context, *folder, number(*begun, {"pass"}))
                              : scrub_here(context, *folder);
  if (!found) {
    return report(context, found.error());
  }
  check_index(context, *folder, *found);
  if (found->result == "good") {
    Result<BodyReport> bodies = check_bodies(context.files, folder->root);
    if (!bodies) {
      return report(context, bodies.error());
    }
    found->bodies = *std::move(bodies);
  }
  tell(context, *found);
  return found->damage || found->bodies.bad > 0 ? kExitBad
         : found->result == "good"              ? kExitGood
                                                : kExitUnclear;
}

}  // namespace

void add_scrub(CLI::App& root, Context& context) {
  CLI::App* command =
      add_command(root, "scrub", "Read everything that is recorded again, and name what rotted",
                  {"pawl scrub", "pawl scrub ./pawl-data --json"});
  auto path = std::make_shared<std::string>();
  command->add_option("path", *path, "A data folder (default: the configured one)")
      ->type_name("PATH");
  on_run(*command, context, [&context, path] { return scrub(context, *path); });
}

}  // namespace pawl
