#include "app/commands/offline_status.h"

#include <charconv>

#include "foundation/ledger/kept_evidence.h"
#include "operators/override/override_journal.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxCheckpoint = 64 * 1024;

// The second line of the published checkpoint: entries that were covered when it was written.
std::optional<std::uint64_t> published_size(Files& files, const DataFolder& folder) {
  const Result<std::string> note =
      read_file(files, folder.ledger() + "/checkpoint", kMaxCheckpoint);
  const std::size_t first = note ? note->find('\n') : std::string::npos;
  if (first == std::string::npos) {
    return std::nullopt;
  }
  std::uint64_t size = 0;
  const char* const begin = note->data() + first + 1;
  const auto [stop, error] = std::from_chars(begin, note->data() + note->size(), size);
  return error == std::errc{} ? std::optional(size) : std::nullopt;
}

std::uint64_t segment_bytes(Files& files, const DataFolder& folder) {
  std::uint64_t out = 0;
  const std::string segments = folder.ledger() + "/segments";
  if (const Result<std::vector<std::string>> names = files.list(segments)) {
    for (const std::string& name : *names) {
      std::string path = segments;
      path.append("/").append(name);
      const Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kRead);
      const Result<std::uint64_t> size = file ? (*file)->size() : Result<std::uint64_t>(0);
      out += size.value_or(0);
    }
  }
  return out;
}

json::Array journaled_stops(Context& context, const DataFolder& folder) {
  json::Array out;
  if (!context.files.exists(folder.journal())) {
    return out;
  }
  std::vector<override_::Stop> stops;
  const auto journal =
      override_::OverrideJournal::open(context.files, folder.journal(), context.clock, stops);
  if (journal) {
    for (const override_::Stop& stop : stops) {
      out.emplace_back(override_::print_stop(stop));
    }
  }
  return out;
}

}  // namespace

json::Value offline_status(Context& context, const DataFolder& folder, const std::string& why) {
  json::Object log{{"segment_bytes", segment_bytes(context.files, folder)}};
  if (const auto size = published_size(context.files, folder)) {
    log["size"] = *size;
  }
  json::Object disk;
  if (const Result<std::uint64_t> free = context.files.free_bytes(folder.root)) {
    disk["free_bytes"] = *free;
  }
  json::Object out{{"down", why}, {"data", folder.root}};
  out["ledger"] = std::move(log);
  out["disk"] = std::move(disk);
  out["stops"] = journaled_stops(context, folder);
  json::Array evidence;
  for (const std::string& path :
       ledger::kept_evidence(context.files, ledger::evidence_folder(folder.root))) {
    evidence.push_back(json::Value(path));
  }
  out["equivocations"] = std::move(evidence);
  return out;
}

}  // namespace pawl
