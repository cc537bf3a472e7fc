// Inclusion and consistency proofs, their text form, and whole receipts.
// Input: a proof's text; then the sizes and edits of a small tree (support/keys.h).
#include "foundation/ledger/tlog_proof.h"

#include "foundation/jose/jws.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/jws_receipt.h"
#include "foundation/ledger/verify.h"
#include "foundation/ledger/verify_jws_receipt.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl::ledger {
namespace {

std::string leaf(std::uint64_t index) {
  return "leaf " + std::to_string(index);
}

// Computes every inner hash from the leaves: slow, and plainly RFC 6962.
class SmallTree : public HashReader {
 public:
  Result<Digest> node(unsigned height, std::uint64_t index) override {
    if (height == 0) {
      return hash_leaf(leaf(index));
    }
    return hash_children(*node(height - 1, index * 2), *node(height - 1, index * 2 + 1));
  }
};

Digest root_of_leaves(std::uint64_t size) {
  Frontier tree;
  for (std::uint64_t i = 0; i < size; ++i) {
    tree.append(hash_leaf(leaf(i)));
  }
  return tree.root();
}

Proof altered(const Proof& proof, std::string_view edit) {
  std::string bytes;
  for (const Digest& hash : proof) {
    bytes += view(hash);
  }
  bytes = fuzz::altered(bytes, edit);
  Proof out = proof;
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(32 * i), 32, out[i].begin());
  }
  return out;
}

void check_tree(std::uint64_t size, std::uint64_t index, std::uint64_t old_size,
                std::string_view edit) {
  SmallTree reader;
  const Digest root = root_of_leaves(size);
  FUZZ_CHECK(*root_at(reader, size) == root, "two ways to one root");
  const Proof proof = *prove_inclusion(reader, index, size);
  const Digest hash = hash_leaf(leaf(index));
  FUZZ_CHECK(check_inclusion(hash, index, size, proof, root), "a made proof holds");
  FUZZ_CHECK(!check_inclusion(hash_leaf("other"), index, size, proof, root), "of its leaf only");
  FUZZ_CHECK(!check_inclusion(hash, index + 1, size, proof, root), "at its index only");
  Proof longer = proof;
  longer.push_back(root);
  FUZZ_CHECK(!check_inclusion(hash, index, size, longer, root), "with all of its hashes only");
  const Proof other = altered(proof, edit);
  FUZZ_CHECK(other == proof || !check_inclusion(hash, index, size, other, root),
             "no altered proof holds");

  const Digest old_root = root_of_leaves(old_size);
  const Proof growth = *prove_consistency(reader, old_size, size);
  FUZZ_CHECK(check_consistency(old_size, old_root, size, root, growth), "a log extends itself");
  FUZZ_CHECK(!check_consistency(old_size, hash, size, root, growth) || old_root == hash,
             "and nothing else");
  const Proof bad = altered(growth, edit);
  FUZZ_CHECK(bad == growth || !check_consistency(old_size, old_root, size, root, bad),
             "no altered consistency proof holds");
}

// A log of one token, and its receipt with one byte changed.
void check_receipt(std::string_view edit) {
  static const NoteSigner signer = *NoteSigner::make("example.org/log", fuzz::log_key());
  static const std::string token = *jose::sign(
      fuzz::token_key(), "exec+jwt", "k",
      R"({"iss":"spiffe://example.org/pawl/gw1","aud":["spiffe://example.org/pawl/gw1/ledger"],)"
      R"("iat":1772064150,"exp":1772064750,"jti":"019c96f1-2e70-7c4b-9d1a-000000000001",)"
      R"("exec_act":"tool.call","pred":[]})");
  static const std::string note =
      *signer.sign(print_head({"example.org/log", 1, hash_leaf(token), {}}));
  static const std::string proof = print_proof({"", 0, {}, note});
  static const Trust trust = [] {
    Trust keys;
    keys.log_vkey = signer.vkey();
    keys.token_keys = fuzz::token_key_set();
    return keys;
  }();
  FUZZ_CHECK(verify_receipt(token, proof, trust).verdict == Verdict::kGood, "a receipt is good");
  const std::string other_token = fuzz::altered(token, edit);
  FUZZ_CHECK(
      other_token == token || verify_receipt(other_token, proof, trust).verdict != Verdict::kGood,
      "no altered token is good");
  const std::string other_proof = fuzz::altered(proof, edit);
  FUZZ_CHECK(
      other_proof == proof || verify_receipt(token, other_proof, trust).verdict != Verdict::kGood,
      "no altered proof is good");
  static const std::string receipt = *make_jws_receipt(fuzz::token_key(), {"k", token, proof});
  FUZZ_CHECK(verify_jws_receipt(token, receipt, trust).verdict == Verdict::kGood,
             "and so is its signed form");
  const std::string other_receipt = fuzz::altered(receipt, edit);
  FUZZ_CHECK(other_receipt == receipt ||
                 verify_jws_receipt(token, other_receipt, trust).verdict != Verdict::kGood,
             "no altered one is");
}

}  // namespace
}  // namespace pawl::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::ledger;
  const auto [text, edit] = fuzz::parts<2>(fuzz::view(data, size));
  if (const Result<TlogProof> proof = parse_proof(text)) {
    FUZZ_CHECK(proof->path.size() <= 63, "a proof is bounded");
    const Result<TlogProof> again = parse_proof(print_proof(*proof));
    FUZZ_CHECK(again && again->index == proof->index && again->path == proof->path &&
                   again->extra == proof->extra && again->checkpoint == proof->checkpoint,
               "a proof reads back");
  }
  verify_receipt("token", text, std::nullopt);
  verify_jws_receipt("token", text, std::nullopt);
  if (edit.size() >= 6) {
    const std::uint64_t leaves = 1 + static_cast<unsigned char>(edit[3]) % 40;
    check_tree(leaves, static_cast<unsigned char>(edit[4]) % leaves,
               1 + static_cast<unsigned char>(edit[5]) % leaves, edit);
  }
  check_receipt(edit);
  return 0;
}
