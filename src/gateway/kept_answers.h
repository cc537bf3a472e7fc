// Answers kept for a repeat of the same call (design, section 2: idempotency).
//
// Purpose:    a client's repeat that names our record id is not forwarded again: it gets the kept
//             answer while there is room, else the recorded outcome. An answer is kept when it may
//             be given again (Answer::repeatable) and was released.
// Threading:  the I/O thread.
// Soft state: bounded in count and bytes, oldest first out; empty after a restart (a repeat is then
//             answered from the ledger by its record id, never forwarded).
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "base/uuid.h"
#include "foundation/records/outcome.h"
#include "gateway/salted_digests.h"

namespace pawl {

// What is known of a call that was made.
struct KeptAnswer {
  Uuid record;
  Outcome outcome = Outcome::kUnknown;
  std::string answer{};  // empty when only the outcome is known
  bool success = false;
  // What was called. Without inp_hash, or its salted form, nobody can say that a call is the same.
  std::string verb{}, server{}, tool{}, protocol{}, inp_hash{};
  SaltedDigest salted_input{};  // as its record has it
  std::optional<Uuid> workflow{};
  std::optional<std::uint64_t> index{};  // of its record in the log in use, when it is known
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
  // To what is kept of this call, if it still is.
  void add_answer(const Uuid& id, const std::string& answer, bool success);
  // Only for the agent that made the call.
  const KeptAnswer* find(const std::string& agent, const Uuid& id) const;

 private:
  struct Entry {
    std::string agent;
    KeptAnswer kept;
  };
  void make_room();

  KeptLimits limits_;
  std::size_t bytes_ = 0;
  std::list<Entry> order_;  // oldest first
  boost::unordered_flat_map<Uuid, std::list<Entry>::iterator, std::hash<Uuid>> by_id_;
};

}  // namespace pawl
