#include "app/daemon/salt_keeper.h"

#include <utility>

#include "app/daemon/body_keeper.h"
#include "base/log.h"
#include "foundation/crypto/wipe.h"
#include "foundation/vault/salt.h"

namespace pawl {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;

}  // namespace

Result<std::string> SaltKeeper::key_for(WallTime now) {
  if (!key_ || looked_at_hour_ != now.us / kHourUs) {
    if (const Status renewed = renew(now); !renewed && !key_) {
      return fail(renewed.error());
    }
  }
  return key_->id;
}

Status SaltKeeper::renew(WallTime now) {
  const std::string retention = body_retention(now);
  if (key_ && key_->retention == retention) {
    looked_at_hour_ = now.us / kHourUs;
    return {};
  }
  Result<vault::KeyFile> made = vault_.shared_key(retention, now, random_);
  const std::string reason = made ? "" : made.error().message;
  if (!made && reason != reason_) {
    log(LogLevel::kError, "digest_key_not_made", {{"reason", reason}});
  }
  reason_ = reason;
  if (!made) {
    looked_at_hour_ = now.us / kHourUs;  // with a key of before, again in an hour
    return fail(made.error());
  }
  forget_key();
  key_ = *std::move(made);
  looked_at_hour_ = now.us / kHourUs;
  return {};
}

Result<std::string> SaltKeeper::salt(const std::string& key, const Uuid& record,
                                     std::string_view of) {
  return key_ && key_->id == key ? Result<std::string>(vault::salt_of(*key_, record, of))
                                 : vault_.salt(key, record, of);
}

void SaltKeeper::forget_key() {
  if (key_) {
    wipe(key_->key);
  }
  key_.reset();
}

}  // namespace pawl
