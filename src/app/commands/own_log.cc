#include "app/commands/own_log.h"

namespace pawl {

Result<std::unique_ptr<OwnLog>> open_own_log(Context& context, const DataFolder& folder,
                                             const Config& config, const SigningKey& log_key,
                                             const std::string& head_file) {
  Result<std::optional<ledger::Opened>> opened =
      ledger::read_opened(context.files, folder.ledger());
  if (!opened) {
    return fail(opened.error());
  }
  auto own = std::make_unique<OwnLog>();
  own->opened = *std::move(opened);
  own->number = own->opened ? own->opened->number : 1;
  ledger::Options& options = own->options;
  options.origin = ledger::log_origin(config.domain + "/pawl/" + config.node, own->number);
  options.threads = false;
  options.head_file = head_file;
  if (own->opened) {
    options.origin_before = own->opened->origin_before;
    options.size_before = own->opened->size_before;
    Result<Decisions> before = Decisions::read(own->opened->decisions);
    if (!before) {
      return fail_at("opened.json", before.error());
    }
    own->decisions = *std::move(before);
  }
  Decisions& decisions = own->decisions;
  Result<std::unique_ptr<ledger::Ledger>> log = ledger::Ledger::open(
      context.files, folder.ledger(), log_key, context.clock,
      [](const std::function<void()>& task) { task(); }, options, Decisions::kFoldVersion,
      [&decisions](std::string_view state) {
        Result<Decisions> read = Decisions::read(state);
        const bool usable = read.has_value();
        if (usable) {
          decisions = *std::move(read);
        }
        return usable;
      },
      [&decisions](std::uint64_t index, std::string_view token) { decisions.apply(index, token); },
      own->recovery);
  if (!log) {
    return fail_at("ledger", log.error());
  }
  own->log = *std::move(log);
  return own;
}

}  // namespace pawl
