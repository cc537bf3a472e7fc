#include "foundation/ledger/merkle.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>

#include "base/encoding.h"
#include "tests/support/seeded_random.h"

namespace pawl::ledger {
namespace {

// The tree of the RFC 6962 reference implementations: eight leaves, roots of sizes 0 to 8.
const std::vector<std::string> kLeaves = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> kRoots = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

class Leaves : public HashReader {
 public:
  void add(std::string_view entry) {
    leaves_.push_back(hash_leaf(entry));
    tree_.append(leaves_.back());
  }
  Result<Digest> node(unsigned height, std::uint64_t index) override {
    Frontier tree;
    for (std::uint64_t i = index << height; i < (index + 1) << height; ++i) {
      tree.append(leaves_.at(i));
    }
    return tree.root();
  }
  const Digest& leaf(std::uint64_t index) const { return leaves_.at(index); }
  const Frontier& tree() const { return tree_; }

 private:
  std::vector<Digest> leaves_;
  Frontier tree_;
};

TEST(Merkle, RootsOfTheReferenceTree) {
  Leaves leaves;
  for (std::size_t size = 0; size < kRoots.size(); ++size) {
    EXPECT_EQ(hex_encode(view(leaves.tree().root())), kRoots[size]) << "size " << size;
    EXPECT_EQ(hex_encode(view(*root_at(leaves, size))), kRoots[size]) << "size " << size;
    if (size < kLeaves.size()) {
      leaves.add(*hex_decode(kLeaves[size]));
    }
  }
}

TEST(Merkle, ProofsOfTheReferenceTree) {
  struct Case {
    std::uint64_t index, size;
    std::vector<std::string> path;
  };
  const std::vector<Case> cases = {
      {0, 1, {}},
      {0,
       8,
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {5,
       8,
       {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}}};
  Leaves leaves;
  for (const std::string& leaf : kLeaves) {
    leaves.add(*hex_decode(leaf));
  }
  for (const Case& c : cases) {
    const Proof proof = *prove_inclusion(leaves, c.index, c.size);
    std::vector<std::string> path;
    for (const Digest& hash : proof) {
      path.push_back(hex_encode(view(hash)));
    }
    EXPECT_EQ(path, c.path) << c.index << " of " << c.size;
  }
}

// Every single change of one bit anywhere must be noticed.
template <class Check>
void expect_no_flip_passes(Proof proof, const Check& check) {
  for (Digest& hash : proof) {
    for (std::size_t bit : {0u, 100u, 255u}) {
      hash[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
      EXPECT_FALSE(check(proof));
      hash[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    }
  }
  Proof longer = proof;
  longer.push_back(Digest{});
  EXPECT_FALSE(check(longer));
  if (!proof.empty()) {
    proof.pop_back();
    EXPECT_FALSE(check(proof));
  }
}

TEST(Merkle, EveryInclusionProofHoldsAndNoChangedOne) {
  Leaves leaves;
  for (std::uint64_t size = 1; size <= 40; ++size) {
    leaves.add("entry " + std::to_string(size));
    const Digest root = leaves.tree().root();
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = *prove_inclusion(leaves, index, size);
      const auto check = [&](const Proof& p) {
        return check_inclusion(leaves.leaf(index), index, size, p, root);
      };
      EXPECT_TRUE(check(proof)) << index << " of " << size;
      expect_no_flip_passes(proof, check);
      Digest other = leaves.leaf(index);
      other[3] ^= 4;
      EXPECT_FALSE(check_inclusion(other, index, size, proof, root));
      EXPECT_FALSE(check_inclusion(leaves.leaf(index), index + 1, size, proof, root));
      EXPECT_FALSE(check_inclusion(leaves.leaf(index), size, size, proof, root));
    }
  }
  EXPECT_EQ(prove_inclusion(leaves, 40, 40).error().code, Code::kInvalidParams);
  EXPECT_FALSE(check_inclusion(leaves.leaf(0), 0, 0, {}, empty_root()));
}

TEST(Merkle, EveryConsistencyProofHoldsAndNoChangedOne) {
  Leaves leaves;
  std::vector<Digest> roots = {empty_root()};
  for (std::uint64_t size = 1; size <= 33; ++size) {
    leaves.add("entry " + std::to_string(size));
    roots.push_back(leaves.tree().root());
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const Proof proof = *prove_consistency(leaves, old_size, size);
      const auto check = [&](const Proof& p) {
        return check_consistency(old_size, roots[old_size], size, roots[size], p);
      };
      EXPECT_TRUE(check(proof)) << old_size << " to " << size;
      expect_no_flip_passes(proof, check);
      Digest forged = roots[old_size];
      forged[0] ^= 1;
      EXPECT_FALSE(check_consistency(old_size, forged, size, roots[size], proof));
      EXPECT_FALSE(check_consistency(old_size, roots[old_size], size, forged, proof));
      // A size that needs more hashes is not the size of this root.
      const std::uint64_t deeper = 2 * std::bit_ceil(size);
      EXPECT_FALSE(check_consistency(old_size, roots[old_size], deeper, roots[size], proof));
    }
  }
  EXPECT_EQ(prove_consistency(leaves, 0, 5).error().code, Code::kInvalidParams);
  EXPECT_EQ(prove_consistency(leaves, 34, 33).error().code, Code::kInvalidParams);
}

TEST(Merkle, LargeTreesAtRandom) {
  Leaves leaves;
  for (int i = 0; i < 3000; ++i) {
    leaves.add(std::to_string(i));
  }
  SeededRandom random(20260307);
  const auto below = [&](std::uint64_t n) {
    const std::string bytes = random.bytes(4);
    std::uint64_t value = 0;
    for (char c : bytes) {
      value = value << 8 | static_cast<std::uint8_t>(c);
    }
    return value % n;
  };
  for (int round = 0; round < 100; ++round) {
    const std::uint64_t size = 1 + below(3000);
    const std::uint64_t index = below(size);
    const Digest root = *root_at(leaves, size);
    EXPECT_TRUE(check_inclusion(leaves.leaf(index), index, size,
                                *prove_inclusion(leaves, index, size), root))
        << index << " of " << size;
    EXPECT_TRUE(check_consistency(index + 1, *root_at(leaves, index + 1), size, root,
                                  *prove_consistency(leaves, index + 1, size)))
        << index + 1 << " to " << size;
  }
}

}  // namespace
}  // namespace pawl::ledger
