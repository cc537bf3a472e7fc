#include "app/daemon/vault_api.h"

#include "app/api/http_answer.h"

namespace pawl {

ApiDesk vault_api(VaultDesk& vault) {
  return
      [&vault](const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer) {
        const auto done = [writer](const Result<json::Object>& result) {
          writer->send(result ? json_answer(200, *result) : problem_answer(result.error()));
        };
        if (request.method != "POST" || request.path != "/api/v1/vault/erase") {
          done(fail(Code::kNotFound, "no such resource of the API"));
          return;
        }
        const Result<json::Parsed> body = json::parse(request.body);
        const auto name =
            body ? json::find_string(body->value, {"name"}) : std::optional<std::string_view>();
        const auto person =
            body ? json::find_string(body->value, {"person"}) : std::optional<std::string_view>();
        if (name) {
          vault.erase(std::string(*name), done);
        } else if (person) {
          vault.erase_person(std::string(*person), done);
        } else {
          done(fail(Code::kInvalidParams, "expected {\"name\": ...} or {\"person\": ...}"));
        }
      };
}

}  // namespace pawl
