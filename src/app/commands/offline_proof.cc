#include "app/commands/offline_proof.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "foundation/ledger/merkle.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/pruned_tree.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/source.h"
#include "foundation/ledger/tlog_proof.h"

namespace pawl {
namespace {

using Place = std::pair<unsigned, std::uint64_t>;  // height and index of a complete subtree

// Keeps of a growing tree the complete subtrees beside the paths of some leaves, and the right
// edge.
class PathCollector final : public ledger::HashReader {
 public:
  explicit PathCollector(const std::vector<std::uint64_t>& leaves) {
    constexpr unsigned kMaxHeight = 63;
    for (const std::uint64_t leaf : leaves) {
      for (unsigned height = 0; height < kMaxHeight; ++height) {
        if (!beside_.emplace(Place{height, (leaf >> height) ^ 1}, Digest{}).second) {
          break;  // above this one the paths are the same
        }
      }
    }
  }

  // Of a pruned log: the tree of what is gone, whose hashes the tiles have. Before any append().
  Status begin_at(std::uint64_t size, ledger::HashReader& gone) {
    size_ = size;
    for (auto& [place, hash] : beside_) {
      if (place.second < size >> place.first) {
        const Result<Digest> found = gone.node(place.first, place.second);
        if (!found) {
          return fail(found.error());
        }
        hash = *found;
      }
    }
    for (unsigned height = 64; height-- > 0;) {
      if ((size >> height & 1) != 0) {
        const std::uint64_t index = (size >> height) - 1;
        const Result<Digest> found = gone.node(height, index);
        if (!found) {
          return fail(found.error());
        }
        edge_.push_back({height, index, *found});
      }
    }
    return {};
  }

  void append(const Digest& leaf_hash) {
    Subtree added{0, size_++, leaf_hash};
    keep(added);
    while (!edge_.empty() && edge_.back().height == added.height) {
      const Subtree left = std::exchange(edge_.back(), {});
      edge_.pop_back();
      added = {left.height + 1, left.index / 2, ledger::hash_children(left.hash, added.hash)};
      keep(added);
    }
    edge_.push_back(added);
  }

  Result<Digest> node(unsigned height, std::uint64_t index) override {
    for (const Subtree& subtree : edge_) {
      if (subtree.height == height && subtree.index == index) {
        return subtree.hash;
      }
    }
    const auto found = beside_.find({height, index});
    if (found == beside_.end() || index >> (63 - height) != 0 || (index + 1) << height > size_) {
      return fail(Code::kInternal, "the proof needs a hash that was not kept");
    }
    return found->second;
  }

  std::uint64_t size() const { return size_; }

 private:
  struct Subtree {
    unsigned height = 0;
    std::uint64_t index = 0;
    Digest hash{};
  };
  void keep(const Subtree& subtree) {
    if (const auto found = beside_.find({subtree.height, subtree.index}); found != beside_.end()) {
      found->second = subtree.hash;
    }
  }

  std::uint64_t size_ = 0;
  std::vector<Subtree> edge_;  // highest first
  std::map<Place, Digest> beside_;
};

// Where the entries begin: 0, or the minimum index.
Result<std::uint64_t> begin_tree(Files& files, const std::string& root, PathCollector& tree) {
  const Result<ledger::Source> source = ledger::find_source(files, root);
  const Result<std::optional<ledger::Minimum>> minimum =
      source ? ledger::read_minimum(files, source->folder) : fail(source.error());
  if (!minimum || !*minimum) {
    return minimum ? Result<std::uint64_t>(0) : fail(minimum.error());
  }
  const std::uint64_t first = (*minimum)->index;
  const Result<std::unique_ptr<ledger::PrunedTree>> gone =
      ledger::PrunedTree::open(files, source->folder, first);
  const Status begun = gone ? tree.begin_at(first, (*gone)->tiles()) : Status(fail(gone.error()));
  return begun ? Result<std::uint64_t>(first) : fail(begun.error());
}

}  // namespace

Result<OfflinePaths> paths_offline(Files& files, const std::string& root,
                                   const std::vector<std::uint64_t>& indexes,
                                   const ledger::Checkpoint* given) {
  PathCollector tree(indexes);
  const Result<std::uint64_t> first = begin_tree(files, root, tree);
  if (!first) {
    return fail(first.error());
  }
  if (given != nullptr && given->size < *first) {
    return fail(Code::kNotFound, "entries below " + std::to_string(*first) +
                                     " were pruned, and no proof is made to a checkpoint of size " +
                                     std::to_string(given->size));
  }
  OfflinePaths out{given != nullptr ? *given : ledger::Checkpoint{}, {}};
  ledger::Checkpoint& head = out.head;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    if (index < *first) {
      return true;
    }
    tree.append(ledger::hash_leaf(token));
    return given == nullptr || tree.size() < given->size;
  };
  if (given == nullptr) {
    visitor.checkpoint = [&](const ledger::Checkpoint& latest) { head = latest; };
  }
  if (Status walked = ledger::walk(files, root, visitor); !walked) {
    return fail(walked.error());
  }
  const auto last = std::max_element(indexes.begin(), indexes.end());
  if (last == indexes.end() || *last >= head.size || head.size != tree.size()) {
    return fail(Code::kNotFound, "no checkpoint covers entry " +
                                     std::to_string(last == indexes.end() ? 0 : *last) +
                                     " (the one asked has size " + std::to_string(head.size) + ")");
  }
  const Result<Digest> found = ledger::root_at(tree, head.size);
  if (!found || *found != head.root) {
    return fail(Code::kBadSignature, "the entries of " + root +
                                         " do not give the root of its checkpoint; run "
                                         "`pawl verify` on it");
  }
  for (const std::uint64_t index : indexes) {
    Result<ledger::Proof> path = ledger::prove_inclusion(tree, index, head.size);
    if (!path) {
      return fail(path.error());
    }
    out.paths.push_back(*std::move(path));
  }
  return out;
}

Result<std::string> prove_offline(Files& files, const std::string& root, std::uint64_t index,
                                  const ledger::Checkpoint* given) {
  Result<OfflinePaths> proven = paths_offline(files, root, {index}, given);
  if (!proven) {
    return fail(proven.error());
  }
  return ledger::print_proof({{}, index, std::move(proven->paths[0]), proven->head.note});
}

}  // namespace pawl
