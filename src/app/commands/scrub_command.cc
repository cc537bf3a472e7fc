#include "app/commands/scrub_command.h"

#include <memory>
#include <ostream>

#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/ledger/scrub.h"
#include "foundation/ledger/source.h"

namespace pawl {
namespace {

constexpr std::size_t kSlice = 4u << 20;
constexpr std::size_t kBarWidth = 30;

struct Found {
  std::string result;  // "good", "bad"
  std::uint64_t entries = 0;
  std::uint64_t repaired = 0;
  std::optional<ledger::Damage> damage;
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
  }
  return found;
}

void tell(Context& context, const Found& found) {
  std::ostream& out = context.io.out;
  if (context.io.json) {
    json::Object answer{
        {"result", found.result}, {"entries", found.entries}, {"repaired", found.repaired}};
    if (found.damage) {
      answer["damage"] = json::Object{{"file", found.damage->file},
                                      {"offset", found.damage->offset},
                                      {"index", found.damage->index},
                                      {"id", found.damage->id},
                                      {"what", found.damage->what}};
    }
    out << json::print(answer) << '\n';
    return;
  }
  if (found.damage) {
    out << "DAMAGED: " << shown_text(found.damage->text()) << "\n";
  } else {
    out << "WHOLE: " << found.entries << " entries read again\n";
  }
  if (found.repaired > 0) {
    out << labelled("repaired", std::to_string(found.repaired) + " derived files");
  }
}

int scrub(Context& context, const std::string& path) {
  const Result<DataFolder> folder =
      path.empty() ? data_folder(context) : Result<DataFolder>(DataFolder{path});
  if (!folder) {
    return report(context, folder.error());
  }
  const Result<Found> found = scrub_here(context, *folder);
  if (!found) {
    return report(context, found.error());
  }
  tell(context, *found);
  return found->damage ? kExitBad : kExitGood;
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
