#include "foundation/keys/signer_wire.h"

#include "base/encoding.h"
#include "base/json.h"

namespace pawl::signer {
namespace {

constexpr std::string_view kPublic = "public", kSign = "sign", kText = "text";
constexpr std::string_view kKey = "key", kSignature = "signature", kRefused = "refused";
constexpr std::string_view kFailed = "failed";

std::string_view name_of(WhichKey key) {
  return key == WhichKey::kLog ? "log" : "record";
}

// What the signer says instead of what it was asked for.
tl::unexpected<Error> instead(const json::Value& answer) {
  if (const auto refused = json::find_string(answer, {kRefused})) {
    return fail(Code::kForbidden, std::string(*refused));
  }
  return fail(Code::kIo, std::string(json::find_string(answer, {kFailed})
                                         .value_or("the signer's answer is none of its format")));
}

}  // namespace

std::string print_request(const Request& request) {
  return request.is_public ? json::print(json::Object{{kPublic, name_of(request.key)}})
                           : json::print(json::Object{{kSign, name_of(request.key)},
                                                      {kText, base64_encode(request.text)}});
}

Result<Request> parse_request(std::string_view line) {
  const Result<json::Parsed> parsed = json::parse(line);
  if (!parsed) {
    return fail(Code::kMalformed, "no JSON object: " + parsed.error().message);
  }
  const auto is_public = json::find_string(parsed->value, {kPublic});
  const auto sign = json::find_string(parsed->value, {kSign});
  const std::string_view key = is_public ? *is_public : sign.value_or("");
  if (is_public.has_value() == sign.has_value() || (key != "record" && key != "log")) {
    return fail(Code::kMalformed, R"(expected {"public":KEY} or {"sign":KEY,"text":BASE64}, )"
                                  R"(KEY being "record" or "log")");
  }
  Request out{key == "log" ? WhichKey::kLog : WhichKey::kRecord, is_public.has_value(), ""};
  if (!out.is_public) {
    Result<std::string> text =
        base64_decode(json::find_string(parsed->value, {kText}).value_or("!"));
    if (!text || text->size() > kMaxText) {
      return fail(Code::kMalformed, "\"text\" is no base64 of at most 2 MiB");
    }
    out.text = *std::move(text);
  }
  return out;
}

std::string print_public(const PublicKey& key) {
  return json::print(json::Object{{kKey, json::parse(key.to_jwk())->value}});
}

std::string print_signature(std::string_view signature) {
  return json::print(json::Object{{kSignature, base64_encode(signature)}});
}

std::string print_refusal(const Error& error) {
  const bool is_refused = error.code == Code::kForbidden || error.code == Code::kMalformed;
  return json::print(json::Object{{is_refused ? kRefused : kFailed, error.message}});
}

Result<PublicKey> parse_public(std::string_view line) {
  const Result<json::Parsed> parsed = json::parse(line);
  if (!parsed) {
    return fail(Code::kIo, "the signer's answer: " + parsed.error().message);
  }
  const json::Value* key = json::find(parsed->value, {kKey});
  return key != nullptr ? PublicKey::from_jwk(*key) : instead(parsed->value);
}

Result<std::string> parse_signature(std::string_view line) {
  const Result<json::Parsed> parsed = json::parse(line);
  if (!parsed) {
    return fail(Code::kIo, "the signer's answer: " + parsed.error().message);
  }
  const auto signature = json::find_string(parsed->value, {kSignature});
  return signature ? base64_decode(*signature) : instead(parsed->value);
}

}  // namespace pawl::signer
