#include "app/api/shown_proof.h"

#include "base/encoding.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/tlog_proof.h"

namespace pawl {

Result<json::Object> shown_record(const store::RecordRow& row, const std::string& token) {
  Result<jose::Jws> jws = jose::decode(token, token.size() + 1);
  if (!jws) {
    return fail(jws.error());
  }
  json::Object out = record_row_json(row);
  out["token"] = token;
  out["typ"] = jws->typ;
  out["kid"] = jws->kid;
  out["claims"] = std::move(jws->payload);
  return out;
}

Result<json::Object> shown_proof(const std::string& proof, const std::string& token) {
  const Result<ledger::TlogProof> read = ledger::parse_proof(proof);
  const Result<ledger::TreeHead> head =
      read ? ledger::read_checkpoint(read->checkpoint) : fail(read.error());
  if (!head) {
    return fail(head.error());
  }
  json::Array path;
  for (const Digest& hash : read->path) {
    path.emplace_back(digest_text(hash));
  }
  json::Object out{{"checkpoint", read->checkpoint},
                   {"index", read->index},
                   {"size", head->size},
                   {"leaf", base64url_encode(token)}};
  out["path"] = std::move(path);
  return out;
}

}  // namespace pawl
