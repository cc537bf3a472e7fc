#include <algorithm>

#include "base/encoding.h"
#include "base/json_size.h"
#include "foundation/ect/ect_core.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

constexpr std::size_t kMaxUnsignedBytes = 64 * 1024;  // as a signed one

tl::unexpected<Error> refuse(std::string message) {
  return fail(Code::kTokenInvalid, std::move(message));
}

tl::unexpected<Error> missing(std::string_view name) {
  return refuse("missing_claim: " + std::string(name));
}

Result<Dialect> dialect_of(std::string_view typ) {
  if (typ == names::kTypEct01) {
    return Dialect::kEct01;
  }
  if (typ == names::kTypEct00) {
    return Dialect::kEct00;
  }
  return refuse("bad_type: expected exec+jwt or wimse-exec+jwt");
}

Result<std::string> read_text(const json::Object& payload, std::string_view name) {
  const json::Value* value = payload.if_contains(name);
  if (value == nullptr) {
    return missing(name);
  }
  if (!value->is_string()) {
    return refuse("bad_" + std::string(name) + ": expected a string");
  }
  return std::string(value->get_string());
}

Result<std::int64_t> read_seconds(const json::Object& payload, std::string_view name) {
  const json::Value* value = payload.if_contains(name);
  if (value == nullptr) {
    return missing(name);
  }
  if (!value->is_int64()) {
    return refuse("bad_" + std::string(name) + ": expected whole seconds");
  }
  return value->get_int64();
}

Result<Uuid> read_uuid(const json::Value& value, std::string_view name) {
  if (value.is_string()) {
    if (Result<Uuid> id = Uuid::parse(value.get_string())) {
      return id;
    }
  }
  return refuse("bad_" + std::string(name) + ": expected a UUID");
}

Result<std::vector<std::string>> read_audience(const json::Object& payload, Level level) {
  const json::Value* value = payload.if_contains(names::kClaimAud);
  if (value == nullptr && level == Level::kL1) {
    return std::vector<std::string>{};
  }
  if (value == nullptr) {
    return missing(names::kClaimAud);
  }
  if (value->is_string()) {
    return std::vector<std::string>{std::string(value->get_string())};
  }
  std::vector<std::string> audience;
  if (const json::Array* list = value->if_array(); list && list->size() <= kMaxAudiences) {
    for (const json::Value& one : *list) {
      if (!one.is_string()) {
        return refuse("bad_aud: expected strings");
      }
      audience.emplace_back(one.get_string());
    }
    return audience;
  }
  return refuse("bad_aud: expected a string or at most 64 strings");
}

// The value under the name of -01 or, in -00 only, under the name of -00. A token that says two
// different things under both names is refused in either dialect.
Result<const json::Value*> either(const json::Object& payload, Dialect dialect,
                                  std::string_view name01, std::string_view name00) {
  const json::Value* new_form = payload.if_contains(name01);
  const json::Value* old_form = payload.if_contains(name00);
  if (new_form != nullptr && old_form != nullptr && *new_form != *old_form) {
    return refuse("ambiguous: " + std::string(name01) + " and " + std::string(name00) + " differ");
  }
  return new_form != nullptr || dialect == Dialect::kEct01 ? new_form : old_form;
}

Result<std::vector<Uuid>> read_parents(const json::Object& payload, Dialect dialect,
                                       bool missing_is_root) {
  const auto value = either(payload, dialect, names::kClaimPred, names::kClaimPar);
  if (!value) {
    return fail(value.error());
  }
  if (*value == nullptr) {
    if (missing_is_root) {
      return std::vector<Uuid>{};
    }
    return missing(dialect == Dialect::kEct01 ? names::kClaimPred : names::kClaimPar);
  }
  const json::Array* list = (*value)->if_array();
  if (list == nullptr) {
    return refuse("bad_pred: expected an array of UUIDs");
  }
  if (list->size() > kMaxParents) {
    return refuse("too_many_parents: a token may name 100 parents");
  }
  std::vector<Uuid> parents;
  for (const json::Value& element : *list) {
    Result<Uuid> parent = read_uuid(element, names::kClaimPred);
    if (!parent) {
      return fail(parent.error());
    }
    if (std::find(parents.begin(), parents.end(), *parent) == parents.end()) {
      parents.push_back(*parent);
    }
  }
  return parents;
}

// iss, aud, times, ids and the act: what every token must have.
Status read_core(const json::Object& payload, Level level, Claims& claims) {
  auto iss = read_text(payload, names::kClaimIss);
  auto aud = read_audience(payload, level);
  auto iat = read_seconds(payload, names::kClaimIat);
  auto exp = read_seconds(payload, names::kClaimExp);
  auto act = read_text(payload, names::kClaimExecAct);
  for (const Error* error :
       {iss ? nullptr : &iss.error(), aud ? nullptr : &aud.error(), iat ? nullptr : &iat.error(),
        exp ? nullptr : &exp.error(), act ? nullptr : &act.error()}) {
    if (error != nullptr) {
      return fail(*error);
    }
  }
  const json::Value* jti = payload.if_contains(names::kClaimJti);
  if (jti == nullptr) {
    return missing(names::kClaimJti);
  }
  const Result<Uuid> id = read_uuid(*jti, names::kClaimJti);
  if (!id) {
    return fail(id.error());
  }
  claims.iss = std::move(*iss);
  claims.aud = std::move(*aud);
  claims.iat = *iat;
  claims.exp = *exp;
  claims.exec_act = std::move(*act);
  claims.jti = *id;
  return {};
}

// The extension object stays where it is: nullptr: there is none.
Status read_optional(const json::Object& payload, Dialect dialect, Claims& claims,
                     const json::Object*& ext_object) {
  if (const json::Value* wid = payload.if_contains(names::kClaimWid)) {
    const Result<Uuid> id = read_uuid(*wid, names::kClaimWid);
    if (!id) {
      return fail(id.error());
    }
    claims.wid = *id;
  }
  for (const auto& [name, target] : {std::pair{names::kClaimInpHash, &claims.inp_hash},
                                     std::pair{names::kClaimOutHash, &claims.out_hash}}) {
    if (const json::Value* hash = payload.if_contains(name)) {
      if (!hash->is_string() || hash->get_string().empty()) {
        return refuse("bad_hash: " + std::string(name) + " must be 43 characters of base64url");
      }
      *target = std::string(hash->get_string());
    }
  }
  const auto ext = either(payload, dialect, names::kClaimEctExt, names::kClaimExt);
  if (!ext) {
    return fail(ext.error());
  }
  if (*ext != nullptr) {
    if (!(*ext)->is_object()) {
      return refuse("bad_ext: expected an object");
    }
    ext_object = &(*ext)->get_object();
  }
  return {};
}

// The payload's part of a token whose header, if it has one, was read.
Result<Token> read_payload(const json::Object& payload, Token token, bool missing_parents_is_root,
                           bool keep_ext) {
  if (const Status core = read_core(payload, token.level, token.claims); !core) {
    return fail(core.error());
  }
  Result<std::vector<Uuid>> parents = read_parents(payload, token.dialect, missing_parents_is_root);
  if (!parents) {
    return fail(parents.error());
  }
  token.claims.pred = std::move(*parents);
  const json::Object none;
  const json::Object* ext = &none;
  if (const Status rest = read_optional(payload, token.dialect, token.claims, ext); !rest) {
    return fail(rest.error());
  }
  const std::size_t bytes =
      json::surely_prints_within(*ext, kMaxExtBytes) ? 0 : json::print(*ext).size();
  if (const Status fits = check_claims_with(token.claims, *ext, bytes, token.level); !fits) {
    return fail(fits.error());
  }
  if (keep_ext) {
    token.claims.ext = *ext;
  }
  return token;
}

Result<Token> read_signed(const jose::Jws& jws, bool missing_parents_is_root, bool keep_all) {
  const Result<Dialect> dialect = dialect_of(jws.typ);
  if (!dialect) {
    return fail(dialect.error());
  }
  if (jws.kid.empty() && !brings_chain(jws)) {
    return refuse("missing_kid: the header must name the key");
  }
  const json::Object* payload = jws.payload.if_object();
  if (payload == nullptr) {
    return refuse("malformed: the payload must be an object");
  }
  Token token{.claims = {},
              .dialect = *dialect,
              .level = Level::kL2,
              .kid = jws.kid,
              .compact = keep_all ? jws.compact : std::string()};
  return read_payload(*payload, std::move(token), missing_parents_is_root, keep_all);
}

}  // namespace

Result<Token> read(const jose::Jws& jws, bool missing_parents_is_root) {
  return read_signed(jws, missing_parents_is_root, true);
}

Result<Token> read_core(const jose::Jws& jws) {
  return read_signed(jws, false, false);
}

Result<Token> read_unsigned(std::string text, bool missing_parents_is_root) {
  if (text.size() > kMaxUnsignedBytes) {
    return refuse("malformed: a token has at most 64 KiB");
  }
  const Result<std::string> bytes = base64url_decode(text);
  const Result<json::Parsed> parsed =
      bytes ? json::parse(*bytes) : Result<json::Parsed>(fail(bytes.error()));
  if (!parsed) {
    return refuse("malformed: " + parsed.error().message);
  }
  const json::Object* payload = parsed->value.if_object();
  if (payload == nullptr) {
    return refuse("malformed: the payload must be an object");
  }
  Token token{.claims = {},
              .dialect = Dialect::kEct01,
              .level = Level::kL1,
              .kid = {},
              .compact = std::move(text)};
  return read_payload(*payload, std::move(token), missing_parents_is_root, true);
}

}  // namespace pawl::ect
