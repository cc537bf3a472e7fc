#include "app/daemon/single_user_note.h"

#include "base/log.h"

namespace pawl {
namespace {

void print_single_user_note() {
  log(LogLevel::kWarn, "single_user_mode",
      {{"note",
        "servers started here run as this user; a hostile one can do what follows "
        "(docs/LIMITATIONS.md)"}});
  for (std::size_t i = 0; i < kSingleUserLimits.size(); ++i) {
    log(LogLevel::kWarn, "single_user_limit",
        {{"number", std::to_string(i + 1)}, {"can", std::string(kSingleUserLimits[i])}});
  }
}

}  // namespace

void tell_at_start(const Config& config, bool is_service) {
  if (!is_service) {
    print_single_user_note();
  }
  for (const std::string& warning : config.warnings) {
    log(LogLevel::kWarn, "configuration", {{"warning", warning}});
  }
}

}  // namespace pawl
