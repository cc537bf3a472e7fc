// A ledger under test: keys, a stepped clock, and waiting for what it acknowledged.
//
// Threading:  append_*_sync and Acknowledged from the test's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/mutex.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/verify.h"
#include "tests/support/fault_files.h"
#include "tests/support/stepped_clock.h"

namespace pawl::ledger {

inline Uuid test_id(std::uint64_t number) {
  Uuid id;
  for (int i = 0; i < 8; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  id.bytes[6] = 0x70;
  id.bytes[8] |= 0x80;
  return id;
}

// Counts callbacks, so that a test can wait for all of them.
class Waiter {
 public:
  void arrive() {
    MutexLock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
  }
  void wait(std::size_t count) {
    MutexLock lock(mutex_);
    while (arrived_ < count) {
      changed_.wait(mutex_);
    }
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::size_t arrived_ = 0;
};

struct LedgerRig {
  static const SigningKey& log_key() {
    static const SigningKey key = *SigningKey::generate(KeyKind::kEd25519);
    return key;
  }
  static const SigningKey& token_key() {
    static const SigningKey key = *SigningKey::generate(KeyKind::kP256);
    return key;
  }
  static std::string vkey() { return NoteSigner::make("example.org/pawl/test", log_key())->vkey(); }
  static Options options() {
    Options options;
    options.origin = "example.org/pawl/test";
    options.segment_bytes = 128 * 1024;
    options.batch_wait = std::chrono::microseconds(0);
    return options;
  }
  // A record as Pawl writes it, signed by token_key().
  static std::string token(std::uint64_t number, std::string_view outcome = "confirmed") {
    const std::string payload =
        R"({"iss":"spiffe://example.org/pawl/test","aud":["spiffe://example.org/pawl/test/ledger"],)"
        R"("iat":1772064150,"exp":1772064750,"jti":")" +
        test_id(number).text() +
        R"(","exec_act":"tool.call","pred":[],"ect_ext":{"pawl.tool":{"outcome":")" +
        std::string(outcome) + R"("}}})";
    return *jose::sign(token_key(), "exec+jwt", token_key().public_key().thumbprint(), payload);
  }
  static Trust trust() {
    std::string jwk = token_key().public_key().to_jwk();
    jwk.insert(1, R"("kid":")" + token_key().public_key().thumbprint() + R"(",)");
    Trust trust;
    trust.log_vkey = vkey();
    trust.token_keys = *jose::JwkSet::parse(R"({"keys":[)" + jwk + "]}");
    return trust;
  }

  SteppedClock clock;
  std::vector<std::string> applied;
  std::string loaded;
  Recovery recovery;
  Options settings = options();

  Result<std::unique_ptr<Ledger>> open(Files& files, const SigningKey& key = log_key(),
                                       std::uint32_t fold_version = 1) {
    applied.clear();
    loaded.clear();
    return Ledger::open(
        files, "ledger", key, clock, [](std::function<void()> call) { call(); }, settings,
        fold_version,
        [this](std::string_view state) {
          loaded = state;
          return state != "refuse";
        },
        [this](std::uint64_t, std::string_view token) { applied.emplace_back(token); }, recovery);
  }
};

inline Result<EntryRef> append_entry_sync(Ledger& ledger, std::uint64_t number, std::string token,
                                          bool closes = false) {
  Waiter waiter;
  Result<EntryRef> result;
  ledger.append_entry({std::move(token), test_id(number), closes}, [&](Result<EntryRef> r) {
    result = std::move(r);
    waiter.arrive();
  });
  waiter.wait(1);
  return result;
}

inline Status append_intent_sync(Ledger& ledger, std::uint64_t number) {
  Waiter waiter;
  Status result;
  ledger.append_intent({test_id(number), R"({"n":)" + std::to_string(number) + "}"}, [&](Status s) {
    result = std::move(s);
    waiter.arrive();
  });
  waiter.wait(1);
  return result;
}

}  // namespace pawl::ledger
