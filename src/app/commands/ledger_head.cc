#include "app/commands/ledger_head.h"

#include <memory>
#include <ostream>

#include "foundation/ledger/recover.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxNote = 64 * 1024;

int head(Context& context, const std::string& file) {
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return report(context, folder.error());
  }
  // The published one: what it covers is on the disk whatever happens, unlike the last batch.
  const Result<std::string> published =
      read_file(context.files, ledger::checkpoint_path(folder->ledger()), kMaxNote);
  if (!published) {
    const bool none = published.error().code == Code::kNotFound;
    return report(context,
                  none ? Error{Code::kNotFound, folder->root + ": no checkpoint was published yet"}
                       : published.error());
  }
  const std::string& note = *published;
  if (file.empty()) {
    context.io.out << (context.io.json ? json::print(json::Object{{"checkpoint", note}}) + "\n"
                                       : note);
    return kExitGood;
  }
  if (context.files.exists(file)) {
    return report(context, {Code::kConflict,
                            file + ": exists; a head file is never replaced by hand. Move it away "
                                   "if you know why"});
  }
  const Status written = write_file(context.files, file, note);
  return written ? kExitGood : report(context, written.error(), kExitBad);
}

}  // namespace

void add_ledger_head(CLI::App& group, Context& context) {
  CLI::App* command =
      add_command(group, "head", "The newest checkpoint; -o begins a head file with it",
                  {"pawl ledger head", "pawl ledger head -o head.note"});
  auto file = std::make_shared<std::string>();
  command->add_option("-o", *file, "Write it to this new file")->type_name("FILE");
  on_run(*command, context, [&context, file] { return head(context, *file); });
}

}  // namespace pawl
