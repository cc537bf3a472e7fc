#include "foundation/ledger/scan.h"

#include <algorithm>

#include "foundation/ledger/minimum.h"

namespace pawl::ledger {
namespace {

// The bytes of one segment from `base` on.
struct Segment {
  std::uint64_t base = 0;
  std::string bytes;
  std::string_view from(std::uint64_t offset) const {
    return std::string_view(bytes).substr(std::min<std::uint64_t>(offset - base, bytes.size()));
  }
};

Result<Segment> load(Files& files, const std::string& folder, std::uint64_t number,
                     std::uint64_t base) {
  Result<std::unique_ptr<File>> file = files.open(segment_path(folder, number), OpenMode::kRead);
  if (!file) {
    return fail(file.error());
  }
  Result<std::uint64_t> size = (*file)->size();
  if (!size) {
    return fail(size.error());
  }
  if (*size > kMaxSegmentBytes) {
    return fail(Code::kBadSignature, "segment " + segment_name(number) + " is larger than 1 GiB");
  }
  if (*size <= base) {
    return Segment{base, {}};
  }
  Result<std::string> bytes = (*file)->read_at(base, *size - base);
  if (!bytes) {
    return fail(bytes.error());
  }
  return Segment{base, std::move(*bytes)};
}

std::uint64_t bytes_used(std::string_view bytes) {
  const std::size_t last = bytes.find_last_not_of('\0');
  return last == bytes.npos ? 0 : last + 1;
}

bool holds_frame_of(std::string_view bytes, std::uint64_t first_batch) {
  for (std::size_t at = 0; at + kFrameHeader <= bytes.size(); at += kFrameAlign) {
    if (bytes.compare(at, 4, "PAWL") != 0) {
      continue;
    }
    const FrameRead read = read_frame(bytes, at);
    if (read.what == FrameRead::What::kFrame && read.frame.batch >= first_batch) {
      return true;
    }
  }
  return false;
}

struct BatchRead {
  enum class What { kBatch, kEnd, kBad };
  What what = What::kEnd;
  Batch batch;
  std::uint64_t bad_offset = 0;
  std::uint64_t bad_entry = 0;
  std::string reason;
};

BatchRead read_batch(const Segment& segment, const Position& at) {
  BatchRead read;
  read.batch.begin = at;
  Position& end = read.batch.end = at;
  const auto bad = [&](std::string reason) {
    read.what = BatchRead::What::kBad;
    read.bad_offset = end.offset;
    read.bad_entry = end.size;
    read.reason = std::move(reason);
    return std::move(read);
  };
  while (true) {
    FrameRead next = read_frame(segment.bytes, end.offset - segment.base);
    if (next.what == FrameRead::What::kBad) {
      return bad(std::move(next.reason));
    }
    if (next.what == FrameRead::What::kEnd) {
      return read.batch.frames.empty() ? std::move(read) : bad("the batch is not finished");
    }
    if (next.frame.batch != at.batch) {
      return bad("a frame of batch " + std::to_string(next.frame.batch) + " where batch " +
                 std::to_string(at.batch) + " belongs");
    }
    read.batch.frames.push_back(next.frame);
    end.offset += next.size;
    if (next.frame.kind == FrameKind::kEntry) {
      ++end.size;
    }
    if (next.frame.kind == FrameKind::kCheckpoint) {
      ++end.batch;
      read.what = BatchRead::What::kBatch;
      return read;
    }
  }
}

class Scanner {
 public:
  Scanner(Files& files, const std::string& folder, const BatchSink& sink)
      : files_(files), folder_(folder), sink_(sink) {}

  Result<ScanEnd> run(const std::optional<Position>& from) {
    Result<std::vector<std::uint64_t>> numbers = list_segments(files_, folder_);
    if (!numbers) {
      return fail(numbers.error());
    }
    end_.at = from.value_or(Position{});
    if (numbers->empty() || end_.at.segment > numbers->back() ||
        end_.at.segment < numbers->front()) {
      if (from) {
        return fail(Code::kBadSignature, "segment " + segment_name(from->segment) + " is missing");
      }
      end_.segment_missing = true;
      return end_;
    }
    const std::uint64_t last = numbers->back();
    for (std::uint64_t number = end_.at.segment; number <= last; ++number) {
      const bool resumed = from && number == from->segment;
      Result<bool> more = scan_segment(number, resumed, number == last);
      if (!more) {
        return fail(more.error());
      }
      if (!*more) {
        break;
      }
    }
    return end_;
  }

 private:
  Result<bool> scan_segment(std::uint64_t number, bool resumed, bool last) {
    Result<Segment> segment = load(files_, folder_, number, resumed ? end_.at.offset : 0);
    if (!segment) {
      return fail(segment.error());
    }
    if (!resumed) {
      end_.at.segment = number;
      end_.at.offset = kSegmentHeader;
      Result<bool> usable = check_header(*segment, last);
      if (!usable || !*usable) {
        return usable;
      }
    }
    std::uint64_t reread_at_batch = 0;
    while (true) {
      BatchRead read = read_batch(*segment, end_.at);
      if (read.what == BatchRead::What::kBatch) {
        Result<bool> more = sink_(read.batch);
        if (!more) {
          return more;
        }
        end_.at = read.batch.end;
        if (!*more) {
          return false;
        }
        continue;
      }
      const std::string_view rest = segment->from(end_.at.offset);
      const std::uint64_t used = bytes_used(rest);
      if (used == 0) {
        return true;
      }
      std::string what =
          read.what == BatchRead::What::kBad
              ? place(number, read.bad_offset, read.reason, read.bad_entry)
              : place(number, end_.at.offset, "a gap of zeros before later bytes", end_.at.size);
      if (last && !holds_frame_of(rest, end_.at.batch + 1)) {
        end_.torn_bytes = used;
        end_.torn = std::move(what);
        return true;
      }
      // A daemon that writes meanwhile may have finished this batch and later ones while the file
      // was read: damage is what is still there when the file is read again.
      if (reread_at_batch == end_.at.batch) {
        return fail(Code::kBadSignature, std::move(what));
      }
      reread_at_batch = end_.at.batch;
      segment = load(files_, folder_, number, end_.at.offset);
      if (!segment) {
        return fail(segment.error());
      }
    }
  }

  // False: the last segment was being made when the power went, and holds nothing.
  Result<bool> check_header(const Segment& segment, bool last) {
    Result<Position> header = parse_segment_header(segment.bytes);
    if (header && *header == end_.at) {
      return true;
    }
    const std::string where = "segment " + segment_name(end_.at.segment);
    if (!header && header.error().code == Code::kUnsupported) {
      return fail_at(where, header.error());
    }
    if (last && !header && !holds_frame_of(segment.bytes, end_.at.batch)) {
      end_.segment_missing = true;
      return false;
    }
    return fail(Code::kBadSignature, place(end_.at.segment, 0,
                                           header ? "the segment does not follow the one before it"
                                                  : header.error().message,
                                           end_.at.size));
  }

  Files& files_;
  const std::string& folder_;
  const BatchSink& sink_;
  ScanEnd end_;
};

}  // namespace

Result<ScanEnd> scan_log(Files& files, const std::string& folder,
                         const std::optional<Position>& from, const BatchSink& sink) {
  if (from) {
    return Scanner(files, folder, sink).run(from);
  }
  const Result<std::optional<Minimum>> minimum = read_minimum(files, folder);
  if (!minimum) {
    return fail(minimum.error());
  }
  return Scanner(files, folder, sink).run(*minimum ? std::optional((*minimum)->at) : std::nullopt);
}

Result<std::optional<Position>> find_segment(Files& files, const std::string& folder,
                                             std::uint64_t index) {
  Result<std::vector<std::uint64_t>> numbers = list_segments(files, folder);
  if (!numbers) {
    return fail(numbers.error());
  }
  std::optional<Position> found;
  std::uint64_t low = 0;
  std::uint64_t high = numbers->size();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    Result<std::unique_ptr<File>> file =
        files.open(segment_path(folder, (*numbers)[middle]), OpenMode::kRead);
    if (!file) {
      return fail(file.error());
    }
    Result<std::string> bytes = (*file)->read_at(0, kSegmentHeader);
    if (!bytes) {
      return fail(bytes.error());
    }
    Result<Position> header = parse_segment_header(*bytes);
    if (!header && middle + 1 < numbers->size()) {
      return fail_at("segment " + segment_name((*numbers)[middle]), header.error());
    }
    if (header && header->size <= index) {
      found = *header;
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return found;
}

std::string place(std::uint64_t segment, std::uint64_t offset, std::string_view what,
                  std::uint64_t entry) {
  return "segment " + segment_name(segment) + " offset " + std::to_string(offset) + ": " +
         std::string(what) + " (at entry " + std::to_string(entry) + ")";
}

}  // namespace pawl::ledger
