#include "app/daemon/operators_api.h"

#include "app/api/http_answer.h"
#include "app/api/statement_body.h"
#include "operators/approval/enrollment_wire.h"

namespace pawl {
namespace {

void answer(EnrollmentDesk& enrollment, const http::Request& request,
            const std::shared_ptr<http::ResponseWriter>& writer) {
  const auto done = [writer](const Result<json::Object>& result) {
    writer->send(result ? json_answer(200, *result) : problem_answer(result.error()));
  };
  const bool is_ours = request.path == "/api/v1/operators";
  if (is_ours && request.method == "GET") {
    done(enrollment.list());
  } else if (is_ours && request.method == "POST") {
    const Result<std::string> statement = statement_in(request.body, approval::kMaxEnrollmentBytes);
    if (statement) {
      enrollment.take(*statement, done);
    } else {
      done(fail(statement.error()));
    }
  } else {
    done(fail(Code::kNotFound, "no such resource of the API"));
  }
}

}  // namespace

ApiDesk operators_api(EnrollmentDesk& enrollment) {
  return [&enrollment](const http::Request& request,
                       const std::shared_ptr<http::ResponseWriter>& writer) {
    answer(enrollment, request, writer);
  };
}

}  // namespace pawl
