#include "foundation/ledger/segment.h"

#include <algorithm>
#include <cstdio>

#include "foundation/crypto/sha256.h"
#include "foundation/ledger/bytes.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/minimum.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kMagic = "PAWLSEG1";
constexpr std::size_t kMagicFamily = 7;  // without the version
constexpr std::size_t kCheckLength = 16;
constexpr std::string_view kSuffix = ".seg";
constexpr std::size_t kNameDigits = 12;

Result<std::uint64_t> segment_number(std::string_view name) {
  const std::string_view digits = name.substr(0, kNameDigits);
  const std::size_t first = digits.find_first_not_of('0');
  if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix) ||
      first == digits.npos) {
    return fail(Code::kMalformed, "not a segment: " + std::string(name));
  }
  return parse_decimal(digits.substr(first));
}

}  // namespace

std::string segments_folder(const std::string& folder) {
  return folder + "/segments";
}

std::string segment_name(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(kNameDigits - std::min(kNameDigits, digits.size()), '0') + digits +
         std::string(kSuffix);
}

std::string segment_path(const std::string& folder, std::uint64_t number) {
  return segments_folder(folder) + "/" + segment_name(number);
}

Result<std::vector<std::uint64_t>> list_segments(Files& files, const std::string& folder) {
  std::vector<std::uint64_t> numbers;
  if (!files.exists(segments_folder(folder))) {
    return numbers;
  }
  const Result<std::optional<Minimum>> minimum = read_minimum(files, folder);
  if (!minimum) {
    return fail(minimum.error());
  }
  const std::uint64_t first = *minimum ? (*minimum)->at.segment : 1;
  Result<std::vector<std::string>> names = files.list(segments_folder(folder));
  if (!names) {
    return fail(names.error());
  }
  for (const std::string& name : *names) {
    Result<std::uint64_t> number = segment_number(name);
    if (!number || *number < first) {
      continue;  // below the minimum index: a pruning that was interrupted left it
    }
    if (*number != first + numbers.size()) {
      return fail(Code::kBadSignature,
                  "segment " + segment_name(first + numbers.size()) + " is missing");
    }
    numbers.push_back(*number);
  }
  return numbers;
}

std::string print_segment_header(const Position& at) {
  std::string bytes(kMagic);
  put_u64(bytes, at.segment);
  put_u64(bytes, at.batch);
  put_u64(bytes, at.size);
  bytes += view(sha256(bytes)).substr(0, kCheckLength);
  bytes.resize(kSegmentHeader, '\0');
  return bytes;
}

Result<Position> parse_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeader || !bytes.starts_with(kMagic.substr(0, kMagicFamily))) {
    return fail(Code::kBadSignature, "the segment header is damaged");
  }
  if (bytes[kMagicFamily] > kMagic[kMagicFamily] && bytes[kMagicFamily] <= '9') {
    return fail(Code::kUnsupported, "written by a newer version (segment format " +
                                        std::string(1, bytes[kMagicFamily]) + ", known: 1)");
  }
  const Position at{get_u64(bytes.substr(8)), kSegmentHeader, get_u64(bytes.substr(16)),
                    get_u64(bytes.substr(24))};
  if (bytes.substr(0, kSegmentHeader) != print_segment_header(at)) {
    return fail(Code::kBadSignature, "the segment header's check does not fit");
  }
  return at;
}

SegmentWriter::SegmentWriter(std::unique_ptr<File> file, std::uint64_t offset,
                             std::uint64_t prewritten, std::size_t segment_bytes)
    : file_(std::move(file)),
      offset_(offset),
      prewritten_(prewritten),
      segment_bytes_(segment_bytes) {}

Result<SegmentWriter> SegmentWriter::make(Files& files, const std::string& folder,
                                          const Position& at, std::size_t segment_bytes) {
  Result<std::unique_ptr<File>> file =
      files.open(segment_path(folder, at.segment), OpenMode::kCreate);
  if (!file) {
    return fail(file.error());
  }
  if (Status emptied = (*file)->truncate(0); !emptied) {
    return fail(emptied.error());
  }
  const std::size_t ahead = std::min(kPrewriteStep, segment_bytes);
  std::string bytes = print_segment_header(at);
  bytes.resize(ahead, '\0');
  if (Status written = (*file)->write_at(0, bytes); !written) {
    return fail(written.error());
  }
  return SegmentWriter(std::move(*file), kSegmentHeader, ahead, segment_bytes);
}

Status SegmentWriter::persist(Files& files, const std::string& folder, CallSite from) {
  Status synced = file_->sync(from);
  return synced ? files.sync_directory(segments_folder(folder), from) : synced;
}

Result<SegmentWriter> SegmentWriter::resume(Files& files, const std::string& folder,
                                            const Position& last, const Position& at,
                                            std::size_t segment_bytes, bool zero_tail) {
  Result<std::unique_ptr<File>> file =
      files.open(segment_path(folder, at.segment), OpenMode::kReadWrite);
  if (!file) {
    return fail(file.error());
  }
  Result<std::uint64_t> size = (*file)->size();
  if (!size) {
    return fail(size.error());
  }
  SegmentWriter writer(std::move(*file), at.offset, std::max(*size, at.offset), segment_bytes);
  Status written = writer.rewrite(0, kSegmentHeader);
  if (written && last.segment == at.segment) {
    written = writer.rewrite(last.offset, at.offset);
  }
  if (written && zero_tail && *size > at.offset) {
    written = writer.file_->write_at(at.offset, std::string(*size - at.offset, '\0'));
  }
  if (written) {
    written = writer.persist(files, folder);
  }
  if (!written) {
    return fail(written.error());
  }
  return writer;
}

Status SegmentWriter::rewrite(std::uint64_t begin, std::uint64_t end) {
  Result<std::string> bytes = file_->read_at(begin, end - begin);
  return bytes ? file_->write_at(begin, *bytes) : Status(fail(bytes.error()));
}

// No sync of its own: the batch that needs the space follows at once, and one sync covers both.
Status SegmentWriter::reserve(std::size_t bytes) {
  const std::uint64_t needed = offset_ + bytes;
  if (needed <= prewritten_) {
    return {};
  }
  const std::uint64_t ahead =
      std::min<std::uint64_t>(segment_bytes_, std::max(needed, prewritten_ + kPrewriteStep));
  Status written = prewrite(ahead);
  return written || ahead == needed ? written : prewrite(needed);  // the last bytes of a full disk
}

Status SegmentWriter::prewrite(std::uint64_t end) {
  Status written = file_->write_at(prewritten_, std::string(end - prewritten_, '\0'));
  if (written) {
    prewritten_ = end;
  }
  return written;
}

Status SegmentWriter::append_durably(std::string_view batch, CallSite from) {
  if (Status written = file_->append_durably(offset_, batch, from); !written) {
    return written;
  }
  offset_ += batch.size();
  prewritten_ = std::max(prewritten_, offset_);
  return {};
}

}  // namespace pawl::ledger
