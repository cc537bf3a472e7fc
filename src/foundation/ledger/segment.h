// Segment files: DATA/ledger/segments/000000000001.seg, ... (docs/formats/segment.md).
//
// Purpose:    names, headers, and the writer that lays batches over space written ahead with zeros,
//             so that an fdatasync need not change the file's size each time.
// Threading:  SegmentWriter by one thread at a time (the ledger's writer).
// Ownership:  Files outlives the SegmentWriter.
// Errors:     kIo; kBadSignature (a damaged header); kUnsupported (a newer format). After an error
//             of append_durably() the writer must not be used again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace pawl::ledger {

inline constexpr std::size_t kSegmentHeader = 64;            // bytes before the first frame
inline constexpr std::size_t kPrewriteStep = 1024 * 1024;    // bytes written ahead at a time
inline constexpr std::size_t kMinSegmentBytes = 128 * 1024;  // so that the largest frame fits
inline constexpr std::uint64_t kMaxSegmentBytes = 1ull << 30;

// A place between two batches: where the next batch stands, and what came before it.
struct Position {
  std::uint64_t segment = 1;
  std::uint64_t offset = kSegmentHeader;
  std::uint64_t batch = 1;  // number of the next batch
  std::uint64_t size = 0;   // entries before it
  bool operator==(const Position&) const = default;
};

std::string segments_folder(const std::string& folder);  // folder: DATA/ledger
std::string segment_name(std::uint64_t number);          // "000000000001.seg"
std::string segment_path(const std::string& folder, std::uint64_t number);
// Numbers of the segments, 1, 2, ..., of a pruned log from its first one on (minimum.h). Empty: no
// segments (or no folder). kBadSignature: a gap.
Result<std::vector<std::uint64_t>> list_segments(Files& files, const std::string& folder);

// The header states where the segment begins: `at` with offset 64.
std::string print_segment_header(const Position& at);
Result<Position> parse_segment_header(std::string_view bytes);  // the first 64 bytes

class SegmentWriter {
 public:
  // Writes the segment of `at`, empty, over one that was never used; usable after persist(). Fails
  // without harm while the disk is full: it may be tried again.
  static Result<SegmentWriter> make(Files& files, const std::string& folder, const Position& at,
                                    std::size_t segment_bytes);
  Status persist(Files& files, const std::string& folder, CallSite from = CallSite::current());
  // Goes on at `at`, behind the batch that begins at `last`. With `zero_tail` everything behind
  // `at` is zeroed. What a crash left in the page cache is made durable first, and is written again
  // for that: after a failed sync the kernel calls pages clean that never reached the disk.
  static Result<SegmentWriter> resume(Files& files, const std::string& folder, const Position& last,
                                      const Position& at, std::size_t segment_bytes,
                                      bool zero_tail);

  bool fits(std::size_t bytes) const { return offset_ + bytes <= segment_bytes_; }
  std::uint64_t offset() const { return offset_; }
  // Space for `bytes` more is on the disk, as zeros. Fails without harm while the disk is full.
  Status reserve(std::size_t bytes);
  // One write at the current offset, durable when it returns.
  Status append_durably(std::string_view batch, CallSite from = CallSite::current());

 private:
  SegmentWriter(std::unique_ptr<File> file, std::uint64_t offset, std::uint64_t prewritten,
                std::size_t segment_bytes);
  Status prewrite(std::uint64_t end);
  Status rewrite(std::uint64_t begin, std::uint64_t end);  // the bytes that are read there

  std::unique_ptr<File> file_;
  std::uint64_t offset_;
  std::uint64_t prewritten_;  // the file is zeros from offset_ to here
  std::size_t segment_bytes_;
};

}  // namespace pawl::ledger
