// The ids of proofs that were shown, kept until they could not be shown again anyway.
//
// Purpose:    a proof that binds a request and not its content is good once.
// Threading:  one thread at a time (ProofDesk guards it). Pure: time comes in.
// Fairness:   a holder may have as many ids here as there are free places. So one alone takes half
//             at most, and whoever comes late finds room. Nothing is forgotten to make room: what
//             does not fit is refused.
// Not errors: time that stands still. It must not go back (LatestTime).
// Soft state: lost on restart; ProofDesk refuses what was made before its start.
//
// Example:
//   if (memory.spend("triage", id, until_s, now_s) != ReplayMemory::Answer::kFresh) { refuse }
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/crypto/sha256.h"

namespace pawl::identity {

class ReplayMemory {
 public:
  enum class Answer { kFresh, kSeen, kShareFull, kFull };

  explicit ReplayMemory(std::size_t places) : places_(places) {}

  // Whether spend() would find it fresh; nothing is remembered.
  Answer look(std::string_view holder, const Digest& id, std::int64_t now_s);
  // kFresh, once: it is kSeen until `until_s` has passed.
  Answer spend(std::string_view holder, const Digest& id, std::int64_t until_s, std::int64_t now_s);

  std::size_t size() const { return known_.size(); }

 private:
  using Key = std::array<std::uint64_t, 2>;  // half of the digest
  struct Hash {
    std::size_t operator()(const Key& key) const { return key[0]; }
  };
  using Counts = std::map<std::string, std::size_t, std::less<>>;

  static Key key_of(const Digest& id);
  void forget(std::int64_t now_s);

  const std::size_t places_;
  Counts held_;  // by holder, never 0
  boost::unordered_flat_map<Key, Counts::iterator, Hash> known_;
  std::map<std::int64_t, std::vector<Key>> ends_;  // by the last second in which it is remembered
};

}  // namespace pawl::identity
