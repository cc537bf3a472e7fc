// Tokens whose signature and form were verified, by the SHA-256 of their exact bytes.
//
// Purpose:    a parent presented by a hundred children is verified once. It holds what was
//             *verified*, never what was *allowed*: audience, times, replay and the presenter's
//             right to show the token are judged anew at each presentation (ect::check_presented).
// Threading:  any thread.
// Ownership:  entries are shared and immutable; a found token stays valid after it left the cache.
// Keys:       clear() whenever a key is added, replaced or revoked. A token whose verification
//             began before that is not kept: take the generation before you resolve its key.
// Bounds:     at most 2 x `capacity` tokens of at most kMaxCachedBytes; larger ones are not kept.
//
// Example:
//   const Digest digest = sha256(text);
//   if (auto known = cache.find(digest)) return check_presented(known->claims, options);
//   const std::uint64_t generation = cache.generation();
//   Result<ect::Token> token = ect::verify_signed(text, resolve, options);
//   if (token) cache.keep(generation, digest, *token);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/mutex.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ect/ect.h"

namespace pawl::ect {

inline constexpr std::size_t kMaxCachedBytes = 16 * 1024;

class VerifiedCache {
 public:
  explicit VerifiedCache(std::size_t capacity) : capacity_(capacity) {}

  std::shared_ptr<const Token> find(const Digest& digest);
  std::uint64_t generation() const;
  void keep(std::uint64_t generation, const Digest& digest, Token token);
  void clear();  // and begins a new generation
  std::size_t size() const;

 private:
  struct ByPrefix {  // a SHA-256 is uniform: its first bytes are a hash
    std::size_t operator()(const Digest& digest) const noexcept;
  };
  using Tokens = std::unordered_map<Digest, std::shared_ptr<const Token>, ByPrefix>;

  void keep_locked(const Digest& digest, std::shared_ptr<const Token> token) PAWL_REQUIRES(mutex_);

  const std::size_t capacity_;
  mutable Mutex mutex_;
  std::uint64_t generation_ PAWL_GUARDED_BY(mutex_) = 0;
  Tokens young_ PAWL_GUARDED_BY(mutex_);  // full: it becomes old_, and what was old is dropped
  Tokens old_ PAWL_GUARDED_BY(mutex_);
};

}  // namespace pawl::ect
