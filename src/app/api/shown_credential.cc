#include "app/api/shown_credential.h"

#include <algorithm>

#include "base/encoding.h"
#include "foundation/crypto/password_hash.h"
#include "foundation/keys/accounts.h"

namespace pawl {
namespace {

constexpr json::Limits kLimits{.max_bytes = 64 * 1024, .max_depth = 3, .max_members = 32};
constexpr std::size_t kMaxCode = 16;

tl::unexpected<Error> refuse(std::string_view expected) {
  return fail(Code::kInvalidParams, "expected " + std::string(expected));
}

bool has_exactly(const json::Value& value, std::initializer_list<std::string_view> names) {
  const json::Object* object = value.if_object();
  return object != nullptr && object->size() == names.size() &&
         std::all_of(names.begin(), names.end(),
                     [&](std::string_view name) { return object->contains(name); });
}

Result<std::string> bytes_of(const json::Value& value, std::string_view name) {
  const auto text = json::find_string(value, {name});
  Result<std::string> bytes =
      text ? base64url_decode(*text) : Result<std::string>(fail(Code::kMalformed, ""));
  return bytes && !bytes->empty()
             ? bytes
             : Result<std::string>(refuse(std::string(name) + " in base64url"));
}

Result<Digest> challenge_of(const json::Value& value) {
  const Result<std::string> bytes = bytes_of(value, "challenge");
  Digest out{};
  if (!bytes || bytes->size() != out.size()) {
    return refuse("challenge: 43 characters of base64url");
  }
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

Result<sign_in::SecondFactor> read_passkey(const json::Value& value) {
  constexpr std::string_view kExpected =
      "passkey {challenge, credential, authenticator_data, client_data, signature}";
  if (!has_exactly(value,
                   {"challenge", "credential", "authenticator_data", "client_data", "signature"})) {
    return refuse(kExpected);
  }
  const Result<Digest> challenge = challenge_of(value);
  const Result<std::string> data = bytes_of(value, "authenticator_data");
  const Result<std::string> client = bytes_of(value, "client_data");
  const Result<std::string> signature = bytes_of(value, "signature");
  const auto credential = json::find_string(value, {"credential"});
  if (!challenge || !data || !client || !signature || !credential) {
    return refuse(kExpected);
  }
  return sign_in::SecondFactor{
      "", sign_in::Assertion{std::string(*credential), *data, *client, *signature}, *challenge};
}

}  // namespace

Result<SignIns::Shown> read_shown(std::string_view body) {
  const Result<json::Parsed> parsed = json::parse(body, kLimits);
  if (!parsed) {
    return fail(parsed.error().code, "the body is not JSON of at most 64 KiB");
  }
  const json::Value& value = parsed->value;
  const auto user = json::find_string(value, {"user"});
  const auto password = json::find_string(value, {"password"});
  const auto code = json::find_string(value, {"code"});
  const json::Value* passkey = json::find(value, {"passkey"});
  const bool is_known =
      has_exactly(value, {"user", "password", passkey != nullptr ? "passkey" : "code"}) ||
      has_exactly(value, {"user", "password"});
  const bool is_code = code || json::find(value, {"code"}) == nullptr;
  if (!is_known || !is_code || !user || !password || !is_account_name(*user) ||
      password->size() > kMaxPassword || code.value_or("").size() > kMaxCode) {
    return refuse("{user, password, code} or {user, password, passkey}");
  }
  SignIns::Shown out{std::string(*user), std::string(*password), {}};
  out.second.code = code.value_or("");
  if (passkey != nullptr) {
    Result<sign_in::SecondFactor> read = read_passkey(*passkey);
    if (!read) {
      return fail(read.error());
    }
    out.second = *std::move(read);
  }
  return out;
}

Result<ShownPasskey> read_registration(std::string_view body) {
  constexpr std::string_view kExpected = "{challenge, client_data, attestation_object}";
  const Result<json::Parsed> parsed = json::parse(body, kLimits);
  if (!parsed || !has_exactly(parsed->value, {"challenge", "client_data", "attestation_object"})) {
    return refuse(kExpected);
  }
  const Result<Digest> challenge = challenge_of(parsed->value);
  const Result<std::string> client = bytes_of(parsed->value, "client_data");
  const Result<std::string> object = bytes_of(parsed->value, "attestation_object");
  if (!challenge || !client || !object) {
    return refuse(kExpected);
  }
  return ShownPasskey{{*client, *object}, *challenge};
}

json::Object session_json(const sign_in::Session& session, bool own) {
  json::Array grants;
  for (const sign_in::Grant& grant : session.person.grants) {
    grants.emplace_back(sign_in::print_grant(grant));
  }
  json::Object out{{"session", session.id.text()},
                   {"user", session.person.name},
                   {"method", session.person.method}};
  out["grants"] = std::move(grants);
  if (const auto& provider = session.person.provider) {
    out["provider"] = json::Object{{"issuer", provider->issuer}, {"subject", provider->subject}};
  }
  if (own) {
    out["csrf"] = session.csrf;
    out["idle_s"] = std::chrono::seconds(sign_in::Sessions::kIdle).count();
    out["longest_s"] = std::chrono::seconds(sign_in::Sessions::kLongest).count();
  }
  return out;
}

}  // namespace pawl
