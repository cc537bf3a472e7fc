// Records by id that the memory does not know any more: calls that are repeated after a restart,
// and parents that a token names.
//
// Threading:  the I/O thread. With keep() the index is kept up to date by another (see
//             indexed_records.h); without, it is brought up to date here, at most once a second, so
//             that ids made up by an agent cost little.
// Errors:     none to the caller: nullptr means not found, and the repeat is refused.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/config/config.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/indexed_records.h"
#include "base/clock.h"
#include "foundation/crypto/signing_key.h"
#include "gateway/kept_answers.h"
#include "infrastructure/store/record_index.h"

namespace pawl {

class RecordLookupIndex {
 public:
  RecordLookupIndex(Files& files, Clock& clock, DataFolder folder)
      : files_(files), clock_(clock), folder_(std::move(folder)) {}
  // Only a call of this agent: not what became of one, and no repeat of one. In
  // frozen logs only what their index has: it is never built here. What the index does not hold is
  // left empty: add_call() takes it from the record.
  std::unique_ptr<KeptAnswer> find(const std::string& agent, const Uuid& id);

  // Where a record stands in the log in use; not of one of the last second, or of a frozen log.
  std::optional<std::uint64_t> index_of(const Uuid& id);

  // Of one agent in the log in use, newest first. nullopt: without keep().
  std::optional<std::vector<store::RecordRow>> newest_of(const std::string& agent,
                                                         std::size_t most);

  // From now on, where tokens of others are taken, there are readers, or people sign in: all may
  // name any record of ours.
  void keep(const Config& config);
  // Parents among all records; before keep() none.
  RecordedTasks::Older older();
  // Whether those of before this start can be found now.
  std::function<bool()> ready();

  // The log in use was frozen as `number`: its index goes with it.
  void log_switched(std::uint64_t number);

 private:
  std::optional<store::RecordRow> row_of(const Uuid& id);
  std::optional<store::RecordRow> find_frozen(const Uuid& id);

  Files& files_;
  Clock& clock_;
  DataFolder folder_;
  std::unique_ptr<store::RecordIndex> index_;
  std::map<std::uint64_t, std::unique_ptr<store::RecordIndex>> frozen_;
  BootTime caught_up_{-1};
  std::unique_ptr<IndexedRecords> kept_;  // instead of the three before
};

// The protocol and the input that the record of a call names.
void add_call(KeptAnswer& kept, std::string_view token);

// A public key of the instance, P-256 or Ed25519, as a JWK Set.
std::string jwk_set_of(const PublicKey& key);

}  // namespace pawl
