// Segments: batches come back as they were laid down; one changed byte never makes other ones.
// Input: lines of "i", "e" and "c" (intent, entry, checkpoint; other bytes are the body), then an
// edit of three bytes (support/keys.h), then raw bytes behind the last batch.
#include "foundation/ledger/scan.h"

#include <vector>

#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"
#include "tests/support/fault_files.h"

namespace pawl::ledger {
namespace {

struct Laid {
  std::string bytes;                              // of the segment
  std::vector<std::vector<std::string>> batches;  // kind and body of each frame
  std::size_t last_begin = kSegmentHeader;        // where the last whole batch begins
};

std::string frame_text(FrameKind kind, std::string_view body) {
  return std::to_string(static_cast<int>(kind)) + std::string(body);
}

// Only whole batches: a batch is intents and entries, ended by a checkpoint.
Laid lay(std::string_view program) {
  Laid laid{print_segment_header({}), {}};
  std::string pending;
  std::vector<std::string> frames;
  while (!program.empty()) {
    const std::string_view line = program.substr(0, program.find('\n'));
    program.remove_prefix(std::min(line.size() + 1, program.size()));
    if (line.empty()) {
      continue;
    }
    const std::uint64_t batch = laid.batches.size() + 1;
    const FrameKind kind = line[0] == 'c'   ? FrameKind::kCheckpoint
                           : line[0] == 'i' ? FrameKind::kIntent
                                            : FrameKind::kEntry;
    const std::string body = std::string(16, '0') + std::string(line.substr(1));
    put_frame(pending, kind, line[0] == 'E', batch, {body});
    frames.push_back(frame_text(kind, body));
    if (kind == FrameKind::kCheckpoint) {
      laid.last_begin = laid.bytes.size();
      laid.bytes += std::exchange(pending, {});
      laid.batches.push_back(std::exchange(frames, {}));
    }
  }
  return laid;
}

struct Scanned {
  Result<ScanEnd> end;
  std::vector<std::vector<std::string>> batches;
};

Scanned scan(std::string_view bytes) {
  FaultFiles files;
  files.put("l/segments/000000000001.seg", std::string(bytes));
  std::vector<std::vector<std::string>> batches;
  Result<ScanEnd> end = scan_log(files, "l", std::nullopt, [&](const Batch& batch) -> Result<bool> {
    std::vector<std::string>& frames = batches.emplace_back();
    for (const Frame& frame : batch.frames) {
      frames.push_back(frame_text(frame.kind, frame.body));
    }
    return true;
  });
  return {std::move(end), std::move(batches)};
}

bool is_prefix(const Scanned& scanned, const Laid& laid) {
  return scanned.batches.size() <= laid.batches.size() &&
         std::equal(scanned.batches.begin(), scanned.batches.end(), laid.batches.begin());
}

void check_altered(const Laid& laid, std::string_view edit) {
  const std::string bytes = fuzz::altered(laid.bytes, edit);
  if (bytes == laid.bytes || laid.batches.empty()) {
    return;
  }
  const std::size_t at = static_cast<std::size_t>(
      std::mismatch(bytes.begin(), bytes.end(), laid.bytes.begin()).first - bytes.begin());
  const Scanned scanned = scan(bytes);
  FUZZ_CHECK(is_prefix(scanned, laid), "no altered frame is handed out");
  FUZZ_CHECK(scanned.batches.size() < laid.batches.size() || !scanned.end,
             "an altered batch is missed");
  FUZZ_CHECK(at >= laid.last_begin || !scanned.end, "before the last batch, it is damage");
}

}  // namespace
}  // namespace pawl::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::ledger;
  const auto [program, edit, tail] = fuzz::parts<3>(fuzz::view(data, size));
  const Laid laid = lay(program);
  const Scanned whole = scan(laid.bytes);
  FUZZ_CHECK(whole.end && whole.batches == laid.batches, "what was laid down is read");
  FUZZ_CHECK(whole.end->torn.empty(), "and nothing is torn");
  check_altered(laid, edit);

  const Scanned with_tail = scan(laid.bytes + std::string(tail));
  FUZZ_CHECK(is_prefix(with_tail, laid), "bytes behind the end are no batch");
  FUZZ_CHECK(!with_tail.end || with_tail.batches.size() == laid.batches.size(), "and hide none");
  const std::string cut = laid.bytes.substr(0, laid.bytes.size() - tail.size() % laid.bytes.size());
  FUZZ_CHECK(is_prefix(scan(cut), laid), "a cut segment holds a prefix");
  for (std::size_t at = 0; at + 8 <= tail.size(); at += 8) {
    const FrameRead read = read_frame(tail, at);
    FUZZ_CHECK(read.what != FrameRead::What::kFrame || at + read.size <= tail.size(),
               "a frame lies within its bytes");
  }
  scan(tail);
  parse_segment_header(tail);
  return 0;
}
