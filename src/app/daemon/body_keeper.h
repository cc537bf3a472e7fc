// Keeps bodies that do not fit into a record in the vault, without keeping a call waiting.
//
// Purpose:    object body/RECORD, of the retention body/YYYY-MM by the record's time. It is written
//             before its record is, and made durable by a thread of its own, many at once: a killed
//             process loses none, a power cut those of the last moments, whose records then say
//             that a body was kept which is lost.
// Threading:  the I/O thread, and one that syncs. Only the first body of a month waits for the
// disk,
//             which has to keep its key.
// Ownership:  the parts outlive it. Its end waits until all is durable.
// Errors:     what cannot be kept is logged, counted, and answered as not kept.
// Not errors: a full disk: bodies are given up at twice the ledger's reserve, before calls are.
#pragma once

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "base/mutex.h"
#include "base/random.h"
#include "foundation/vault/vault_store.h"
#include "gateway/body_store.h"

namespace pawl {

struct BodyLimits {
  std::uint64_t body_bytes = 256u << 10;
  std::uint64_t total_bytes = 256u << 20;
  std::uint64_t free_bytes = 128u << 20;  // of the disk, below which none is kept
};

// What bodies of records of this time are erased with: "body/2026-11".
std::string body_retention(WallTime at);

class BodyKeeper final : public BodyStore {
 public:
  BodyKeeper(Files& files, Random& random, std::string data, BodyLimits limits);
  ~BodyKeeper() override;

  std::string keep(const Uuid& record, std::string_view body, WallTime at) override;
  // An erasure was ordered: the key in use may be of no use.
  void forget_key() { key_.reset(); }
  // Objects were removed.
  void count_again();
  json::Object status() const;

 private:
  Status keep_now(const std::string& name, const std::string& retention, std::string_view body,
                  WallTime at);
  Status has_room(std::size_t bytes);
  void sync_later(const std::string& name);
  void run();

  Files& files_;
  Random& random_;
  const std::string data_;
  const BodyLimits limits_;
  vault::Vault vault_;
  std::optional<vault::KeyFile> key_;
  vault::Vault::Kept kept_;
  std::string reason_;  // of the last that was not kept; empty: the last one was

  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> waiting_ PAWL_GUARDED_BY(mutex_);  // for a sync
  bool closing_ PAWL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // begins with the first body
};

}  // namespace pawl
