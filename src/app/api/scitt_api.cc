#include "app/api/scitt_api.h"

#include "app/api/http_answer.h"
#include "base/encoding.h"
#include "foundation/cose/cbor.h"

namespace pawl {
namespace {

constexpr std::string_view kKeys = "/.well-known/scitt-keys";
constexpr std::string_view kEntries = "/entries";

// RFC 9290: -1 title, -2 detail.
http::Response concise_problem(int status, std::string title, std::string detail) {
  const Result<std::string> body = cbor::write(
      cbor::Value{cbor::Map{{cbor::Value{std::int64_t{-1}}, cbor::Value{std::move(title)}},
                            {cbor::Value{std::int64_t{-2}}, cbor::Value{std::move(detail)}}}});
  return text_answer(status, "application/concise-problem-details+cbor", body.value_or(""));
}

// RFC 9052, section 7, and RFC 9053, 7.2: kty 1 (OKP), kid, alg -8 (EdDSA), crv 6
// (Ed25519), x.
cbor::Value cose_key(const PublicKey& key) {
  const auto number = [](std::int64_t value) { return cbor::Value{value}; };
  const auto bytes = [](std::string value) { return cbor::Value{cbor::Bytes{std::move(value)}}; };
  return cbor::Value{cbor::Map{{number(1), number(1)},
                               {number(2), bytes(key.thumbprint())},
                               {number(3), number(-8)},
                               {number(-1), number(6)},
                               {number(-2), bytes(key.ed25519_raw().value_or(""))}}};
}

http::Response cbor_answer(const cbor::Value& value) {
  return text_answer(200, "application/cbor", cbor::write(value).value_or(""));
}

// What follows `prefix` and a "/"; empty: the path is the prefix. nullopt: it is another path.
std::optional<std::string_view> below(std::string_view path, std::string_view prefix) {
  if (path == prefix) {
    return "";
  }
  if (!path.starts_with(prefix) || path.size() < prefix.size() + 2 || path[prefix.size()] != '/') {
    return std::nullopt;
  }
  return path.substr(prefix.size() + 1);
}

}  // namespace

bool ScittApi::handle(const http::Request& request,
                      const std::shared_ptr<http::ResponseWriter>& writer) {
  const bool read = request.method == "GET" || request.method == "HEAD";
  if (const auto rest = below(request.path, kKeys); rest && read) {
    writer->send(keys(*rest));
    return true;
  }
  const auto rest = below(request.path, kEntries);
  if (!rest || (rest->empty() ? request.method != "POST" : !read)) {
    return false;
  }
  writer->send(entries(request, *rest));
  return true;
}

http::Response ScittApi::keys(std::string_view rest) const {
  const cbor::Value key = cose_key(parts_.log_key);
  if (rest.empty()) {
    return cbor_answer(cbor::Value{cbor::Array{key}});
  }
  const std::string kid = parts_.log_key.thumbprint();
  return rest == kid || rest == base64url_encode(kid)
             ? cbor_answer(key)
             : concise_problem(404, "No such key", "the key of this log is " + kid);
}

http::Response ScittApi::entries(const http::Request& request, std::string_view rest) const {
  if (!parts_.is_reader(request)) {
    http::Response refusal = concise_problem(
        401, "Unauthorized",
        "receipts are for readers: Authorization: Bearer KEY, with the key of one under `readers` "
        "in pawl.yaml");
    refusal.headers.set("WWW-Authenticate", "Bearer realm=\"pawl log\"");
    return refusal;
  }
  if (rest.empty()) {
    return concise_problem(400, "Rejected",
                           "this log registers what its own gateway decides and records; "
                           "statements of others are not taken");
  }
  const Result<Uuid> id = Uuid::parse(rest);
  if (!id) {
    return concise_problem(400, "Invalid locator", "expected /entries/ID, with a record's id");
  }
  Result<std::string> receipt = parts_.receipt(*id);
  if (receipt) {
    http::Response answer = text_answer(200, "application/cose", *std::move(receipt));
    answer.headers.set("Location", std::string(kEntries) + "/" + id->text());
    return answer;
  }
  if (receipt.error().code == Code::kNotFound) {
    return concise_problem(404, "Not Found", receipt.error().message);
  }
  http::Response later = concise_problem(503, "Not Yet", receipt.error().message);
  later.headers.set("Retry-After", std::to_string(parts_.retry_after_s));
  return later;
}

}  // namespace pawl
