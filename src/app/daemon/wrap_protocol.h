// How a `pawl wrap` shim and the daemon greet each other on DATA/run/wrap.sock.
//
// A shim opens two connections. The first line of each is a hello; after it each carries the
// newline-framed JSON-RPC of one side: of the client that started the shim, and of the server that
// the shim started. docs/formats/wrap.md
//   {"pawl_wrap":1,"role":"client"|"server","pair":"<43 characters>","name":"files","agent":"x"}
// That of the server's side names the command; the daemon answers it when the start of the process
// is recorded. A third connection, of role "ended", tells at last how the process ended.
// The daemon answers each hello with one line: {"ok":true} or {"ok":false,"error":"..."}.
// Threading: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/daemon/process_records.h"
#include "base/result.h"

namespace pawl {

enum class WrapRole { kClient, kServer, kEnded };

struct WrapHello {
  WrapRole role = WrapRole::kClient;
  std::string pair;                       // random, the same on both connections of a shim
  std::string name;                       // the server's registered name
  std::string agent;                      // asserted; empty: the default of this user
  std::optional<CommandFacts> command{};  // of the server's side; a shim of before names none
  std::optional<ProcessEnd> end{};        // of role kEnded; without it the end is unknown
};

std::string print_hello(const WrapHello& hello);
Result<WrapHello> parse_hello(std::string_view line);
std::string print_hello_answer(const Status& status);
Status parse_hello_answer(std::string_view line);

}  // namespace pawl
