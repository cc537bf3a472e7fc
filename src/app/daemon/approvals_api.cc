#include "app/daemon/approvals_api.h"

#include "app/api/http_answer.h"
#include "app/api/statement_body.h"

namespace pawl {
namespace {

constexpr std::string_view kPath = "/api/v1/approvals";

Result<json::Object> show(const ApprovalDesk& approvals, std::string_view name) {
  const Result<Uuid> id = Uuid::parse(name);
  return id ? approvals.show(*id) : fail(Code::kInvalidParams, "expected an approval's id, a UUID");
}

void answer(ApprovalDesk& approvals, const http::Request& request,
            const std::shared_ptr<http::ResponseWriter>& writer) {
  const auto done = [writer](const Result<json::Object>& result) {
    writer->send(result ? json_answer(200, *result) : problem_answer(result.error()));
  };
  const std::string_view what = std::string_view(request.path).substr(kPath.size());
  if (request.method == "GET" && what.empty()) {
    json::Object out;
    out["approvals"] = approvals.list();
    done(std::move(out));
  } else if (request.method == "POST" && what == "/decide") {
    const Result<std::string> statement = statement_in(request.body, approval::kMaxEvidenceBytes);
    if (statement) {
      approvals.decide(*statement, done);
    } else {
      done(fail(statement.error()));
    }
  } else if (request.method == "GET" && what.starts_with("/")) {
    done(show(approvals, what.substr(1)));
  } else {
    done(fail(Code::kNotFound, "no such resource of the API"));
  }
}

}  // namespace

ApiDesk approvals_api(ApprovalDesk& approvals) {
  return [&approvals](const http::Request& request,
                      const std::shared_ptr<http::ResponseWriter>& writer) {
    answer(approvals, request, writer);
  };
}

}  // namespace pawl
