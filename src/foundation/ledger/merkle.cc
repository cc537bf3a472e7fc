#include "foundation/ledger/merkle.h"

#include <bit>

#include "base/assert.h"
#include "foundation/ledger/inclusion_root.h"

namespace pawl::ledger {
namespace {

// The largest power of two smaller than n (n >= 2): where RFC 6962 splits a tree.
std::uint64_t split(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

// The root of the leaves [begin, end); begin is a multiple of every power of two up to the size.
Result<Digest> range_root(HashReader& reader, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto height = static_cast<unsigned>(std::countr_zero(count));
    return reader.node(height, begin >> height);
  }
  const std::uint64_t middle = begin + split(count);
  Result<Digest> left = range_root(reader, begin, middle);
  if (!left) {
    return left;
  }
  Result<Digest> right = range_root(reader, middle, end);
  if (!right) {
    return right;
  }
  return hash_children(*left, *right);
}

Status add_range(HashReader& reader, std::uint64_t begin, std::uint64_t end, Proof& proof) {
  Result<Digest> root = range_root(reader, begin, end);
  if (!root) {
    return fail(root.error());
  }
  proof.push_back(*root);
  return {};
}

// PATH of RFC 6962, section 2.1.1, over the leaves [begin, end).
Status add_path(HashReader& reader, std::uint64_t index, std::uint64_t begin, std::uint64_t end,
                Proof& proof) {
  if (end - begin == 1) {
    return {};
  }
  const std::uint64_t middle = begin + split(end - begin);
  const bool left = index < middle;
  Status below = left ? add_path(reader, index, begin, middle, proof)
                      : add_path(reader, index, middle, end, proof);
  if (!below) {
    return below;
  }
  return left ? add_range(reader, middle, end, proof) : add_range(reader, begin, middle, proof);
}

// SUBPROOF of RFC 6962, section 2.1.2: `known` tells that the verifier has the root of this range.
Status add_subproof(HashReader& reader, std::uint64_t old_size, std::uint64_t begin,
                    std::uint64_t end, bool known, Proof& proof) {
  if (old_size == end) {
    return known ? Status{} : add_range(reader, begin, end, proof);
  }
  const std::uint64_t middle = begin + split(end - begin);
  if (old_size <= middle) {
    Status below = add_subproof(reader, old_size, begin, middle, known, proof);
    return below ? add_range(reader, middle, end, proof) : below;
  }
  Status below = add_subproof(reader, old_size, middle, end, false, proof);
  return below ? add_range(reader, begin, middle, proof) : below;
}

}  // namespace

Digest hash_leaf(std::string_view entry) {
  return sha256({std::string_view("\0", 1), entry});
}

Digest hash_children(const Digest& left, const Digest& right) {
  return sha256({std::string_view("\1", 1), view(left), view(right)});
}

Digest empty_root() {
  return sha256(std::string_view());
}

Digest root_of(const std::vector<Digest>& hashes) {
  Frontier tree;
  for (const Digest& hash : hashes) {
    tree.append(hash);
  }
  return tree.root();
}

void Frontier::append_subtree(unsigned height, const Digest& root) {
  PAWL_CHECK((size_ & ((std::uint64_t{1} << height) - 1)) == 0,
             "a subtree starts at a multiple of its size");
  Digest joined = root;
  for (std::uint64_t rest = size_ >> height; (rest & 1) != 0; rest >>= 1) {
    joined = hash_children(roots_.back(), joined);
    roots_.pop_back();
  }
  roots_.push_back(joined);
  size_ += std::uint64_t{1} << height;
}

Digest Frontier::root() const {
  if (roots_.empty()) {
    return empty_root();
  }
  Digest root = roots_.back();
  for (auto left = roots_.rbegin() + 1; left != roots_.rend(); ++left) {
    root = hash_children(*left, root);
  }
  return root;
}

Result<Digest> root_at(HashReader& reader, std::uint64_t size) {
  if (size == 0) {
    return empty_root();
  }
  return range_root(reader, 0, size);
}

Result<Proof> prove_inclusion(HashReader& reader, std::uint64_t index, std::uint64_t size) {
  if (index >= size) {
    return fail(Code::kInvalidParams, "entry " + std::to_string(index) +
                                          " is not in a tree of size " + std::to_string(size));
  }
  Proof proof;
  if (Status added = add_path(reader, index, 0, size, proof); !added) {
    return fail(added.error());
  }
  return proof;
}

Result<Proof> prove_consistency(HashReader& reader, std::uint64_t old_size, std::uint64_t size) {
  if (old_size == 0 || old_size > size) {
    return fail(Code::kInvalidParams, "no consistency proof from size " + std::to_string(old_size) +
                                          " to " + std::to_string(size));
  }
  Proof proof;
  if (Status added = add_subproof(reader, old_size, 0, size, true, proof); !added) {
    return fail(added.error());
  }
  return proof;
}

Result<Proof> prove_prefix(HashReader& reader, std::uint64_t old_size, std::uint64_t size) {
  if (old_size == 0 || old_size >= size) {
    return fail(Code::kInvalidParams, "a tree of size " + std::to_string(size) +
                                          " extends none of size " + std::to_string(old_size));
  }
  Proof proof;
  Status added = add_subproof(reader, old_size, 0, size, false, proof);
  return added ? Result<Proof>(std::move(proof)) : fail(added.error());
}

Proof prefix_proof(std::uint64_t old_size, const Digest& old_root, const Proof& consistency) {
  Proof proof;
  if (std::has_single_bit(old_size)) {
    proof.push_back(old_root);
  }
  proof.insert(proof.end(), consistency.begin(), consistency.end());
  return proof;
}

// RFC 9162, section 2.1.3.2.
std::optional<Digest> inclusion_root(const Digest& leaf_hash, std::uint64_t index,
                                     std::uint64_t size, const Proof& proof) {
  if (index >= size) {
    return std::nullopt;
  }
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Digest hash = leaf_hash;
  for (const Digest& sibling : proof) {
    if (last == 0) {
      return std::nullopt;
    }
    if ((node & 1) != 0 || node == last) {
      hash = hash_children(sibling, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = hash_children(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 ? std::optional<Digest>(hash) : std::nullopt;
}

bool check_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                     const Proof& proof, const Digest& root) {
  return inclusion_root(leaf_hash, index, size, proof) == root;
}

// RFC 9162, section 2.1.4.2, from step 4 on.
std::optional<PrefixRoots> roots_of_prefix(std::uint64_t old_size, std::uint64_t size,
                                           const Proof& proof) {
  if (old_size == 0 || old_size >= size || proof.empty()) {
    return std::nullopt;
  }
  std::uint64_t node = old_size - 1;
  std::uint64_t last = size - 1;
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  PrefixRoots roots{proof.front(), proof.front()};
  for (auto next = proof.begin() + 1; next != proof.end(); ++next) {
    if (last == 0) {
      return std::nullopt;
    }
    if ((node & 1) != 0 || node == last) {
      roots.old_root = hash_children(*next, roots.old_root);
      roots.root = hash_children(*next, roots.root);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      roots.root = hash_children(roots.root, *next);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 ? std::optional(roots) : std::nullopt;
}

bool check_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                       const Digest& root, const Proof& proof) {
  if (old_size == 0 || old_size > size) {
    return false;
  }
  if (old_size == size) {
    return proof.empty() && old_root == root;
  }
  const std::optional<PrefixRoots> roots =
      roots_of_prefix(old_size, size, prefix_proof(old_size, old_root, proof));
  return roots && roots->old_root == old_root && roots->root == root;
}

}  // namespace pawl::ledger
