#include "app/api/entries_api.h"

#include "app/api/http_answer.h"
#include "path/plugged.h"

namespace pawl {

// Every key is compared, so that the time says nothing of which one was near.
bool EntriesApi::is_reader(const http::Request& request) const {
  bool known = !plugged(ControlId::kLogReader);
  for (const Reader& reader : readers_) {
    known = shows_token(request, reader.key) || known;
  }
  return known;
}

void EntriesApi::handle(const http::Request& request, std::string_view path,
                        const std::shared_ptr<http::ResponseWriter>& writer) {
  if (!is_reader(request)) {
    ++counters_->refused;
    http::Response refusal =
        problem_answer({Code::kUnauthenticated,
                        "entries are for readers: Authorization: Bearer KEY, with the key "
                        "of one under `readers` in pawl.yaml"});
    refusal.headers.set("WWW-Authenticate", "Bearer realm=\"pawl log\"");
    writer->send(std::move(refusal));
    return;
  }
  const Result<ledger::TileName> name = ledger::parse_tile_path(path);
  if (!name) {
    writer->send(problem_answer(name.error()));
    return;
  }
  read_(*name, [writer, counters = counters_](Result<std::string> bundle) {
    if (!bundle) {
      http::Response problem = problem_answer(bundle.error());
      if (bundle.error().code == Code::kOverloaded) {
        problem.headers.set("Retry-After", "1");
      }
      writer->send(std::move(problem));
      return;
    }
    ++counters->read;
    writer->send(text_answer(200, "application/octet-stream", *std::move(bundle)));
  });
}

}  // namespace pawl
