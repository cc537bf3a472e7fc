// One running Pawl: governance, upstreams, bridge and the three listeners on one I/O thread, the
// override listener on its own.
//
// Purpose:    `pawl serve`. Order of start: lock, keys, ledger, stops, rules, override listener,
//             records of the start, data and control listeners, addresses.json, ready.
// Threading:  run() on the main thread.
// Errors:     run(): what could not be opened, with its name; nothing listens then.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/config/outside_config.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/random.h"
#include "foundation/keys/key_source.h"

namespace pawl {

struct DaemonOptions {
  Config config;
  KeySources keys{};                  // of records and checkpoints
  OutsidePointsConfig outside{};      // decision points that are asked, too
  bool development = false;           // --dev: no identity needed on the data listener
  std::chrono::seconds idle_exit{0};  // ends when nothing was attached for so long; 0: never
  // What of GET /api/v1/status is trouble: {id, what, do}, worst first (status_troubles.h).
  std::function<json::Array(const json::Value& status)> troubles = [](const json::Value&) {
    return json::Array();
  };
};

class Daemon {
 public:
  Daemon(Files& files, Clock& clock, Random& random, DaemonOptions options);
  ~Daemon();
  // Serves until SIGTERM or SIGINT, then drains. Errors: it did not start, or could not go on.
  Status run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl
