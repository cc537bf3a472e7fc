#include "foundation/ledger/entry_reader.h"

#include <algorithm>

#include "foundation/ledger/frame.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/scan.h"
#include "foundation/ledger/segment.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kMaxEnds = 16;          // readers that are served by turns
constexpr std::size_t kWindow = 1024 * 1024;  // read at once; every frame is smaller
constexpr std::size_t kIdBytes = 16;          // before an entry's bytes in its frame
static_assert(kWindow > frame_size(kMaxFrameBody));

tl::unexpected<Error> no_entry(std::uint64_t number) {
  return fail(Code::kNotFound, "no entry " + std::to_string(number));
}

}  // namespace

// The nearest known place at or before `first`.
Result<EntryReader::Place> EntryReader::start_of(std::uint64_t first) {
  const Result<std::optional<Position>> segment = find_segment(files_, folder_, first);
  if (!segment) {
    return fail(segment.error());
  }
  if (!*segment) {
    return no_entry(first);
  }
  Place nearest{(*segment)->segment, (*segment)->offset, (*segment)->size};
  auto used = ends_.end();
  for (auto end = ends_.begin(); end != ends_.end(); ++end) {
    if (end->entry <= first && end->entry >= nearest.entry) {
      nearest = *end;
      used = end;
    }
  }
  if (used != ends_.end()) {
    ends_.erase(used);  // the end of this read takes its place
  }
  return nearest;
}

Result<std::string> EntryReader::window_at(const Place& place) const {
  const Result<std::unique_ptr<File>> file =
      files_.open(segment_path(folder_, place.segment), OpenMode::kRead);
  const Result<std::uint64_t> size = file ? (*file)->size() : fail(file.error());
  if (!size) {
    return fail(size.error());
  }
  const std::uint64_t left = *size - std::min(*size, place.offset);
  return (*file)->read_at(place.offset, std::min<std::uint64_t>(left, kWindow));
}

Status EntryReader::enter_next_segment(Place& place) const {
  const std::string path = segment_path(folder_, place.segment + 1);
  if (!files_.exists(path)) {
    return no_entry(place.entry);
  }
  const Result<std::unique_ptr<File>> file = files_.open(path, OpenMode::kRead);
  const Result<std::string> bytes = file ? (*file)->read_at(0, kSegmentHeader) : fail(file.error());
  const Result<Position> header = bytes ? parse_segment_header(*bytes) : fail(bytes.error());
  if (!header) {
    return fail_at("segment " + segment_name(place.segment + 1), header.error());
  }
  if (header->size != place.entry) {
    return fail(Code::kBadSignature, "segment " + segment_name(place.segment + 1) +
                                         " begins at entry " + std::to_string(header->size) +
                                         ", expected " + std::to_string(place.entry));
  }
  place = {place.segment + 1, header->offset, header->size};
  return {};
}

Result<std::vector<std::string>> EntryReader::read(std::uint64_t first, std::uint64_t count) {
  const Result<std::optional<Minimum>> minimum = read_minimum(files_, folder_);
  if (!minimum || (*minimum && first < (*minimum)->index)) {
    return minimum ? fail(Code::kNotFound, pruned_text(first, **minimum)) : fail(minimum.error());
  }
  Result<Place> at = start_of(first);
  if (!at) {
    return fail(at.error());
  }
  std::vector<std::string> entries;
  while (entries.size() < count) {
    const Result<std::string> window = window_at(*at);
    if (!window) {
      return fail(window.error());
    }
    std::size_t used = 0;
    FrameRead next = read_frame(*window, used);
    for (; next.what == FrameRead::What::kFrame && entries.size() < count;
         next = read_frame(*window, used)) {
      if (next.frame.kind == FrameKind::kEntry) {
        ++looked_at_;
        if (at->entry++ >= first) {
          entries.emplace_back(next.frame.body.substr(kIdBytes));
        }
      }
      used += next.size;
    }
    at->offset += used;
    if (used == 0 && next.what == FrameRead::What::kBad) {
      return fail(Code::kBadSignature, place(at->segment, at->offset, next.reason, at->entry));
    }
    if (used == 0) {
      if (Status entered = enter_next_segment(*at); !entered) {
        return fail(entered.error());
      }
    }
  }
  ends_.push_front(*at);
  if (ends_.size() > kMaxEnds) {
    ends_.pop_back();
  }
  return entries;
}

}  // namespace pawl::ledger
