#include "foundation/ledger/token_check.h"

#include "foundation/ect/ect_core.h"
#include "foundation/jose/header_memo.h"
#include "foundation/records/key_record_dialect.h"
#include "foundation/records/kinds.h"
#include "foundation/records/outcome.h"
#include "foundation/records/record_claims.h"

namespace pawl::ledger {
namespace {

std::string outcome_of(const jose::Jws& jws, std::string_view act) {
  const std::string body = "pawl." + std::string(kinds::area(act));
  const auto outcome = text_in_extension(jws.typ, jws.payload, {body, "outcome"});
  if (!outcome) {
    return {};
  }
  return parse_outcome(*outcome) ? std::string(*outcome)
                                 : std::string(outcome_name(Outcome::kUnknown));
}

// The signature by the key that the token names.
void check_signature(const jose::Jws& jws, const Trust& trust, const KeyOfKid& keys,
                     TokenCheck& check) {
  const PublicKey* key = keys ? keys(jws.kid) : trust.token_keys.find(jws.kid);
  if (key == nullptr) {
    check.what = TokenCheck::What::kUnknown;
    check.reason = "the trust file has no token key with kid \"" + jws.kid + "\"";
    return;
  }
  static const std::vector<std::string> kAlgorithms = {"ES256"};
  if (Status valid = jose::verify(jws, *key, kAlgorithms); !valid) {
    const bool undecidable = valid.error().code == Code::kUndecidable;
    check.what = undecidable ? TokenCheck::What::kUnknown : TokenCheck::What::kBad;
    check.reason =
        undecidable ? "token signature could not be checked" : "token signature does not verify";
    return;
  }
  check.verified = true;
}

}  // namespace

TokenCheck check_token(std::string_view token, const std::optional<Uuid>& frame_id,
                       const Trust* trust, const KeyOfKid& keys, const EntryLook& look) {
  TokenCheck check;
  const auto bad = [&](std::string reason) {
    check.what = TokenCheck::What::kBad;
    check.reason = std::move(reason);
    return check;
  };
  thread_local jose::HeaderMemo memo;
  Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1, memo);
  if (!jws) {
    return bad("not a signed token: " + jws.error().message);
  }
  check.id = json::find_string(jws->payload, {"jti"}).value_or("");
  if (jws->kid.empty()) {
    return bad("missing_kid: the token names no key");
  }
  if (trust != nullptr) {
    check_signature(*jws, *trust, keys, check);
    if (check.what == TokenCheck::What::kBad) {
      return check;
    }
  }
  // Also when the key is not known: a contradiction is one whoever signed it.
  const Result<ect::Token> record = ect::read_core(*jws);
  if (!record) {
    return bad(record.error().message);
  }
  if (frame_id && record->claims.jti != *frame_id) {
    return bad("it stands under the id " + frame_id->text());
  }
  check.is_record = true;
  check.kid = jws->kid;
  check.iss = record->claims.iss;
  check.iat = record->claims.iat;
  Result<std::optional<KeyRecord>> key_record =
      read_key_record_of(jws->typ, record->claims.exec_act, jws->payload);
  if (!key_record) {
    return bad(key_record.error().message);
  }
  check.key_record = *std::move(key_record);
  check.outcome = outcome_of(*jws, record->claims.exec_act);
  check.picked = (look.picks && look.picks(record->claims.exec_act)) ||
                 (look.picks_content && look.picks_content(*jws));
  return check;
}

}  // namespace pawl::ledger
