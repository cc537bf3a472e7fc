#include "gateway/folded_keys.h"

#include "foundation/records/key_record_dialect.h"
#include "foundation/records/kinds.h"

namespace pawl {

bool FoldedKeys::has(std::string_view kind) {
  return kind == kinds::kLedgerOpened || kind == kinds::kKeyActivated ||
         kind == kinds::kKeyRetired || kind == kinds::kKeyCompromised;
}

void FoldedKeys::apply(const FoldedRecord& record) {
  const Result<std::optional<KeyRecord>> read =
      read_key_record_of(record.typ, record.kind, record.claims);
  if (!read || !*read) {
    return;
  }
  const std::string signer(record.kid);
  const Status applied = (*read)->what == KeyRecord::What::kOpened
                             ? keys.begin(signer, record.iat)
                             : keys.apply(record.index, signer, record.iat, **read);
  (void)applied;
}

void FoldedKeys::print_to(json::Object& out) const {
  out["keys"] = keys.print();
}

Result<FoldedKeys> FoldedKeys::read(const json::Value& state) {
  Result<KeyValidity> read = KeyValidity::read(json::find(state, {"keys"}));
  return read ? Result<FoldedKeys>(FoldedKeys{*std::move(read)})
              : Result<FoldedKeys>(fail(read.error()));
}

}  // namespace pawl
