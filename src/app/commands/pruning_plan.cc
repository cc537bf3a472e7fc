#include "app/commands/pruning_plan.h"

#include <vector>

#include "foundation/jose/jws.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/segment.h"
#include "foundation/ledger/tile_path.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

struct Boundary {
  ledger::Position at;
  std::uint64_t minimum = 0;
};

std::uint64_t rounded_up(std::uint64_t size) {
  return (size + ledger::kTileWidth - 1) / ledger::kTileWidth * ledger::kTileWidth;
}

// Each begins with a segment; the ledger is open, so that every segment has its header.
Result<std::vector<Boundary>> boundaries(Files& files, const std::string& folder,
                                         std::uint64_t above, std::uint64_t below) {
  const Result<std::vector<std::uint64_t>> numbers = ledger::list_segments(files, folder);
  if (!numbers) {
    return fail(numbers.error());
  }
  std::vector<Boundary> out;
  for (const std::uint64_t number : *numbers) {
    const Result<std::unique_ptr<File>> file =
        files.open(ledger::segment_path(folder, number), OpenMode::kRead);
    const Result<std::string> bytes =
        file ? (*file)->read_at(0, ledger::kSegmentHeader) : fail(file.error());
    const Result<ledger::Position> at =
        bytes ? ledger::parse_segment_header(*bytes) : fail(bytes.error());
    if (!at) {
      return fail_at("segment " + ledger::segment_name(number), at.error());
    }
    const std::uint64_t minimum = rounded_up(at->size);
    if (number > 1 && minimum > above && minimum < below) {
      out.push_back({*at, minimum});
    }
  }
  return out;
}

// When the last entry below the boundary was recorded; times of a log never go back.
Result<std::int64_t> recorded_s(Files& files, const std::string& folder, std::uint64_t index) {
  std::string token;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t, std::string_view found) {
    token = found;
    return false;
  };
  if (Status walked = ledger::walk(files, folder, visitor, index); !walked) {
    return fail(walked.error());
  }
  const Result<jose::Jws> jws = jose::decode(token, token.size() + 1);
  const json::Value* iat =
      jws ? json::find(jws->payload, {names::kClaimIat}) : static_cast<const json::Value*>(nullptr);
  return iat != nullptr && iat->is_int64()
             ? Result<std::int64_t>(iat->get_int64())
             : fail(Code::kBadSignature, "entry " + std::to_string(index) + ": says no time");
}

bool stays(std::string_view token) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  return jws && kinds::outlives_pruning(
                    json::find_string(jws->payload, {names::kClaimExecAct}).value_or(""));
}

// Looks at every entry below the minimum index once more before it is deleted.
class Keeper {
 public:
  Keeper(const ledger::Ledger& log, std::size_t most) : log_(log), most_(most) {}

  Status look(std::uint64_t index, std::string_view token) {
    const std::uint64_t tile = index / ledger::kTileWidth;
    if (hashes_.empty() || tile != tile_) {
      Result<std::string> hashes =
          log_.resource(ledger::print_tile_path({0, tile, ledger::kTileWidth}));
      if (!hashes) {
        return fail(hashes.error());
      }
      hashes_ = *std::move(hashes);
      tile_ = tile;
    }
    const Digest hash = ledger::hash_leaf(token);
    const std::size_t at = index % ledger::kTileWidth * hash.size();
    if (hashes_.substr(at, hash.size()) != view(hash)) {
      return fail(Code::kBadSignature, "entry " + std::to_string(index) +
                                           " is not the one of the tree, and nothing was pruned: "
                                           "run `pawl verify` and `pawl scrub`");
    }
    if (stays(token)) {
      bytes_ += token.size();
      kept_.emplace(index, token);
    }
    return bytes_ <= most_
               ? Status{}
               : Status(fail(Code::kTooLarge, "more than " + std::to_string(most_ >> 20) +
                                                  " MiB of the records would be kept"));
  }
  ledger::KeptEntries take() { return std::move(kept_); }

 private:
  const ledger::Ledger& log_;
  const std::size_t most_;
  std::string hashes_;  // of a tile
  std::uint64_t tile_ = 0;
  std::size_t bytes_ = 0;
  ledger::KeptEntries kept_;
};

Result<ledger::KeptEntries> keep(Files& files, const std::string& folder, const ledger::Ledger& log,
                                 std::uint64_t minimum, std::size_t most) {
  Keeper keeper(log, most);
  Status looked;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    if (index >= minimum) {
      return false;
    }
    looked = keeper.look(index, token);
    return looked.has_value();
  };
  const Status walked = ledger::walk(files, folder, visitor);
  if (!walked || !looked) {
    return fail(walked ? looked.error() : walked.error());
  }
  return keeper.take();
}

}  // namespace

Result<std::optional<PruningPlan>> plan_pruning(Files& files, const std::string& folder,
                                                const ledger::Ledger& log, std::int64_t before_s,
                                                std::size_t most_kept) {
  PruningPlan plan;
  plan.minimum_before = log.minimum_index();
  const Result<std::vector<Boundary>> all =
      boundaries(files, folder, plan.minimum_before, log.size());
  if (!all) {
    return fail(all.error());
  }
  std::size_t good = 0;  // so many of them may go
  for (std::size_t end = all->size(); good < end;) {
    const std::size_t middle = good + (end - good) / 2;
    const Result<std::int64_t> time = recorded_s(files, folder, (*all)[middle].minimum - 1);
    if (!time) {
      return fail(time.error());
    }
    if (*time < before_s) {
      good = middle + 1;
    } else {
      end = middle;
    }
  }
  if (good == 0) {
    return std::optional<PruningPlan>();
  }
  const Boundary& last = (*all)[good - 1];
  plan.minimum.index = last.minimum;
  plan.minimum.at = last.at;
  plan.minimum.record_index = log.size();
  const Result<std::vector<std::uint64_t>> numbers = ledger::list_segments(files, folder);
  plan.segments = numbers ? last.at.segment - numbers->front() : 0;
  Result<ledger::KeptEntries> kept = keep(files, folder, log, last.minimum, most_kept);
  if (!kept) {
    return fail(kept.error());
  }
  plan.kept = *std::move(kept);
  return std::optional(std::move(plan));
}

}  // namespace pawl
