#include "app/daemon/record_lookup.h"

#include "app/daemon/trusted_tokens.h"
#include "base/log.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

constexpr std::int64_t kCatchUpEveryUs = 1'000'000;

}  // namespace

void RecordLookupIndex::keep(const Config& config) {
  if (takes_tokens_of_others(config) || !config.readers.empty() || config.sign_in) {
    kept_ = std::make_unique<IndexedRecords>(files_, folder_);
  }
}

IndexedRecords& RecordLookupIndex::keep_now() {
  if (kept_ == nullptr) {
    index_.reset();
    frozen_.clear();
    kept_ = std::make_unique<IndexedRecords>(files_, folder_);
  }
  return *kept_;
}

std::function<std::unique_ptr<KeptAnswer>(const std::string& agent, const Uuid& id)>
RecordLookupIndex::for_repeats(std::function<const ledger::Ledger&()> ledger) {
  return [this, ledger = std::move(ledger)](const std::string& agent, const Uuid& id) {
    std::unique_ptr<KeptAnswer> found = find(agent, id);
    if (found && found->index) {
      const Result<std::string> token = ledger().entry(*found->index);
      add_call(*found, token ? *token : std::string());
    }
    return found;
  };
}

RecordedTasks::Older RecordLookupIndex::older() {
  return [this](const Uuid& id) { return kept_ ? kept_->look_up(id) : std::nullopt; };
}

std::function<bool()> RecordLookupIndex::ready() {
  return [this] { return kept_ && kept_->ready(); };
}

std::optional<store::RecordRow> RecordLookupIndex::row_of(const Uuid& id) {
  if (kept_ != nullptr) {
    return kept_->find(id);
  }
  if (index_ == nullptr) {
    Result<std::unique_ptr<store::RecordIndex>> opened =
        store::RecordIndex::open(files_, folder_.index());
    if (!opened) {
      log(LogLevel::kError, "record_index", {{"reason", opened.error().message}});
      return std::nullopt;
    }
    index_ = *std::move(opened);
  }
  const BootTime now = clock_.boot();
  if (caught_up_.us < 0 || now.us - caught_up_.us > kCatchUpEveryUs) {
    caught_up_ = now;
    if (Status done = index_->catch_up(files_, folder_.ledger()); !done) {
      log(LogLevel::kError, "record_index", {{"reason", done.error().message}});
    }
  }
  Result<std::optional<store::RecordRow>> row = index_->find(id);
  return row && !*row ? find_frozen(id) : row.value_or(std::nullopt);
}

std::optional<std::uint64_t> RecordLookupIndex::index_of(const Uuid& id) {
  const std::optional<store::RecordRow> row = row_of(id);
  return row && row->log == 0 ? std::optional(row->index) : std::nullopt;
}

std::optional<std::vector<store::RecordRow>> RecordLookupIndex::newest_of(const std::string& agent,
                                                                          std::size_t most) {
  return kept_ != nullptr ? std::optional(kept_->newest_of(agent, most)) : std::nullopt;
}

std::unique_ptr<KeptAnswer> RecordLookupIndex::find(const std::string& agent, const Uuid& id) {
  const std::optional<store::RecordRow> row = row_of(id);
  if (!row || row->agent != agent || row->verb.empty() || row->kind == kinds::kTaskRepeated ||
      row->kind == kinds::kTaskOutcome) {
    return nullptr;
  }
  auto out = std::make_unique<KeptAnswer>();
  out->record = id;
  out->verb = row->verb;
  out->server = row->server;
  out->tool = row->tool;
  if (const Result<Uuid> workflow = Uuid::parse(row->workflow)) {
    out->workflow = *workflow;
  }
  if (row->log == 0) {
    out->index = row->index;
  } else {
    // Best effort: a call of which this cannot be read is the same as no other.
    (void)ledger::walk(files_, ledger::frozen_folder(folder_.root, row->log),
                       {.entry =
                            [&](std::uint64_t, std::string_view token) {
                              add_call(*out, token);
                              return false;
                            },
                        .intent = {},
                        .checkpoint = {}},
                       row->index);
  }
  out->outcome = outcome_shown_as(row->outcome);
  return out;
}

std::optional<store::RecordRow> RecordLookupIndex::find_frozen(const Uuid& id) {
  std::vector<std::uint64_t> logs = ledger::frozen_logs(files_, folder_.root);
  for (; !logs.empty(); logs.pop_back()) {
    std::unique_ptr<store::RecordIndex>& index = frozen_[logs.back()];
    const std::string path = ledger::frozen_folder(folder_.root, logs.back()) + "/index.sqlite";
    if (index == nullptr && files_.exists(path)) {
      index = store::RecordIndex::open(files_, path).value_or(nullptr);
    }
    const auto row =
        index != nullptr ? index->find(id) : Result<std::optional<store::RecordRow>>(std::nullopt);
    if (row && *row) {
      store::RecordRow found = **row;
      found.log = logs.back();
      return found;
    }
  }
  return std::nullopt;
}

void RecordLookupIndex::log_switched(std::uint64_t number) {
  if (kept_ != nullptr) {
    kept_->log_switched(number);
    return;
  }
  const std::string to = ledger::frozen_folder(folder_.root, number);
  if (index_ != nullptr) {
    if (Status done = index_->catch_up(files_, to); !done) {
      log(LogLevel::kError, "record_index", {{"reason", done.error().message}});
    }
    index_.reset();
  }
  // Best effort: without it the commands build one, and repeats are refused.
  (void)files_.rename(folder_.root + "/index.sqlite", to + "/index.sqlite");
  caught_up_ = BootTime{-1};
}

void add_call(KeptAnswer& kept, std::string_view token) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  if (!jws) {
    return;
  }
  const std::string area =
      std::string(names::kExtPrefix) +
      std::string(
          kinds::area(json::find_string(jws->payload, {names::kClaimExecAct}).value_or("")));
  kept.inp_hash = json::find_string(jws->payload, {names::kClaimInpHash}).value_or("");
  const auto salted = [&](std::string_view name) {
    return std::string(
        text_in_extension(jws->typ, jws->payload, {names::kExtSalted, name}).value_or(""));
  };
  kept.salted_input = {salted(names::kSaltedKey), salted(names::kSaltedInp)};
  kept.protocol = text_in_extension(jws->typ, jws->payload, {area, "protocol"}).value_or("");
}

std::string jwk_set_of(const PublicKey& key) {
  std::string jwk = key.to_jwk();
  const char* alg = key.kind() == KeyKind::kEd25519 ? "EdDSA" : "ES256";
  jwk.insert(
      1, "\"kid\":" + json::quote(key.thumbprint()) + ",\"alg\":\"" + alg + "\",\"use\":\"sig\",");
  return "{\"keys\":[" + jwk + "]}\n";
}

}  // namespace pawl
