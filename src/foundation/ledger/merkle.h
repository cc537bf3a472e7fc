// The Merkle tree of RFC 6962, section 2.1, with SHA-256, as C2SP tlog-tiles asks.
//
// Purpose:    hash leaves and nodes; grow a tree by its frontier; make and check inclusion and
//             consistency proofs. Everything here is pure; hashes come from a HashReader.
// Threading:  plain values and functions.
// Errors:     kInvalidParams (an index or size outside the tree), and whatever the HashReader says.
//             The checking functions answer only true or false.
// Not errors: an empty proof (a tree of one leaf, or equal sizes).
//
// Example:
//   Frontier tree;
//   tree.append(hash_leaf(token));
//   Result<Proof> proof = prove_inclusion(reader, index, tree.size());
//   bool good = check_inclusion(hash_leaf(token), index, tree.size(), *proof, tree.root());
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foundation/crypto/sha256.h"

namespace pawl::ledger {

Digest hash_leaf(std::string_view entry);                       // SHA-256(0x00 || entry)
Digest hash_children(const Digest& left, const Digest& right);  // SHA-256(0x01 || left || right)
Digest empty_root();                                            // SHA-256 of nothing

// The root of a row of hashes as leaves of a tree of their own (1 or more).
Digest root_of(const std::vector<Digest>& hashes);

// The roots of the complete subtrees that make up a tree: at most 64 hashes, so that a tree of any
// size grows in constant memory.
class Frontier {
 public:
  void append(const Digest& leaf_hash) { append_subtree(0, leaf_hash); }
  // Appends a complete subtree of 2^height leaves; size() must be a multiple of 2^height.
  void append_subtree(unsigned height, const Digest& root);
  std::uint64_t size() const { return size_; }
  Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> roots_;  // largest subtree first, one for each set bit of size_
};

// Answers with the root of the complete subtree [index * 2^height, (index + 1) * 2^height).
class HashReader {
 public:
  virtual ~HashReader() = default;
  virtual Result<Digest> node(unsigned height, std::uint64_t index) = 0;
};

using Proof = std::vector<Digest>;  // from the leaf's sibling up; at most 64 (inclusion) hashes

Result<Digest> root_at(HashReader& reader, std::uint64_t size);
Result<Proof> prove_inclusion(HashReader& reader, std::uint64_t index, std::uint64_t size);
// Shows that the tree of `size` extends the tree of `old_size`, 0 < old_size <= size.
Result<Proof> prove_consistency(HashReader& reader, std::uint64_t old_size, std::uint64_t size);
// The same, for whoever does not have the root of the tree of `old_size`: where it is a power of
// two, RFC 6962 leaves that root out, and here it comes first. 0 < old_size < size.
Result<Proof> prove_prefix(HashReader& reader, std::uint64_t old_size, std::uint64_t size);
// The same of a proof of prove_consistency().
Proof prefix_proof(std::uint64_t old_size, const Digest& old_root, const Proof& consistency);

bool check_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                     const Proof& proof, const Digest& root);
bool check_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                       const Digest& root, const Proof& proof);

// What a proof of prove_prefix() comes to. If `root` is the tree's, then `old_root` is that of its
// first `old_size` leaves, and of no other. nullopt: the proof does not have the form of these
// sizes.
struct PrefixRoots {
  Digest old_root, root;
};
std::optional<PrefixRoots> roots_of_prefix(std::uint64_t old_size, std::uint64_t size,
                                           const Proof& proof);

}  // namespace pawl::ledger
