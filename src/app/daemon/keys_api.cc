#include "app/daemon/keys_api.h"

#include "app/api/http_answer.h"

namespace pawl {
namespace {

http::Response answer_of(const Result<json::Object>& keys) {
  return keys ? json_answer(200, *keys) : problem_answer(keys.error());
}

void answer(RecordKeys& keys, const http::Request& request,
            const std::shared_ptr<http::ResponseWriter>& writer) {
  const auto done = [writer](const Result<json::Object>& result) {
    writer->send(answer_of(result));
  };
  const bool is_post = request.method == "POST";
  if (request.method == "GET" && request.path == "/api/v1/keys") {
    done(keys.list());
  } else if (is_post && request.path == "/api/v1/keys/rotate") {
    keys.rotate(done);
  } else if (is_post && request.path == "/api/v1/keys/prepare") {
    done(keys.prepare());
  } else if (is_post && request.path == "/api/v1/keys/retire") {
    const Result<json::Parsed> body = json::parse(request.body);
    const auto kid =
        body ? json::find_string(body->value, {"kid"}) : std::optional<std::string_view>();
    if (kid) {
      keys.retire(std::string(*kid), done);
    } else {
      done(fail(Code::kInvalidParams, "expected {\"kid\": ...}"));
    }
  } else {
    done(fail(Code::kNotFound, "no such resource of the API"));
  }
}

}  // namespace

ApiDesk keys_api(RecordKeys& keys) {
  return
      [&keys](const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer) {
        answer(keys, request, writer);
      };
}

}  // namespace pawl
