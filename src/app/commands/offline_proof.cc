#include "app/commands/offline_proof.h"

#include <map>
#include <utility>
#include <vector>

#include "foundation/ledger/merkle.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/tlog_proof.h"

namespace pawl {
namespace {

// Keeps of a growing tree the complete subtrees beside the path of one leaf, and the right edge.
class PathCollector final : public ledger::HashReader {
 public:
  explicit PathCollector(std::uint64_t leaf) : leaf_(leaf) {}

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
    const auto found = beside_.find(height);
    if (found == beside_.end() || found->second.index != index) {
      return fail(Code::kInternal, "the proof needs a hash that was not kept");
    }
    return found->second.hash;
  }

  std::uint64_t size() const { return size_; }

 private:
  struct Subtree {
    unsigned height = 0;
    std::uint64_t index = 0;
    Digest hash{};
  };
  void keep(const Subtree& subtree) {
    if ((subtree.index ^ 1) == leaf_ >> subtree.height) {
      beside_[subtree.height] = subtree;
    }
  }

  const std::uint64_t leaf_;
  std::uint64_t size_ = 0;
  std::vector<Subtree> edge_;  // highest first
  std::map<unsigned, Subtree> beside_;
};

}  // namespace

Result<std::string> prove_offline(Files& files, const std::string& root, std::uint64_t index,
                                  const ledger::Checkpoint* given) {
  PathCollector tree(index);
  ledger::Checkpoint head = given != nullptr ? *given : ledger::Checkpoint{};
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t, std::string_view token) {
    tree.append(ledger::hash_leaf(token));
    return given == nullptr || tree.size() < given->size;
  };
  if (given == nullptr) {
    visitor.checkpoint = [&](const ledger::Checkpoint& latest) { head = latest; };
  }
  if (Status walked = ledger::walk(files, root, visitor); !walked) {
    return fail(walked.error());
  }
  if (index >= head.size || head.size != tree.size()) {
    return fail(Code::kNotFound, "no checkpoint covers entry " + std::to_string(index) +
                                     " (the one asked has size " + std::to_string(head.size) + ")");
  }
  const Result<Digest> found = ledger::root_at(tree, head.size);
  if (!found || *found != head.root) {
    return fail(Code::kBadSignature, "the entries of " + root +
                                         " do not give the root of its checkpoint; run "
                                         "`pawl verify` on it");
  }
  Result<ledger::Proof> path = ledger::prove_inclusion(tree, index, head.size);
  if (!path) {
    return fail(path.error());
  }
  return ledger::print_proof({{}, index, *std::move(path), head.note});
}

}  // namespace pawl
