#include "app/daemon/public_log.h"

#include "app/daemon/record_lookup.h"
#include "foundation/ledger/cose_receipt.h"
#include "foundation/ledger/jws_receipt.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxAnswer = 64 * 1024;  // of a witness

std::unique_ptr<EntriesApi> entries_for(const Config& config, EntryDesk& desk,
                                        std::function<const ledger::Ledger&()> ledger,
                                        std::string folder) {
  std::vector<EntriesApi::Reader> readers;
  readers.reserve(config.readers.size());
  for (const ReaderConfig& reader : config.readers) {
    readers.push_back({reader.id, reader.key});
  }
  return std::make_unique<EntriesApi>(
      std::move(readers), [&desk, ledger = std::move(ledger), folder = std::move(folder)](
                              const ledger::TileName& name, const EntriesApi::Done& done) {
        const std::string log = ledger().vkey();
        desk.ask({log, folder, ledger().size()}, name,
                 [ledger, log, done](Result<std::string> bundle) {
                   // Read while the next log came into its place: nobody knows of which.
                   done(ledger().vkey() == log
                            ? std::move(bundle)
                            : fail(Code::kOverloaded, "another log is in use now; ask again"));
                 });
      });
}

}  // namespace

void PublicFace::gauges(Metrics& metrics) const {
  log->gauges(metrics);
  const EntriesApi::Counters& counters = api->entries().counters();
  metrics.set_gauge("entry_bundles_read", static_cast<double>(counters.read));
  metrics.set_gauge("entry_readers_refused", static_cast<double>(counters.refused));
}

std::function<std::string(const RecordRef&)> receipts_of(const PublicFace& face,
                                                         const Keystore& keys) {
  return [&face, &keys](const RecordRef& record) {
    const Result<std::string> proof = face.log->receipt(record.index);
    return proof ? ledger::make_jws_receipt(keys.instance_key(),
                                            {keys.instance_kid(), record.token, *proof})
                       .value_or("")
                 : "";
  };
}

// The receipt of a record that stands in the log in use.
Result<std::string> cose_receipt_of(const WitnessedLog& log, const Keystore& keys,
                                    RecordLookupIndex& lookup, const Uuid& id) {
  const std::optional<std::uint64_t> index = lookup.index_of(id);
  const Result<std::string> proof =
      index ? log.receipt(*index)
            : fail(Code::kNotFound,
                   "no record " + id.text() +
                       " stands in the log in use; one of the last second is found a second later");
  const Result<ledger::ReceiptDraft> draft =
      proof ? ledger::receipt_draft(*proof, id.text()) : fail(proof.error());
  return draft ? ledger::make_cose_receipt(keys.log_key(), *draft) : fail(draft.error());
}

std::unique_ptr<ScittApi> scitt_for(const PublicFace& face, const EntriesApi& entries,
                                    const Keystore& keys, RecordLookupIndex& lookup) {
  return std::make_unique<ScittApi>(ScittApi::Parts{
      keys.log_key().public_key(),
      [&entries](const http::Request& request) { return entries.is_reader(request); },
      [log = face.log.get(), &keys, &lookup](const Uuid& id) {
        return cose_receipt_of(*log, keys, lookup, id);
      },
      face.log->retry_after_s()});
}

Result<PublicFace> open_public_face(PublicFaceParts parts) {
  const auto ledger = [&governance = parts.governance]() -> const ledger::Ledger& {
    return governance.ledger();
  };
  const std::string log_folder = parts.folder.ledger();
  Result<std::unique_ptr<WitnessedLog>> log =
      WitnessedLog::open({parts.files, parts.clock, parts.config, std::move(parts.folder), ledger,
                          [&pool = parts.pool](http::ClientRequest request,
                                               std::function<void(Result<http::Response>)> done) {
                            pool.fetch(std::move(request), std::move(done), kMaxAnswer);
                          }});
  if (!log) {
    return fail(log.error());
  }
  PublicFace face{*std::move(log), std::make_unique<EntryDesk>(parts.files, parts.scheduler),
                  nullptr};
  const Keystore& keys = parts.governance.keys();
  std::unique_ptr<EntriesApi> entries = entries_for(parts.config, *face.desk, ledger, log_folder);
  std::unique_ptr<ScittApi> scitt = scitt_for(face, *entries, keys, parts.lookup);
  face.api = std::make_unique<PublicApi>(
      PublicLog{ledger, [log = face.log.get()] { return log->checkpoint(); },
                [log = face.log.get()](std::uint64_t index) { return log->receipt(index); },
                face.log->retry_after_s()},
      std::move(entries), std::move(scitt),
      [&record_keys = parts.governance.record_keys()] { return record_keys.jwk_set(); },
      jwk_set_of(keys.log_key().public_key()));
  return face;
}

}  // namespace pawl
