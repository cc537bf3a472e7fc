#include "foundation/ect/verified_cache.h"

#include <cstring>

namespace pawl::ect {

std::size_t VerifiedCache::ByPrefix::operator()(const Digest& digest) const noexcept {
  std::size_t prefix = 0;
  std::memcpy(&prefix, digest.data(), sizeof prefix);
  return prefix;
}

std::shared_ptr<const Token> VerifiedCache::find(const Digest& digest) {
  const MutexLock lock(mutex_);
  if (const auto at = young_.find(digest); at != young_.end()) {
    return at->second;
  }
  const auto at = old_.find(digest);
  if (at == old_.end()) {
    return nullptr;
  }
  std::shared_ptr<const Token> token = std::move(at->second);
  old_.erase(at);
  keep_locked(digest, token);
  return token;
}

std::uint64_t VerifiedCache::generation() const {
  const MutexLock lock(mutex_);
  return generation_;
}

void VerifiedCache::keep(std::uint64_t generation, const Digest& digest, Token token) {
  if (token.compact.size() > kMaxCachedBytes || capacity_ == 0) {
    return;
  }
  auto shared = std::make_shared<const Token>(std::move(token));
  const MutexLock lock(mutex_);
  if (generation == generation_) {
    keep_locked(digest, std::move(shared));
  }
}

void VerifiedCache::keep_locked(const Digest& digest, std::shared_ptr<const Token> token) {
  if (young_.size() >= capacity_) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(digest, std::move(token));
}

void VerifiedCache::clear() {
  const MutexLock lock(mutex_);
  ++generation_;
  young_.clear();
  old_.clear();
}

std::size_t VerifiedCache::size() const {
  const MutexLock lock(mutex_);
  return young_.size() + old_.size();
}

}  // namespace pawl::ect
