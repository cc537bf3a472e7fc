#include "foundation/records/key_record_dialect.h"

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {

Result<std::optional<KeyRecord>> read_key_record_of(std::string_view typ, std::string_view exec_act,
                                                    const json::Value& payload) {
  const bool may_be_one = exec_act == kinds::kLedgerOpened ||
                          kinds::area(exec_act) == kinds::area(kinds::kKeyActivated);
  const json::Value* extension = may_be_one ? record_extension(typ, payload) : nullptr;
  if (typ != names::kTypEct00 || extension == nullptr) {
    return read_key_record(exec_act, payload);
  }
  json::Object renamed;
  renamed[names::kClaimEctExt] = json::Value(*extension, {});
  return read_key_record(exec_act, renamed);
}

}  // namespace pawl
