#include "app/daemon/body_keeper.h"

#include <utility>

#include "base/limit_stat.h"
#include "base/log.h"
#include "foundation/crypto/wipe.h"

namespace pawl {
namespace {

constexpr std::size_t kMonth = 7;          // characters of 2026-11
constexpr std::size_t kMaxWaiting = 4096;  // names

LimitStat body_bytes("kept_body_kib");
LimitStat total_bytes("kept_bodies_mib");
LimitStat free_bytes("kept_bodies_space");
LimitStat unsynced("kept_bodies_unsynced");

}  // namespace

std::string body_retention(WallTime at) {
  return std::string(vault::kBodyArea) + format_rfc3339(at).substr(0, kMonth);
}

BodyKeeper::BodyKeeper(Files& files, Random& random, std::string data, BodyLimits limits)
    : files_(files),
      random_(random),
      data_(std::move(data)),
      limits_(limits),
      vault_(files, data_) {
  count_again();
}

BodyKeeper::~BodyKeeper() {
  {
    MutexLock lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
  if (key_) {
    wipe(key_->key);
  }
}

void BodyKeeper::count_again() {
  const Result<vault::Vault::Kept> found = vault_.kept();
  kept_ = found ? *found : kept_;
}

std::string BodyKeeper::keep(const Uuid& record, std::string_view body, WallTime at) {
  const std::string retention = body_retention(at);
  const std::string name = std::string(vault::kBodyArea) + record.text();
  const Status kept = keep_now(name, retention, body, at);
  const std::string reason = kept ? "" : kept.error().message;
  if (!kept && reason != reason_) {
    log(LogLevel::kError, "body_not_kept", {{"reason", reason}});
  }
  reason_ = reason;
  return kept ? retention : "";
}

Status BodyKeeper::keep_now(const std::string& name, const std::string& retention,
                            std::string_view body, WallTime at) {
  if (Status room = has_room(body.size()); !room) {
    return room;
  }
  if (!key_ || key_->retention != retention) {
    Result<vault::KeyFile> key = vault_.shared_key(retention, at, random_);
    if (!key) {
      return fail(key.error());
    }
    key_ = *std::move(key);
  }
  if (Status written = vault_.keep(*key_, name, body, at, random_); !written) {
    return written;
  }
  ++kept_.objects;
  kept_.bytes += body.size() + vault::kMaxHead;
  sync_later(name);
  return {};
}

Status BodyKeeper::has_room(std::size_t bytes) {
  const auto over = [](LimitStat& limit, const std::string& what) -> Status {
    limit.reached();
    return fail(Code::kTooLarge, what);
  };
  if (bytes > limits_.body_bytes) {
    return over(body_bytes, "a body is larger than limits.kept_body_kib");
  }
  if (kept_.bytes + bytes > limits_.total_bytes) {
    return over(total_bytes, "limits.kept_bodies_mib are kept");
  }
  if (files_.free_bytes(data_).value_or(0) < limits_.free_bytes + bytes) {
    return over(free_bytes, "the disk is nearly full");
  }
  MutexLock lock(mutex_);
  return waiting_.size() < kMaxWaiting
             ? Status()
             : over(unsynced, std::to_string(kMaxWaiting) + " bodies wait for the disk");
}

void BodyKeeper::sync_later(const std::string& name) {
  MutexLock lock(mutex_);
  waiting_.push_back(name);
  changed_.notify_all();
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { run(); });
  }
}

void BodyKeeper::run() {
  vault::Vault vault(files_, data_);
  for (;;) {
    std::vector<std::string> names;
    {
      MutexLock lock(mutex_);
      while (waiting_.empty() && !closing_) {
        changed_.wait(mutex_);
      }
      if (waiting_.empty()) {
        return;
      }
      names.swap(waiting_);
    }
    if (const Status synced = vault.sync_kept(names); !synced) {
      log(LogLevel::kError, "bodies_not_durable", {{"reason", synced.error().message}});
    }
  }
}

json::Object BodyKeeper::status() const {
  json::Object out{{"objects", kept_.objects}, {"bytes", kept_.bytes}};
  if (!reason_.empty()) {
    out["not_kept"] = reason_;
  }
  return out;
}

}  // namespace pawl
