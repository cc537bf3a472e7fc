#include "operators/override/compromise_wire.h"

#include "foundation/records/names.h"
#include "operators/override/override_wire.h"
#include "path/plugged.h"

namespace pawl::override_ {

Result<VerifiedCompromise> verify_compromise(const std::string& token, const Keystore& keys,
                                             std::string_view audience, WallTime now) {
  Result<Signed> opened = open_signed(token, names::kTypCompromise, keys);
  Result<Compromise> said = opened ? read_compromise(opened->jws) : fail(opened.error());
  if (!said) {
    return fail(said.error());
  }
  if (said->audience != audience && plugged(ControlId::kStatementAudience)) {
    return fail(Code::kTokenInvalid, "compromise: made for another instance");
  }
  if (Status fresh = check_statement_time(said->iat, said->exp, now);
      !fresh && plugged(ControlId::kStatementTime)) {
    return fail(fresh.error());
  }
  return VerifiedCompromise{*std::move(said), opened->operator_name, opened->jws.kid, token};
}

}  // namespace pawl::override_
