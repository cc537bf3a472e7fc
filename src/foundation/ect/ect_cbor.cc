// The claims set of a token in CBOR form.
#include "foundation/ect/ect_cbor.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "foundation/cose/cbor.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ect/ect_cbor_ext.h"
#include "foundation/jose/token_refusal.h"
#include "foundation/records/cbor_names.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

using jose::refuse;

cbor::Value bytes_of(const Uuid& id) {
  return {cbor::Bytes{std::string(id.bytes.begin(), id.bytes.end())}};
}

Result<Uuid> uuid_of(const cbor::Value& value, std::string_view name) {
  const cbor::Bytes* bytes = value.get<cbor::Bytes>();
  Uuid id;
  if (bytes == nullptr || bytes->bytes.size() != id.bytes.size()) {
    return refuse("bad_" + std::string(name) + ": expected the 16 bytes of a UUID");
  }
  std::copy(bytes->bytes.begin(), bytes->bytes.end(), id.bytes.begin());
  return id;
}

// [algorithm, digest] of a hash text that check_claims() knows.
cbor::Value hash_pair(const std::string& text) {
  return {cbor::Array{cbor::Value{names::kCoseSha256},
                      cbor::Value{cbor::Bytes{base64url_decode(text).value_or("")}}}};
}

Result<std::string> hash_text(const cbor::Value& value) {
  const cbor::Array* pair = value.get<cbor::Array>();
  const std::int64_t* alg =
      pair != nullptr && pair->size() == 2 ? (*pair)[0].get<std::int64_t>() : nullptr;
  const cbor::Bytes* digest = alg != nullptr ? (*pair)[1].get<cbor::Bytes>() : nullptr;
  if (digest == nullptr || *alg != names::kCoseSha256 || digest->bytes.size() != sizeof(Digest)) {
    return refuse("bad_hash: expected [-16, 32 bytes] (SHA-256)");
  }
  return base64url_encode(digest->bytes);
}

Result<std::string> text_of(const cbor::Map& map, std::int64_t key, std::string_view name) {
  const cbor::Value* value = cbor::find(map, key);
  if (value == nullptr) {
    return refuse("missing_claim: " + std::string(name));
  }
  const std::string* text = value->get<std::string>();
  return text != nullptr ? Result<std::string>(*text)
                         : refuse("bad_" + std::string(name) + ": expected a text");
}

Result<std::int64_t> seconds_of(const cbor::Map& map, std::int64_t key, std::string_view name) {
  const cbor::Value* value = cbor::find(map, key);
  if (value == nullptr) {
    return refuse("missing_claim: " + std::string(name));
  }
  const std::int64_t* seconds = value->get<std::int64_t>();
  return seconds != nullptr ? Result<std::int64_t>(*seconds)
                            : refuse("bad_" + std::string(name) + ": expected whole seconds");
}

Result<std::vector<std::string>> audience_of(const cbor::Map& map) {
  const cbor::Value* value = cbor::find(map, names::kCborAud);
  if (value == nullptr) {
    return refuse("missing_claim: aud");
  }
  if (const std::string* one = value->get<std::string>()) {
    return std::vector<std::string>{*one};
  }
  std::vector<std::string> out;
  const cbor::Array* list = value->get<cbor::Array>();
  if (list == nullptr || list->size() > kMaxAudiences) {
    return refuse("bad_aud: expected a text or at most 64 texts");
  }
  for (const cbor::Value& one : *list) {
    const std::string* text = one.get<std::string>();
    if (text == nullptr) {
      return refuse("bad_aud: expected texts");
    }
    out.push_back(*text);
  }
  return out;
}

Result<std::vector<Uuid>> parents_of(const cbor::Map& map, bool missing_is_root) {
  const cbor::Value* value = cbor::find(map, names::kCborPar);
  if (value == nullptr) {
    return missing_is_root ? Result<std::vector<Uuid>>(std::vector<Uuid>{})
                           : refuse("missing_claim: par");
  }
  const cbor::Array* list = value->get<cbor::Array>();
  if (list == nullptr) {
    return refuse("bad_pred: expected an array of UUIDs");
  }
  if (list->size() > kMaxParents) {
    return refuse("too_many_parents: a token may name 100 parents");
  }
  std::vector<Uuid> out;
  for (const cbor::Value& one : *list) {
    Result<Uuid> parent = uuid_of(one, names::kClaimPred);
    if (!parent) {
      return fail(parent.error());
    }
    if (std::find(out.begin(), out.end(), *parent) == out.end()) {
      out.push_back(*parent);
    }
  }
  return out;
}

Status read_core(const cbor::Map& map, Claims& claims) {
  auto iss = text_of(map, names::kCborIss, names::kClaimIss);
  auto aud = audience_of(map);
  auto iat = seconds_of(map, names::kCborIat, names::kClaimIat);
  auto exp = seconds_of(map, names::kCborExp, names::kClaimExp);
  auto act = text_of(map, names::kCborExecAct, names::kClaimExecAct);
  for (const Error* error :
       {iss ? nullptr : &iss.error(), aud ? nullptr : &aud.error(), iat ? nullptr : &iat.error(),
        exp ? nullptr : &exp.error(), act ? nullptr : &act.error()}) {
    if (error != nullptr) {
      return fail(*error);
    }
  }
  const cbor::Value* cti = cbor::find(map, names::kCborCti);
  const Result<Uuid> id =
      cti != nullptr ? uuid_of(*cti, names::kClaimJti) : refuse("missing_claim: jti");
  if (!id) {
    return fail(id.error());
  }
  claims.iss = *std::move(iss);
  claims.aud = *std::move(aud);
  claims.iat = *iat;
  claims.exp = *exp;
  claims.exec_act = *std::move(act);
  claims.jti = *id;
  return {};
}

Status read_optional(const cbor::Map& map, Claims& claims) {
  if (const cbor::Value* wid = cbor::find(map, names::kCborWid)) {
    const Result<Uuid> id = uuid_of(*wid, names::kClaimWid);
    if (!id) {
      return fail(id.error());
    }
    claims.wid = *id;
  }
  for (const auto& [key, target] : {std::pair{names::kCborInpHash, &claims.inp_hash},
                                    std::pair{names::kCborOutHash, &claims.out_hash}}) {
    if (const cbor::Value* pair = cbor::find(map, key)) {
      Result<std::string> text = hash_text(*pair);
      if (!text) {
        return fail(text.error());
      }
      *target = *std::move(text);
    }
  }
  Result<json::Object> ext = read_cbor_ext(map);
  if (!ext) {
    return fail(ext.error());
  }
  claims.ext = *std::move(ext);
  return {};
}

Result<cbor::Map> claims_map(std::string_view bytes) {
  const Result<cbor::Item> item = cbor::read(bytes);
  const cbor::Map* map = item ? item->value.get<cbor::Map>() : nullptr;
  if (map == nullptr || !item->tags.empty()) {
    return refuse("malformed: " +
                  (item ? std::string("the payload must be a map") : item.error().message));
  }
  return *map;
}

}  // namespace

Result<std::string> print_cbor(const Claims& claims) {
  cbor::Array audience;
  for (const std::string& one : claims.aud) {
    audience.push_back(cbor::Value{one});
  }
  cbor::Array parents;
  for (const Uuid& parent : claims.pred) {
    parents.push_back(bytes_of(parent));
  }
  cbor::Map out = {{cbor::Value{names::kCborIss}, cbor::Value{claims.iss}},
                   {cbor::Value{names::kCborAud}, cbor::Value{std::move(audience)}},
                   {cbor::Value{names::kCborExp}, cbor::Value{claims.exp}},
                   {cbor::Value{names::kCborIat}, cbor::Value{claims.iat}},
                   {cbor::Value{names::kCborCti}, bytes_of(claims.jti)},
                   {cbor::Value{names::kCborExecAct}, cbor::Value{claims.exec_act}},
                   {cbor::Value{names::kCborPar}, cbor::Value{std::move(parents)}}};
  if (claims.wid) {
    out.push_back({cbor::Value{names::kCborWid}, bytes_of(*claims.wid)});
  }
  for (const auto& [key, hash] : {std::pair{names::kCborInpHash, &claims.inp_hash},
                                  std::pair{names::kCborOutHash, &claims.out_hash}}) {
    if (!hash->empty()) {
      out.push_back({cbor::Value{key}, hash_pair(*hash)});
    }
  }
  append_cbor_ext(claims.ext, out);
  return cbor::write(cbor::Value{std::move(out)});
}

Result<Claims> read_cbor_claims(std::string_view bytes, bool missing_parents_is_root) {
  const Result<cbor::Map> map = claims_map(bytes);
  if (!map) {
    return fail(map.error());
  }
  Claims claims;
  if (Status core = read_core(*map, claims); !core) {
    return fail(core.error());
  }
  Result<std::vector<Uuid>> parents = parents_of(*map, missing_parents_is_root);
  if (!parents) {
    return fail(parents.error());
  }
  claims.pred = *std::move(parents);
  if (Status rest = read_optional(*map, claims); !rest) {
    return fail(rest.error());
  }
  if (Status fits = check_claims(claims); !fits) {
    return fail(fits.error());
  }
  return claims;
}

}  // namespace pawl::ect
