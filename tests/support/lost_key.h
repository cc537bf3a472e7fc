// A signing key that is held elsewhere and can be lost and found again, as a token pulled out is.
// Threading: any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "foundation/crypto/held_key.h"

namespace pawl {

class LostKey {
 public:
  explicit LostKey(SigningKey key)
      : holder_(std::make_shared<Holder>(std::move(key))),
        key_(held_key(holder_->key.public_key(), holder_)) {}
  const SigningKey& key() const { return key_; }
  void lose() { holder_->is_lost = true; }
  // As lose(), and look() tells so, as it does of a process that ended.
  void lose_seen() { holder_->is_seen = holder_->is_lost = true; }
  void find() { holder_->is_lost = false; }

 private:
  struct Holder : KeyHolder {
    explicit Holder(SigningKey of) : key(std::move(of)) {}
    Result<std::string> sign(std::string_view message) const override {
      return is_lost ? fail(Code::kIo, "the token is gone") : key.sign(message);
    }
    Status look() const override {
      return is_lost && is_seen ? Status(fail(Code::kUpstreamUnavailable, "nobody is there"))
                                : Status();
    }
    const SigningKey key;
    std::atomic<bool> is_lost = false;
    std::atomic<bool> is_seen = false;
  };
  std::shared_ptr<Holder> holder_;
  SigningKey key_;
};

}  // namespace pawl
