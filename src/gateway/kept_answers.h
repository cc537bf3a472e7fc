// Answers kept for a repeat of the same call (design, section 2: idempotency).
//
// Purpose:    a client's repeat that names our record id is not forwarded again: it gets the kept
//             answer while there is room, else the recorded outcome.
// Threading:  the I/O thread.
// Soft state: bounded in count and bytes, oldest first out; empty after a restart (a repeat is then
//             answered from the ledger by its record id, never forwarded).
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/uuid.h"
#include "foundation/records/outcome.h"

namespace pawl {

// What is known of a call that was made.
struct KeptAnswer {
  Uuid record;
  Outcome outcome = Outcome::kUnknown;
  std::string answer{};  // empty when only the outcome is known
  bool success = false;
  // What was called; inp_hash is empty when only the ledger's index knows the call.
  std::string verb{}, server{}, tool{}, inp_hash{};
};

struct KeptLimits {
  std::size_t max_count = 10'000;
  std::size_t max_bytes = 16u << 20;
  std::size_t max_answer_bytes = 256u << 10;  // a larger answer keeps only its outcome
};

class KeptAnswers {
 public:
  explicit KeptAnswers(KeptLimits limits) : limits_(limits) {}
  void keep(const std::string& agent, KeptAnswer kept);
  // Only for the agent that made the call.
  const KeptAnswer* find(const std::string& agent, const Uuid& id) const;

 private:
  struct Entry {
    std::string agent;
    KeptAnswer kept;
  };
  KeptLimits limits_;
  std::size_t bytes_ = 0;
  std::list<Entry> order_;  // oldest first
  std::unordered_map<Uuid, std::list<Entry>::iterator> by_id_;
};

}  // namespace pawl
