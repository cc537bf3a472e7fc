#include "foundation/ect/received_token.h"

#include <algorithm>

#include "foundation/crypto/bounded_name.h"
#include "foundation/ect/ect_cbor.h"
#include "foundation/jose/token_refusal.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

using jose::refuse;

std::string text_at(const json::Value& body, std::string_view name) {
  return std::string(json::find_string(body, {name}).value_or(""));
}

}  // namespace

std::optional<ReceivedToken> read_received_token(std::string_view exec_act,
                                                 const json::Object& ext) {
  const json::Value* profile = ext.if_contains(names::kExtProfile);
  const json::Value* body =
      ext.if_contains(std::string(names::kExtPrefix).append(kinds::area(exec_act)));
  if (exec_act != kinds::kTokenReceived || body == nullptr || profile == nullptr ||
      !profile->is_string() || profile->get_string() != names::kProfileUri) {
    return std::nullopt;
  }
  const Result<Uuid> id = Uuid::parse(text_at(*body, names::kBodyTokenId));
  const json::Value* iat = json::find(*body, {names::kClaimIat});
  ReceivedToken out;
  out.issuer = text_at(*body, names::kClaimIss);
  out.payload = text_at(*body, names::kBodyTokenPayload);
  if (!id || out.issuer.empty() || out.payload.empty() || iat == nullptr || !iat->is_int64()) {
    return std::nullopt;
  }
  out.id = *id;
  out.iat = iat->get_int64();
  out.level = parse_level(text_at(*body, names::kBodyLevel)).value_or(Level::kL1);
  const json::Value* approved = json::find(*body, {names::kBodyTokenApproved});
  out.approved = approved == nullptr || (approved->is_bool() && approved->get_bool());
  out.text = text_at(*body, names::kBodyTokenText);
  out.digest = text_at(*body, names::kBodyTokenDigest);
  out.wit = text_at(*body, names::kBodyTokenWit);
  out.wit_digest = text_at(*body, names::kBodyTokenWitDigest);
  return out;
}

// The encoded text: the strict reader knows one text for one payload.
Digest payload_digest(const Token& token) {
  if (!token.cbor_claims.empty()) {
    return sha256(token.cbor_claims);
  }
  const std::string_view text = token.compact;
  const std::size_t begin = text.find('.') + 1;
  return sha256(text.substr(begin, text.rfind('.') - begin));
}

bool is_approved(const Claims& claims) {
  const json::Value* decision = claims.ext.if_contains(names::kExtPolDecision);
  return decision == nullptr ||
         (decision->is_string() && decision->get_string() == names::kPolApproved);
}

Result<Token> read_any(const std::string& text) {
  if (looks_unsigned(text)) {
    return read_unsigned(text);
  }
  if (looks_cbor(text)) {
    return read_cbor(text);
  }
  const Result<jose::Jws> jws = jose::decode(text);
  return jws ? read(*jws) : Result<Token>(fail(jws.error()));
}

Status check_received(const ReceivedToken& received, const Claims& record) {
  if (received.text.empty()) {
    return {};
  }
  const Result<Token> token = read_any(received.text);
  if (!token) {
    return refuse("the token in it cannot be read", token.error());
  }
  const Claims& claims = token->claims;
  const std::pair<const char*, bool> members[] = {
      {"id", claims.jti == received.id},
      {"iss", bounded_name(claims.iss) == received.issuer},
      {"iat", claims.iat == received.iat},
      {"payload", digest_text(payload_digest(*token)) == received.payload},
      {"approved", is_approved(claims) == received.approved},
      {"pred", claims.pred == record.pred},
      {"wid", claims.wid == record.wid},
      {"level", received.level <= token->level},
  };
  const auto* wrong = std::find_if(std::begin(members), std::end(members),
                                   [](const auto& member) { return !member.second; });
  return wrong == std::end(members)
             ? Status{}
             : Status(refuse(std::string("the token in it has another ") + wrong->first));
}

}  // namespace pawl::ect
