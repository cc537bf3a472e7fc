#include "foundation/jose/header_memo.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/json_text.h"
#include "foundation/crypto/algorithm.h"

namespace pawl::jose {
namespace {

constexpr json::Limits kHeaderLimits{.max_bytes = 16 * 1024, .max_depth = 8, .max_members = 64};

constexpr std::size_t kSignatureCharacters = 86;  // of 64 bytes

using Parts = std::array<std::string_view, 3>;  // header, payload, signature

Result<Parts> split(std::string_view compact) {
  const std::size_t first = compact.find('.');
  const std::size_t last = compact.rfind('.');
  if (first == std::string_view::npos || first == last || compact.find('.', first + 1) != last) {
    return fail(Code::kTokenInvalid, "JWS: expected three parts with two dots between");
  }
  return Parts{compact.substr(0, first), compact.substr(first + 1, last - first - 1),
               compact.substr(last + 1)};
}

tl::unexpected<Error> invalid(std::string_view part, const Error& error) {
  return fail(Code::kTokenInvalid, "JWS " + std::string(part) + ": " + error.message);
}

Result<std::string> decode_part(std::string_view text, std::string_view part) {
  Result<std::string> bytes = base64url_decode(text);
  if (!bytes) {
    return invalid(part, bytes.error());
  }
  return bytes;
}

Result<json::Value> parse_object(std::string_view text, const json::Limits& limits,
                                 std::string_view part) {
  Result<json::Parsed> parsed = json::parse(text, limits);
  if (!parsed) {
    return invalid(part, parsed.error());
  }
  if (!parsed->value.is_object()) {
    return fail(Code::kTokenInvalid, "JWS " + std::string(part) + ": expected a JSON object");
  }
  return std::move(parsed->value);
}

// Empty when absent.
Result<std::string> string_member(const json::Object& header, std::string_view name) {
  const json::Value* value = header.if_contains(name);
  if (value == nullptr) {
    return std::string();
  }
  if (!value->is_string()) {
    return fail(Code::kTokenInvalid,
                "JWS header: member '" + std::string(name) + "' must be a string");
  }
  return std::string(value->get_string());
}

Status read_header(Jws& jws) {
  for (const auto& [name, member] :
       {std::pair{"alg", &Jws::alg}, {"typ", &Jws::typ}, {"kid", &Jws::kid}}) {
    Result<std::string> text = string_member(jws.header, name);
    if (!text) {
      return fail(text.error());
    }
    jws.*member = std::move(*text);
  }
  if (!parse_algorithm(jws.alg)) {
    return fail(Code::kTokenInvalid,
                "JWS header: alg must be one of ES256, ES384, EdDSA, RS256, PS256");
  }
  if (jws.header.contains("crit")) {
    return fail(Code::kTokenInvalid, "JWS header: no critical extension (crit) is understood");
  }
  return {};
}

// Into `jws`, or from and into the memo.
Status take_header(std::string_view text, Jws& jws, HeaderMemo* memo) {
  if (memo != nullptr && !text.empty() && text == memo->encoded) {
    jws.alg = memo->alg;
    jws.typ = memo->typ;
    jws.kid = memo->kid;
    return {};
  }
  const Result<std::string> header_json = decode_part(text, "header");
  if (!header_json) {
    return fail(header_json.error());
  }
  Result<json::Value> header = parse_object(*header_json, kHeaderLimits, "header");
  if (!header) {
    return fail(header.error());
  }
  jws.header = std::move(header->get_object());
  if (Status status = read_header(jws); !status) {
    return status;
  }
  if (memo != nullptr) {
    *memo = {std::string(text), jws.alg, jws.typ, jws.kid};
    jws.header.clear();
  }
  return {};
}

Result<Jws> decode_parts(std::string compact, std::size_t max_bytes, HeaderMemo* memo) {
  if (compact.size() > max_bytes) {
    return fail(Code::kTokenInvalid, "JWS: " + std::to_string(compact.size()) + " bytes, at most " +
                                         std::to_string(max_bytes) + " are read");
  }
  Jws jws;
  jws.compact = std::move(compact);
  const Result<Parts> parts = split(jws.compact);
  if (!parts) {
    return fail(parts.error());
  }
  const auto& [header_text, payload_text, signature_text] = *parts;

  if (const Status status = take_header(header_text, jws, memo); !status) {
    return fail(status.error());
  }
  Result<std::string> payload = decode_part(payload_text, "payload");
  if (!payload) {
    return fail(payload.error());
  }
  jws.payload_text = std::move(*payload);
  Result<json::Value> value = parse_object(jws.payload_text, {}, "payload");
  if (!value) {
    return fail(value.error());
  }
  jws.payload = std::move(*value);

  Result<std::string> signature = decode_part(signature_text, "signature");
  if (!signature) {
    return fail(signature.error());
  }
  if (signature->empty()) {
    return fail(Code::kTokenInvalid, "JWS signature: it is empty");
  }
  jws.signature = std::move(*signature);
  return jws;
}

}  // namespace

Result<Jws> decode(std::string compact, std::size_t max_bytes) {
  return decode_parts(std::move(compact), max_bytes, nullptr);
}

Result<Jws> decode(std::string compact, std::size_t max_bytes, HeaderMemo& memo) {
  return decode_parts(std::move(compact), max_bytes, &memo);
}

std::string encoded_header(const SigningKey& key, std::string_view typ, std::string_view kid) {
  json::ObjectText header;
  header.text("alg", default_algorithm(key.kind()));
  if (!kid.empty()) {
    header.text("kid", kid);
  }
  if (!typ.empty()) {
    header.text("typ", typ);
  }
  return base64url_encode(header.take());
}

Result<std::string> sign_under(std::string_view encoded_header, const SigningKey& key,
                               std::string_view payload_json) {
  std::string compact;
  compact.reserve(encoded_header.size() + payload_json.size() * 4 / 3 + kSignatureCharacters + 4);
  compact.append(encoded_header).append(1, '.');
  append_base64url(compact, payload_json);
  const Result<std::string> signature = key.sign(compact);
  if (!signature) {
    return fail_at("JWS", signature.error());
  }
  compact += '.';
  append_base64url(compact, *signature);
  return compact;
}

Result<std::string> sign(const SigningKey& key, std::string_view typ, std::string_view kid,
                         std::string_view payload_json) {
  return sign_under(encoded_header(key, typ, kid), key, payload_json);
}

Status verify(const Jws& jws, const PublicKey& key, const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), jws.alg) == allowed.end()) {
    return fail(Code::kTokenInvalid, "JWS header: alg " + jws.alg + " is not allowed here");
  }
  const std::optional<Algorithm> algorithm = parse_algorithm(jws.alg);
  if (!algorithm || key_kind_of(*algorithm) != key.kind()) {
    return fail(Code::kTokenInvalid,
                "JWS header: alg " + jws.alg + " does not fit the key that kid names");
  }
  switch (key.verify(jws.alg, jws.signing_input(), jws.signature)) {
    case Verdict3::kValid:
      return {};
    case Verdict3::kInvalid:
      return fail(Code::kBadSignature, "JWS: the signature is not of this key over this text");
    case Verdict3::kCannotDecide:
      break;
  }
  return fail(Code::kUndecidable, "JWS: the library could not check the signature");
}

}  // namespace pawl::jose
