// Entry bundles of the log (C2SP tlog-tiles), for readers with a credential.
//
// Purpose:    GET /log/tile/entries/N of the data listener. Entries name agents, tools and
//             resources, so that they are for the readers of the configuration and nobody else: not
//             for agents, whose keys are no readers' keys.
// Threading:  the I/O thread. Bundles are read elsewhere (Read), and answered from there.
// Errors:     401 (no reader's key), 404 (not in the log), 503 (too many wait).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "foundation/ledger/tile_path.h"
#include "infrastructure/http/server.h"

namespace pawl {

class EntriesApi {
 public:
  struct Reader {
    std::string id, key;
  };
  using Done = std::function<void(Result<std::string> bundle)>;  // on the I/O thread
  using Read = std::function<void(const ledger::TileName& bundle, const Done& done)>;
  struct Counters {
    std::uint64_t read = 0;     // bundles that were answered
    std::uint64_t refused = 0;  // requests without a reader's key
  };

  EntriesApi(std::vector<Reader> readers, Read read)
      : readers_(std::move(readers)), read_(std::move(read)) {}

  // `path` is below the log: "tile/entries/000.p/5".
  void handle(const http::Request& request, std::string_view path,
              const std::shared_ptr<http::ResponseWriter>& writer);
  bool is_reader(const http::Request& request) const;
  const Counters& counters() const { return *counters_; }

 private:
  const std::vector<Reader> readers_;
  const Read read_;
  const std::shared_ptr<Counters> counters_ = std::make_shared<Counters>();
};

}  // namespace pawl
