#include "foundation/ledger/jws_receipt.h"

#include <utility>

#include "base/encoding.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/ledger/token_check.h"
#include "foundation/records/names.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kMaxBytes = 1u << 20;

Result<std::string> text_of(const json::Value& payload, std::string_view name) {
  const auto found = json::find_string(payload, {name});
  return found ? Result<std::string>(std::string(*found))
               : fail(Code::kTokenInvalid,
                      "the receipt has no " + std::string(name) + ", or one that is no text");
}

Result<std::uint64_t> number_of(const json::Value& payload, std::string_view name) {
  const json::Value* found = json::find(payload, {name});
  if (found == nullptr || !found->is_int64() || found->get_int64() < 0) {
    return fail(Code::kTokenInvalid, "the receipt has no " + std::string(name) +
                                         ", or one that is no whole number from 0");
  }
  return static_cast<std::uint64_t>(found->get_int64());
}

}  // namespace

std::string receipt_entry_hash(std::string_view entry) {
  return base64url_encode(view(sha256(entry)));
}

Result<std::string> make_jws_receipt(const SigningKey& key, const JwsReceiptDraft& draft) {
  const TokenCheck record = check_token(draft.entry, std::nullopt, nullptr);
  if (!record.is_record) {
    return fail(Code::kMalformed, "no record, so no receipt: " + record.reason);
  }
  const Result<TlogProof> proof = parse_proof(draft.proof);
  const Result<TreeHead> head = proof ? read_checkpoint(proof->checkpoint) : fail(proof.error());
  if (!head) {
    return fail(head.error());
  }
  if (!check_inclusion(hash_leaf(draft.entry), proof->index, head->size, proof->path, head->root)) {
    return fail(Code::kConflict, "the proof is of another entry");
  }
  return jose::sign(key, names::kTypReceipt, draft.kid,
                    json::print(json::Object{{names::kExtProfile, names::kProfileUri},
                                             {names::kClaimIss, record.iss},
                                             {names::kClaimJti, record.id},
                                             {names::kRcptLedger, head->origin},
                                             {names::kRcptSeq, proof->index},
                                             {names::kRcptEntry, receipt_entry_hash(draft.entry)},
                                             {names::kRcptAt, record.iat},
                                             {names::kRcptProof, draft.proof}}));
}

Result<JwsReceipt> read_jws_receipt(std::string_view text) {
  Result<jose::Jws> jws = jose::decode(std::string(text), kMaxBytes);
  if (!jws) {
    return fail(jws.error());
  }
  if (jws->typ != names::kTypReceipt) {
    return fail(Code::kTokenInvalid,
                "its type is \"" + jws->typ + "\"; expected " + std::string(names::kTypReceipt));
  }
  const auto profile = json::find_string(jws->payload, {names::kExtProfile});
  if (profile != names::kProfileUri) {
    return fail(Code::kUnsupported, "its " + std::string(names::kExtProfile) + " is \"" +
                                        std::string(profile.value_or("")) + "\"; expected " +
                                        std::string(names::kProfileUri));
  }
  JwsReceipt out;
  for (const auto& [member, name] :
       {std::pair{&out.iss, names::kClaimIss}, std::pair{&out.jti, names::kClaimJti},
        std::pair{&out.ledger, names::kRcptLedger}, std::pair{&out.entry_hash, names::kRcptEntry},
        std::pair{&out.proof, names::kRcptProof}}) {
    Result<std::string> found = text_of(jws->payload, name);
    if (!found) {
      return fail(found.error());
    }
    *member = *std::move(found);
  }
  const Result<std::uint64_t> seq = number_of(jws->payload, names::kRcptSeq);
  const Result<std::uint64_t> at = number_of(jws->payload, names::kRcptAt);
  if (!seq || !at) {
    return fail(seq ? at.error() : seq.error());
  }
  out.seq = *seq;
  out.recorded_at = static_cast<std::int64_t>(*at);
  out.jws = *std::move(jws);
  return out;
}

bool looks_like_jws_receipt(std::string_view text) {
  const std::size_t dot = text.find('.');
  const Result<std::string> header = dot == std::string_view::npos
                                         ? fail(Code::kMalformed, "no JWS")
                                         : base64url_decode(text.substr(0, dot));
  const Result<json::Parsed> parsed = header ? json::parse(*header) : fail(header.error());
  return parsed && json::find_string(parsed->value, {"typ"}) == names::kTypReceipt;
}

}  // namespace pawl::ledger
