#include "foundation/ledger/pruned_record.h"

#include "foundation/jose/jws.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl::ledger {

Result<PrunedRecord> read_pruned_record(std::string_view token) {
  const auto none = [] { return fail(Code::kBadSignature, "not a record ledger.pruned"); };
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  if (!jws || json::find_string(jws->payload, {names::kClaimExecAct}) != kinds::kLedgerPruned ||
      text_in_extension(jws->typ, jws->payload, {names::kExtProfile}) != names::kProfileUri) {
    return none();
  }
  const std::string member = std::string(names::kExtPrefix) + "ledger";
  const json::Value* minimum = in_extension(jws->typ, jws->payload, {member, names::kBodyMinimum});
  const auto hash = text_in_extension(jws->typ, jws->payload, {member, names::kBodyKeptHash});
  const json::Value* iat = json::find(jws->payload, {names::kClaimIat});
  const Result<Uuid> id =
      Uuid::parse(json::find_string(jws->payload, {names::kClaimJti}).value_or(""));
  if (minimum == nullptr || !minimum->is_int64() || minimum->get_int64() <= 0 || !hash || !id ||
      iat == nullptr || !iat->is_int64()) {
    return none();
  }
  return PrunedRecord{*id, iat->get_int64(), static_cast<std::uint64_t>(minimum->get_int64()),
                      std::string(*hash)};
}

Result<PrunedRecord> check_pruned(std::string_view token, const Pruned& pruned) {
  const Minimum& minimum = pruned.minimum;
  Result<PrunedRecord> said = read_pruned_record(token);
  if (!said || said->id != minimum.record || said->minimum != minimum.index) {
    return fail(Code::kBadSignature,
                "entries below " + std::to_string(minimum.index) + " are not there, and entry " +
                    std::to_string(minimum.record_index) +
                    ", which the file minimum names, does not say that they were pruned");
  }
  if (said->kept_hash != pruned.kept_hash) {
    return fail(Code::kBadSignature, "the entries that were kept below " +
                                         std::to_string(minimum.index) + " are not those that " +
                                         "record " + minimum.record.text() + " names");
  }
  return said;
}

}  // namespace pawl::ledger
