#include "foundation/signer/signable.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "foundation/cose/cbor.h"
#include "foundation/cose/sign1.h"
#include "foundation/ect/ect_core.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/cose_receipt.h"
#include "foundation/ledger/jws_receipt.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/snapshot.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl::signer {
namespace {

constexpr std::string_view kNoSignature = ".AA";  // in place of the one that is asked for
constexpr std::string_view kSizeClaim = "pawl.size";
constexpr std::int64_t kCoseEs256 = -7;                      // RFC 9053
constexpr std::int64_t kClaimIssuer = 1, kClaimSubject = 2;  // RFC 8392

tl::unexpected<Error> refused(std::string what) {
  return fail(Code::kForbidden, "the signer: " + std::move(what));
}

// Its form, its issuer and its kind; not its time and not its signature.
Result<ect::Token> own_record(const jose::Jws& jws, const Signable::Instance& instance) {
  Result<ect::Token> token = ect::read_core(jws);
  if (!token) {
    return refused("no record: " + token.error().message);
  }
  const ect::Claims& claims = token->claims;
  if (claims.iss != instance.issuer) {
    return refused("a record of " + claims.iss + "; expected " + instance.issuer);
  }
  const std::string_view ext = jws.typ == names::kTypEct00 ? names::kClaimExt : names::kClaimEctExt;
  if (!kinds::is_known(claims.exec_act) ||
      json::find_string(jws.payload, {ext, names::kExtProfile}) != names::kProfileUri) {
    return refused("\"" + claims.exec_act + "\" is no kind of record of profile " +
                   std::string(names::kProfileUri));
  }
  return token;
}

Status check_jws_receipt(const jose::Jws& jws, const Signable::Instance& instance) {
  const Result<ledger::JwsReceipt> receipt = ledger::read_jws_receipt(jws.compact);
  if (!receipt) {
    return refused("no receipt: " + receipt.error().message);
  }
  const Result<std::string> vkey = ledger::vkey_of(receipt->ledger, instance.log_key);
  const Result<ledger::VerifierKey> key =
      vkey ? ledger::VerifierKey::parse(*vkey) : fail(vkey.error());
  const Result<ledger::TlogProof> proof = ledger::parse_proof(receipt->proof);
  if (!key || !proof || !ledger::open_checkpoint(proof->checkpoint, *key) ||
      receipt->iss != instance.issuer || receipt->seq != proof->index) {
    return refused("a receipt whose proof is not of this instance's log");
  }
  return {};
}

// What a COSE_Sign1 signs (RFC 9052, 4.4), or nullopt.
struct SigStructure {
  cbor::Map header;
  std::string payload;
};
std::optional<SigStructure> sig_structure(std::string_view message) {
  const Result<cbor::Item> item = cbor::read(message, {.max_bytes = 1 << 20});
  const cbor::Array* parts = item ? item->value.get<cbor::Array>() : nullptr;
  if (parts == nullptr || !item->tags.empty() || parts->size() != 4 ||
      parts->front() != cbor::Value{std::string("Signature1")}) {
    return std::nullopt;
  }
  const cbor::Bytes* header = (*parts)[1].get<cbor::Bytes>();
  const cbor::Bytes* aad = (*parts)[2].get<cbor::Bytes>();
  const cbor::Bytes* payload = (*parts)[3].get<cbor::Bytes>();
  if (header == nullptr || aad == nullptr || !aad->bytes.empty() || payload == nullptr) {
    return std::nullopt;
  }
  const Result<cbor::Item> map = cbor::read(header->bytes);
  const cbor::Map* members = map ? map->value.get<cbor::Map>() : nullptr;
  return members != nullptr ? std::optional(SigStructure{*members, payload->bytes}) : std::nullopt;
}

const cbor::Map* claims_of(const cbor::Map& header) {
  const cbor::Value* claims = cbor::find(header, cose::kCwtClaims);
  return claims != nullptr ? claims->get<cbor::Map>() : nullptr;
}

bool says(const cbor::Map& header, std::int64_t label, const cbor::Value& expected) {
  const cbor::Value* found = cbor::find(header, label);
  return found != nullptr && *found == expected;
}

// What make_statement() puts into the protected header over this entry, and nothing else.
bool is_header_of(const cbor::Map& header, const jose::Jws& entry, const ect::Claims& claims,
                  const Signable::Instance& instance) {
  const cbor::Map names = {
      {cbor::Value{kClaimIssuer}, cbor::Value{claims.iss}},
      {cbor::Value{kClaimSubject}, cbor::Value{ledger::statement_subject(claims.jti.text())}}};
  return header.size() == 4 && says(header, cose::kAlg, cbor::Value{kCoseEs256}) &&
         says(header, cose::kContentType, cbor::Value{ledger::entry_media_type(entry.compact)}) &&
         says(header, cose::kKid, cbor::Value{cbor::Bytes{instance.kid}}) &&
         says(header, cose::kCwtClaims, cbor::Value{names});
}

// By the record key, or one that it followed.
Status check_own_signature(const jose::Jws& record, const Signable::Instance& instance) {
  const auto former = instance.former_keys.find(record.kid);
  const bool is_former = former != instance.former_keys.end();
  if (record.kid != instance.kid && !is_former) {
    return refused("a statement over a record by the key \"" + record.kid +
                   "\", which is not among this signer's keys");
  }
  return jose::verify(record, is_former ? former->second : instance.record_key,
                      {std::string(names::kAlgEs256)})
             ? Status{}
             : Status(refused("a statement over a record that this instance did not sign"));
}

Status check_statement(const SigStructure& statement, const Signable::Instance& instance) {
  const Result<jose::Jws> record = jose::decode(statement.payload);
  const Result<ect::Token> token = record ? own_record(*record, instance) : fail(record.error());
  if (!token) {
    return refused("a COSE message that is no statement over a record of this instance");
  }
  if (!is_header_of(statement.header, *record, token->claims, instance)) {
    return refused("a statement whose header is not of its record and of this signer's key");
  }
  return check_own_signature(*record, instance);
}

}  // namespace

Status Signable::record(std::string_view message, WallTime now) const {
  if (const std::optional<SigStructure> statement = sig_structure(message)) {
    return check_statement(*statement, instance_);
  }
  const Result<jose::Jws> jws = jose::decode(std::string(message).append(kNoSignature), 1 << 20);
  if (!jws) {
    return refused("neither a record nor a receipt: " + jws.error().message);
  }
  if (jws->kid != instance_.kid || jws->alg != names::kAlgEs256) {
    return refused("a token for the key \"" + jws->kid + "\" (" + jws->alg + "); expected " +
                   instance_.kid + " (ES256)");
  }
  if (jws->typ == names::kTypReceipt) {
    return check_jws_receipt(*jws, instance_);
  }
  if (jws->typ != names::kTypEct01 && jws->typ != names::kTypEct00) {
    return refused("a token of type \"" + jws->typ + "\"; expected " +
                   std::string(names::kTypEct01));
  }
  const Result<ect::Token> token = own_record(*jws, instance_);
  if (!token) {
    return fail(token.error());
  }
  const std::int64_t off = token->claims.iat - now.seconds();
  if (std::abs(off) > kMostSkew) {
    return refused("a record whose time is " + std::to_string(off) +
                   " s off the signer's clock; expected at most " + std::to_string(kMostSkew));
  }
  return {};
}

// ORIGIN, or ORIGIN/N with N as the gateway writes it.
bool Signable::is_own_origin(const std::string& origin) const {
  const ledger::LogName name = ledger::log_name(origin);
  return name.first_origin == instance_.origin &&
         ledger::log_origin(name.first_origin, name.number) == origin;
}

// A log begins when the one before it ended. Without any the signer is new: its instance may have
// had its keys elsewhere so far, and be at any log.
Status Signable::check_new_log(const std::string& origin) const {
  if (heads_.size() >= kMostLogs) {
    return refused("a checkpoint of another log; " + std::to_string(heads_.size()) +
                   " are known, and no more are remembered");
  }
  std::uint64_t newest = 0;
  for (const auto& [known, head] : heads_) {
    newest = std::max(newest, ledger::log_name(known).number);
  }
  const std::uint64_t number = ledger::log_name(origin).number;
  return newest == 0 || number == newest + 1
             ? Status{}
             : Status(refused("a checkpoint of " + origin + "; expected a known log or " +
                              ledger::log_origin(instance_.origin, newest + 1)));
}

Status Signable::checkpoint(std::string_view message) {
  if (ledger::is_snapshot(message)) {
    return snapshot(message);
  }
  return sig_structure(message) ? receipt_of_head(message) : note(message);
}

Status Signable::snapshot(std::string_view text) const {
  const Result<ledger::SnapshotFile> read = ledger::parse_snapshot(text);
  if (!read) {
    return refused(read.error().message);
  }
  const bool is_within = std::any_of(heads_.begin(), heads_.end(), [&](const auto& head) {
    return read->size <= head.second.size;
  });
  const auto root = recent_.find(read->size);
  const bool is_other_tree = root != recent_.end() && root->second != read->root;
  return is_within && !is_other_tree ? Status{}
                                     : refused("a snapshot of " + std::to_string(read->size) +
                                               " entries, over a head that was not signed");
}

Status Signable::note(std::string_view text) {
  const Result<ledger::TreeHead> head = ledger::parse_head(text);
  if (!head) {
    return refused("no checkpoint: " + head.error().message);
  }
  if (!is_own_origin(head->origin) || !head->extensions.empty()) {
    return refused("a checkpoint of " + head->origin + "; expected one of " + instance_.origin +
                   " without further lines");
  }
  const auto before = heads_.find(head->origin);
  if (before == heads_.end()) {
    if (Status next = check_new_log(head->origin); !next) {
      return next;
    }
  }
  if (before != heads_.end() &&
      (head->size < before->second.size ||
       (head->size == before->second.size && head->root != before->second.root))) {
    return refused("a checkpoint of size " + std::to_string(head->size) + " of " + head->origin +
                   ", of which one of size " + std::to_string(before->second.size) +
                   " was signed, which this does not go on from");
  }
  heads_[head->origin] = {head->size, head->root};
  if (recent_of_ != head->origin) {
    recent_.clear();
    recent_of_ = head->origin;
  }
  recent_[head->size] = head->root;
  if (recent_.size() > kMostRecent) {
    recent_.erase(recent_.begin());
  }
  return {};
}

Status Signable::receipt_of_head(std::string_view message) const {
  const std::optional<SigStructure> receipt = sig_structure(message);
  const cbor::Map* claims = claims_of(receipt->header);
  std::optional<std::uint64_t> size;
  if (claims != nullptr && cbor::find(*claims, 1) != nullptr &&
      *cbor::find(*claims, 1) == cbor::Value{recent_of_}) {
    for (const cbor::Member& member : *claims) {
      const std::int64_t* number = member.value.get<std::int64_t>();
      if (member.key == cbor::Value{std::string(kSizeClaim)} && number != nullptr && *number >= 0) {
        size = static_cast<std::uint64_t>(*number);
      }
    }
  }
  const auto root = size ? recent_.find(*size) : recent_.end();
  return root != recent_.end() && view(root->second) == receipt->payload
             ? Status{}
             : refused("a receipt over a head that was not signed lately");
}

}  // namespace pawl::signer
