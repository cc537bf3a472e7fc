#include "foundation/ledger/compromise_check.h"

#include "foundation/keys/compromise.h"
#include "foundation/records/names.h"

namespace pawl::ledger {
namespace {

constexpr std::int64_t kSkewSeconds = 30;

CompromiseCheck bad(std::string why) {
  return {Verdict::kBad, std::move(why)};
}

CompromiseCheck check_signature(const jose::Jws& jws, const Trust& trust) {
  const PublicKey* key = trust.operator_keys.find(jws.kid);
  if (key == nullptr) {
    return {Verdict::kUnknown,
            "whether the operator signed the compromise: the trust file has no operator key with "
            "kid \"" +
                jws.kid + "\""};
  }
  if (const Status valid = jose::verify(jws, *key, {std::string(names::kAlgEs256)}); !valid) {
    return {valid.error().code == Code::kUndecidable ? Verdict::kUnknown : Verdict::kBad,
            "the operator's signature does not verify"};
  }
  return {};
}

}  // namespace

CompromiseCheck check_compromise(const KeyRecord& record, const std::string& iss, std::int64_t iat,
                                 const Trust* trust) {
  if (record.statement.empty()) {
    return bad("no operator signed it");
  }
  const Result<jose::Jws> jws = jose::decode(record.statement, kMaxCompromiseBytes);
  const Result<Compromise> said = jws ? read_compromise(*jws) : fail(jws.error());
  if (!said) {
    return bad("the operator's statement is no signed compromise: " + said.error().message);
  }
  if (said->audience != iss) {
    return bad("the operator's statement was made for another instance");
  }
  if (said->kid != record.kid || said->since_s != record.since_s || said->next != record.next ||
      said->reason != record.reason) {
    return bad("the operator signed another key, time, next key or reason");
  }
  if (jws->kid.empty() || jws->kid != record.operator_kid) {
    return bad("another operator signed it than the record says");
  }
  if (iat < said->iat - kSkewSeconds) {
    return bad("it was recorded before the operator signed it");
  }
  return trust == nullptr ? CompromiseCheck{} : check_signature(*jws, *trust);
}

}  // namespace pawl::ledger
