#include "app/api/public_api.h"

#include <charconv>

#include "app/api/http_answer.h"

namespace pawl {
namespace {

constexpr std::string_view kLog = "/log/";
constexpr std::string_view kProof = "proof/";

}  // namespace

bool PublicApi::handle(const http::Request& request,
                       const std::shared_ptr<http::ResponseWriter>& writer) {
  const bool read = request.method == "GET" || request.method == "HEAD";
  if (request.path == "/.well-known/jwks.json" && read) {
    writer->send(text_answer(200, "application/jwk-set+json", jwks_));
    return true;
  }
  if (request.path.starts_with(kLog) && read) {
    writer->send(log_resource(std::string_view(request.path).substr(kLog.size())));
    return true;
  }
  return false;
}

http::Response PublicApi::log_resource(std::string_view path) {
  if (path.starts_with("tile/entries")) {
    return problem_answer({Code::kForbidden, "entries are read with a reader's credential"});
  }
  Result<std::string> found = fail(Code::kNotFound, "no such resource of the log");
  if (path.starts_with(kProof)) {
    const std::string_view text = path.substr(kProof.size());
    std::uint64_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error == std::errc{} && end == text.data() + text.size()) {
      found = ledger_().receipt(index);
    }
  } else {
    found = ledger_().resource(path);
  }
  if (!found) {
    return problem_answer(found.error());
  }
  const bool text = path == "checkpoint" || path.starts_with(kProof);
  return text_answer(200, text ? "text/plain; charset=utf-8" : "application/octet-stream",
                     *std::move(found));
}

}  // namespace pawl
