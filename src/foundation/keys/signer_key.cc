#include "foundation/keys/signer_key.h"

#include <memory>
#include <utility>

#include "base/mutex.h"
#include "foundation/crypto/held_key.h"
#include "foundation/keys/signer_client.h"

namespace pawl {
namespace {

class Holder final : public KeyHolder {
 public:
  Holder(const std::string& socket, signer::WhichKey key) : client_(socket, key) {}

  Result<PublicKey> public_part() const {
    MutexLock lock(mutex_);
    return client_.public_part();
  }
  Result<std::string> sign(std::string_view message) const override {
    MutexLock lock(mutex_);
    return client_.sign(message);
  }
  Status look() const override {
    MutexLock lock(mutex_);
    return client_.look();
  }

 private:
  mutable Mutex mutex_;
  mutable signer::SignerClient client_ PAWL_GUARDED_BY(mutex_);
};

}  // namespace

Result<SigningKey> open_signer_key(const std::string& socket, KeyKind kind) {
  auto holder = std::make_shared<Holder>(
      socket, kind == KeyKind::kEd25519 ? signer::WhichKey::kLog : signer::WhichKey::kRecord);
  Result<PublicKey> part = holder->public_part();
  if (!part) {
    return fail(part.error());
  }
  if (part->kind() != kind) {
    return fail(Code::kMalformed, "the signer's key is of another kind");
  }
  return held_key(*std::move(part), std::move(holder));
}

}  // namespace pawl
