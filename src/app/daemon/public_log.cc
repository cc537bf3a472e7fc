#include "app/daemon/public_log.h"

#include "app/daemon/record_lookup.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxAnswer = 64 * 1024;  // of a witness

}  // namespace

Result<PublicFace> open_public_face(PublicFaceParts parts) {
  const auto ledger = [&governance = parts.governance]() -> const ledger::Ledger& {
    return governance.ledger();
  };
  Result<std::unique_ptr<WitnessedLog>> log =
      WitnessedLog::open({parts.files, parts.clock, parts.config, std::move(parts.folder), ledger,
                          [&pool = parts.pool](http::ClientRequest request,
                                               std::function<void(Result<http::Response>)> done) {
                            pool.fetch(std::move(request), std::move(done), kMaxAnswer);
                          }});
  if (!log) {
    return fail(log.error());
  }
  PublicFace face{*std::move(log), nullptr};
  const Keystore& keys = parts.governance.keys();
  face.api = std::make_unique<PublicApi>(
      PublicLog{ledger, [log = face.log.get()] { return log->checkpoint(); },
                [log = face.log.get()](std::uint64_t index) { return log->receipt(index); },
                face.log->retry_after_s()},
      [&record_keys = parts.governance.record_keys()] { return record_keys.jwk_set(); },
      jwk_set_of(keys.log_key().public_key()));
  return face;
}

}  // namespace pawl
