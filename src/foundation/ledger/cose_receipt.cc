#include "foundation/ledger/cose_receipt.h"

#include <algorithm>
#include <utility>

#include "foundation/jose/jws.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/records/names.h"

namespace pawl::ledger {
namespace {

// RFC 9942, sections 2 and 4: in a receipt, and within its map of proofs.
constexpr std::int64_t kReceipts = 394, kVds = 395, kVdp = 396;
constexpr std::int64_t kRfc9162Sha256 = 1, kInclusion = -1;
constexpr std::int64_t kClaimIssuer = 1, kClaimSubject = 2;                       // RFC 8392
constexpr std::string_view kClaimSize = "pawl.size", kClaimIndex = "pawl.index";  // OURS
constexpr std::string_view kMediaPrefix = "application/";  // of a typ: RFC 7515, 4.1.9
constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kMostReceipts = 16;
constexpr std::size_t kMostHashes = 63;

tl::unexpected<Error> malformed(std::string what) {
  return fail(Code::kMalformed, std::move(what));
}

cbor::Value text(std::string value) {
  return {std::move(value)};
}
cbor::Value bytes(std::string value) {
  return {cbor::Bytes{std::move(value)}};
}

cbor::Map claims_of(const std::string& issuer, const std::string& subject) {
  return {{cbor::Value{kClaimIssuer}, text(issuer)}, {cbor::Value{kClaimSubject}, text(subject)}};
}

cbor::Member claims_header(cbor::Map claims) {
  return {cbor::Value{cose::kCwtClaims}, cbor::Value{std::move(claims)}};
}

// Both claims of a protected header, as texts.
Result<std::pair<std::string, std::string>> read_claims(const cose::Sign1& message) {
  const cbor::Value* claims = cbor::find(message.protected_header, cose::kCwtClaims);
  const cbor::Map* map = claims == nullptr ? nullptr : claims->get<cbor::Map>();
  const cbor::Value* issuer = map == nullptr ? nullptr : cbor::find(*map, kClaimIssuer);
  const cbor::Value* subject = map == nullptr ? nullptr : cbor::find(*map, kClaimSubject);
  if (issuer == nullptr || subject == nullptr || issuer->get<std::string>() == nullptr ||
      subject->get<std::string>() == nullptr) {
    return malformed("the protected header has no CWT claims (15) with issuer and subject");
  }
  return std::pair{*issuer->get<std::string>(), *subject->get<std::string>()};
}

std::optional<std::uint64_t> number_of(const cbor::Value& value) {
  const std::int64_t* number = value.get<std::int64_t>();
  return number != nullptr && *number >= 0 ? std::optional<std::uint64_t>(*number) : std::nullopt;
}

// Of the CWT claims, which are there.
std::optional<std::uint64_t> signed_number(const cose::Sign1& message, std::string_view name) {
  const cbor::Map& claims =
      *cbor::find(message.protected_header, cose::kCwtClaims)->get<cbor::Map>();
  const auto at = std::find_if(claims.begin(), claims.end(), [name](const cbor::Member& member) {
    const std::string* key = member.key.get<std::string>();
    return key != nullptr && *key == name;
  });
  return at == claims.end() ? std::nullopt : number_of(at->value);
}

Result<InclusionProof> read_proof(const cbor::Value& encoded) {
  const cbor::Bytes* inner = encoded.get<cbor::Bytes>();
  const Result<cbor::Item> item = inner != nullptr
                                      ? cbor::read(inner->bytes, {.form = cbor::Form::kAny})
                                      : malformed("an inclusion proof is a byte string");
  const cbor::Array* parts = item ? item->value.get<cbor::Array>() : nullptr;
  if (parts == nullptr || !item->tags.empty() || parts->size() != 3) {
    return malformed("an inclusion proof is an array of tree size, index and path");
  }
  const std::optional<std::uint64_t> size = number_of((*parts)[0]), index = number_of((*parts)[1]);
  const cbor::Array* path = (*parts)[2].get<cbor::Array>();
  if (!size || !index || path == nullptr || path->size() > kMostHashes) {
    return malformed("an inclusion proof has two numbers and at most 63 hashes");
  }
  InclusionProof out{*size, *index, {}};
  for (const cbor::Value& hash : *path) {
    const cbor::Bytes* digest = hash.get<cbor::Bytes>();
    Digest one;
    if (digest == nullptr || digest->bytes.size() != one.size()) {
      return malformed("a hash has 32 bytes");
    }
    std::copy(digest->bytes.begin(), digest->bytes.end(), one.begin());
    out.path.push_back(one);
  }
  return out;
}

// nullopt: of another data structure, or not of inclusion.
Result<std::optional<CoseReceipt>> read_receipt(const std::string& encoded) {
  Result<cose::Sign1> message = cose::decode(encoded, cbor::Form::kAny, kMostBytes);
  if (!message) {
    return malformed("receipt: " + message.error().message);
  }
  const cbor::Value* vds = cbor::find(message->protected_header, kVds);
  if (vds == nullptr || vds->get<std::int64_t>() == nullptr) {
    return malformed("receipt: the protected header has no vds (395)");
  }
  const cbor::Value* proofs = cbor::find(message->unprotected_header, kVdp);
  const cbor::Map* map = proofs == nullptr ? nullptr : proofs->get<cbor::Map>();
  if (map == nullptr) {
    return malformed("receipt: the unprotected header has no vdp (396)");
  }
  const cbor::Value* inclusion = cbor::find(*map, kInclusion);
  if (*vds->get<std::int64_t>() != kRfc9162Sha256 || inclusion == nullptr) {
    return std::nullopt;
  }
  const cbor::Array* list = inclusion->get<cbor::Array>();
  if (list == nullptr || list->size() != 1) {
    return malformed("receipt: expected one inclusion proof");
  }
  if (message->payload) {
    return malformed("receipt: the root is signed, and not carried");
  }
  const auto claims = read_claims(*message);
  Result<InclusionProof> proof = claims ? read_proof(list->front()) : fail(claims.error());
  if (!proof) {
    return fail_at("receipt", proof.error());
  }
  CoseReceipt out;
  out.origin = claims->first;
  out.subject = claims->second;
  out.signed_size = signed_number(*message, kClaimSize);
  out.signed_index = signed_number(*message, kClaimIndex);
  out.proof = *std::move(proof);
  out.message = *std::move(message);
  return out;
}

Status read_receipts(Statement& out) {
  const cbor::Value* receipts = cbor::find(out.message.unprotected_header, kReceipts);
  const cbor::Array* list = receipts == nullptr ? nullptr : receipts->get<cbor::Array>();
  if (receipts != nullptr && (list == nullptr || list->empty() || list->size() > kMostReceipts)) {
    return malformed("receipts (394) are an array of 1 to 16");
  }
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const cbor::Bytes* encoded = (*list)[i].get<cbor::Bytes>();
    Result<std::optional<CoseReceipt>> receipt =
        encoded != nullptr ? read_receipt(encoded->bytes) : malformed("a receipt is a byte string");
    if (!receipt) {
      return fail(receipt.error());
    }
    if (*receipt) {
      out.receipts.push_back(**std::move(receipt));
    }
  }
  return {};
}

}  // namespace

std::string statement_subject(std::string_view id) {
  return "urn:uuid:" + std::string(id);
}

Result<std::string> make_cose_receipt(const SigningKey& log_key, const ReceiptDraft& draft) {
  cbor::Array path;
  for (const Digest& hash : draft.path) {
    path.push_back(bytes(std::string(view(hash))));
  }
  Result<std::string> proof = cbor::write(cbor::Value{cbor::Array{
      cbor::integer(draft.size), cbor::integer(draft.index), cbor::Value{std::move(path)}}});
  if (!proof) {
    return proof;
  }
  cose::Draft message;
  cbor::Map claims = claims_of(draft.origin, draft.subject);
  claims.push_back({text(std::string(kClaimSize)), cbor::integer(draft.size)});
  claims.push_back({text(std::string(kClaimIndex)), cbor::integer(draft.index)});
  message.protected_header = {claims_header(std::move(claims)),
                              {cbor::Value{kVds}, cbor::Value{kRfc9162Sha256}}};
  message.unprotected_header = {
      {cbor::Value{kVdp},
       cbor::Value{cbor::Map{{cbor::Value{kInclusion}, cbor::Value{cbor::Array{bytes(*proof)}}}}}}};
  message.kid = log_key.public_key().thumbprint();
  message.payload = view(draft.root);
  message.is_detached = true;
  return cose::sign(log_key, message);
}

Result<ReceiptDraft> receipt_draft(std::string_view proof_text, std::string_view id) {
  Result<TlogProof> proof = parse_proof(proof_text);
  Result<TreeHead> head = proof ? read_checkpoint(proof->checkpoint) : fail(proof.error());
  if (!head) {
    return fail(head.error());
  }
  return ReceiptDraft{head->origin, statement_subject(id),  head->size,
                      proof->index, std::move(proof->path), head->root};
}

std::string entry_media_type(std::string_view entry) {
  const Result<jose::Jws> jws = jose::decode(std::string(entry), entry.size() + 1);
  return std::string(kMediaPrefix).append(jws ? jws->typ : names::kTypEct01);
}

Result<std::string> make_statement(const SigningKey& key, const StatementDraft& draft) {
  cbor::Array receipts;
  for (const std::string& receipt : draft.receipts) {
    receipts.push_back(bytes(receipt));
  }
  cose::Draft message;
  message.protected_header = {
      {cbor::Value{cose::kContentType}, text(entry_media_type(draft.entry))},
      claims_header(claims_of(draft.issuer, draft.subject))};
  message.unprotected_header = {{cbor::Value{kReceipts}, cbor::Value{std::move(receipts)}}};
  message.kid = draft.kid;
  message.payload = draft.entry;
  return cose::sign(key, message);
}

Result<Statement> read_statement(std::string_view encoded) {
  Statement out;
  Result<cose::Sign1> message = cose::decode(encoded, cbor::Form::kAny, kMostBytes);
  if (!message) {
    return malformed("statement: " + message.error().message);
  }
  if (!message->payload) {
    return malformed("statement: the payload is detached");
  }
  const auto claims = read_claims(*message);
  if (!claims) {
    return fail_at("statement", claims.error());
  }
  out.message = *std::move(message);
  out.issuer = claims->first;
  out.subject = claims->second;
  out.entry = *out.message.payload;
  const cbor::Value* type = cbor::find(out.message.protected_header, cose::kContentType);
  const std::string* media = type == nullptr ? nullptr : type->get<std::string>();
  if (type != nullptr && (media == nullptr || *media != entry_media_type(out.entry))) {
    return malformed("statement: its content type (3) is not that of the record in it");
  }
  if (Status receipts = read_receipts(out); !receipts) {
    return fail_at("statement", receipts.error());
  }
  return out;
}

bool looks_like_statement(std::string_view encoded) {
  const Result<cose::Sign1> message = cose::decode(encoded, cbor::Form::kAny, kMostBytes);
  return message && (cbor::find(message->protected_header, cose::kCwtClaims) != nullptr ||
                     cbor::find(message->unprotected_header, kReceipts) != nullptr);
}

}  // namespace pawl::ledger
