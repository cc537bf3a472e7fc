// A log of a witness's tests: leaves, heads signed by its key, proofs, and forks of it.
//
// Threading:  the test's thread.
// Example:    SignedLog log("example.org/log", key);  log.grow(5);
//             SignedLog fork = log;  fork.grow(3, "other");
//             desk.add_checkpoint(log.add_checkpoint(0, 5), now_s);
#pragma once

#include <string>
#include <vector>

#include "foundation/witness/witness.h"

namespace pawl::witness {

class SignedLog : private ledger::HashReader {
 public:
  SignedLog(const std::string& origin, const SigningKey& key)
      : origin_(origin), signer_(*ledger::NoteSigner::make(origin, key)) {}

  // Entries of another `branch` are other entries.
  void grow(std::uint64_t count, const std::string& branch = "") {
    for (; count > 0; --count) {
      leaves_.push_back(ledger::hash_leaf(branch + std::to_string(leaves_.size())));
    }
  }
  void cut_to(std::uint64_t size) { leaves_.resize(size); }

  std::uint64_t size() const { return leaves_.size(); }
  ledger::VerifierKey key() const { return *ledger::VerifierKey::parse(signer_.vkey()); }
  std::string vkey() const { return signer_.vkey(); }
  Digest root(std::uint64_t size) { return *ledger::root_at(*this, size); }
  std::string checkpoint(std::uint64_t size) { return checkpoint_of(size, root(size)); }
  std::string checkpoint_of(std::uint64_t size, const Digest& root) const {
    return *signer_.sign(ledger::print_head({origin_, size, root, {}}));
  }
  ledger::Proof proof(std::uint64_t old_size, std::uint64_t size) {
    return old_size == 0 || old_size > size ? ledger::Proof{}
                                            : *ledger::prove_consistency(*this, old_size, size);
  }
  // The body as an honest log sends it.
  std::string add_checkpoint(std::uint64_t old_size, std::uint64_t size) {
    return print_add_checkpoint({old_size, proof(old_size, size), checkpoint(size)});
  }

 private:
  Result<Digest> node(unsigned height, std::uint64_t index) override {
    ledger::Frontier tree;
    for (std::uint64_t i = index << height; i < (index + 1) << height; ++i) {
      tree.append(leaves_.at(i));
    }
    return tree.root();
  }

  std::string origin_;
  ledger::NoteSigner signer_;
  std::vector<Digest> leaves_;
};

}  // namespace pawl::witness
