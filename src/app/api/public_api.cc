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
    writer->send(text_answer(200, "application/jwk-set+json", jwks_()));
    return true;
  }
  if (request.path == "/.well-known/log-jwks.json" && read) {
    writer->send(text_answer(200, "application/jwk-set+json", log_jwks_));
    return true;
  }
  if (scitt_->handle(request, writer)) {
    return true;
  }
  if (!request.path.starts_with(kLog) || !read) {
    return false;
  }
  const std::string_view path = std::string_view(request.path).substr(kLog.size());
  if (path.starts_with("tile/entries")) {
    entries_->handle(request, path, writer);
  } else {
    writer->send(log_resource(path));
  }
  return true;
}

Result<std::string> PublicApi::found(std::string_view path) const {
  if (path == "checkpoint") {
    return log_.checkpoint();
  }
  if (path == "vkey") {
    return log_.ledger().vkey() + "\n";
  }
  if (!path.starts_with(kProof)) {
    return log_.ledger().resource(path);
  }
  const std::string_view text = path.substr(kProof.size());
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  return error == std::errc{} && end == text.data() + text.size()
             ? log_.receipt(index)
             : fail(Code::kNotFound, "no such resource of the log");
}

http::Response PublicApi::log_resource(std::string_view path) {
  Result<std::string> resource = found(path);
  if (!resource) {
    http::Response problem = problem_answer(resource.error());
    if (resource.error().code == Code::kEvidenceUnavailable) {
      problem.headers.set("Retry-After", std::to_string(log_.retry_after_s));
    }
    return problem;
  }
  const bool text = !path.starts_with("tile/");
  return text_answer(200, text ? "text/plain; charset=utf-8" : "application/octet-stream",
                     *std::move(resource));
}

}  // namespace pawl
