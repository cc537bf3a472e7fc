#include "foundation/ledger/reader.h"

#include <algorithm>

#include "foundation/ledger/bundle_reader.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/log_state.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/scan.h"
#include "foundation/ledger/source.h"

namespace pawl::ledger {
namespace {

constexpr std::uint64_t kNear = 4'096;  // entries: reading on costs less than looking anew

Result<Checkpoint> checkpoint_of(std::string_view note) {
  Result<TreeHead> head = read_checkpoint(note);
  if (!head) {
    return fail(Code::kBadSignature, head.error().message);
  }
  return Checkpoint{head->size, head->root, std::string(note)};
}

Result<bool> visit_batch(const Batch& batch, const Visitor& visitor, std::uint64_t from_index) {
  std::uint64_t index = batch.begin.size;
  for (const Frame& frame : batch.frames) {
    if (frame.kind == FrameKind::kEntry) {
      const std::uint64_t number = index++;
      if (number >= from_index && visitor.entry && !visitor.entry(number, frame.body.substr(16))) {
        return false;
      }
    } else if (frame.kind == FrameKind::kIntent) {
      if (visitor.intent) {
        visitor.intent({uuid_of(frame.body), std::string(frame.body.substr(16))});
      }
    } else if (visitor.checkpoint && index >= from_index) {
      Result<Checkpoint> head = checkpoint_of(frame.body);
      if (!head) {
        return fail(Code::kBadSignature,
                    place(batch.begin.segment, batch.begin.offset, head.error().message, index));
      }
      visitor.checkpoint(*head);
    }
  }
  return true;
}

// The daemon that writes meanwhile may not have synced its last batch yet. Whoever is told of a
// checkpoint may show it to others, so that a power cut must not take back what it covers.
Status make_durable(Files& files, const std::string& folder, const ScanEnd& end) {
  if (end.segment_missing) {
    return {};
  }
  Result<std::unique_ptr<File>> last =
      files.open(segment_path(folder, end.at.segment), OpenMode::kRead);
  return last ? (*last)->sync() : Status(fail(last.error()));
}

// What is kept of a pruned log below its minimum index, from `from_index` on. The answer: where to
// read on; nullopt: the visitor has seen enough.
Result<std::optional<std::uint64_t>> visit_kept(Files& files, const std::string& folder,
                                                const Visitor& visitor, std::uint64_t from_index) {
  const Result<std::optional<Pruned>> pruned = read_pruned(files, folder);
  if (!pruned) {
    return fail(pruned.error());
  }
  if (!*pruned) {
    return std::optional(from_index);
  }
  const KeptEntries& kept = (*pruned)->kept;
  for (auto entry = kept.lower_bound(from_index); entry != kept.end(); ++entry) {
    if (visitor.entry && !visitor.entry(entry->first, entry->second)) {
      return std::optional<std::uint64_t>();
    }
  }
  return std::optional(std::max(from_index, (*pruned)->minimum.index));
}

Status walk_bundle(Files& files, const std::string& folder, const Visitor& visitor,
                   std::uint64_t from_index) {
  Result<std::string> note = read_file(files, checkpoint_path(folder), kMaxFrameBody);
  if (!note) {
    return fail(note.error());
  }
  Result<Checkpoint> head = checkpoint_of(*note);
  if (!head) {
    return fail(head.error());
  }
  bool ended = false;
  Status read = read_bundles(files, folder, from_index, head->size,
                             [&](std::uint64_t index, std::string_view token) {
                               ended = visitor.entry && !visitor.entry(index, token);
                               return !ended;
                             });
  if (read && !ended && visitor.checkpoint) {
    visitor.checkpoint(*head);
  }
  return read;
}

}  // namespace

Status walk(Files& files, const std::string& folder, const Visitor& visitor,
            std::uint64_t from_index) {
  Result<Source> source = find_source(files, folder);
  if (!source) {
    return fail(source.error());
  }
  const Result<std::optional<std::uint64_t>> first =
      visit_kept(files, source->folder, visitor, from_index);
  if (!first || !*first) {
    return first ? Status{} : Status(fail(first.error()));
  }
  from_index = **first;
  if (source->is_bundle) {
    return walk_bundle(files, source->folder, visitor, from_index);
  }
  std::optional<Position> from;
  if (from_index > 0) {
    Result<std::optional<Position>> found = find_segment(files, source->folder, from_index);
    if (!found) {
      return fail(found.error());
    }
    from = *found;
  }
  Result<ScanEnd> scanned = scan_log(files, source->folder, from, [&](const Batch& batch) {
    return visit_batch(batch, visitor, from_index);
  });
  if (!scanned) {
    return fail(scanned.error());
  }
  return visitor.checkpoint ? make_durable(files, source->folder, *scanned) : Status{};
}

Status walk_at(Files& files, const std::string& folder, const std::vector<std::uint64_t>& indices,
               const std::function<bool(std::uint64_t, std::string_view)>& entry) {
  auto next = indices.begin();
  bool more = true;
  while (more && next != indices.end()) {
    const auto first = next;
    Visitor visitor;
    visitor.entry = [&](std::uint64_t index, std::string_view token) {
      while (next != indices.end() && *next < index) {
        ++next;  // it was pruned
      }
      while (next != indices.end() && *next == index) {
        more = more && entry(index, token);
        ++next;
      }
      return more && next != indices.end() && *next - index < kNear;
    };
    if (Status walked = walk(files, folder, visitor, *first); !walked) {
      return walked;
    }
    if (next == first) {
      return {};  // beyond the end
    }
  }
  return {};
}

}  // namespace pawl::ledger
