#include "app/daemon/approvals_api.h"

#include "app/api/decision_body.h"
#include "app/api/http_answer.h"

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
    const Result<DecisionBody> said = decision_in(request.body, approval::kMaxEvidenceBytes);
    if (said) {
      approvals.decide(said->statement, said->params, done);
    } else {
      done(fail(said.error()));
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
