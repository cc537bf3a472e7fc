#include "app/daemon/operators_api.h"

#include <algorithm>

#include "app/api/http_answer.h"
#include "app/api/statement_body.h"
#include "operators/approval/enrollment_wire.h"

namespace pawl {
namespace {

// What a person made in the browser counts for nothing until an admin signs its enrollment.
json::Array candidates(const EnrollmentDesk& enrollment, const std::vector<AccountPasskey>& all) {
  json::Array out;
  for (const AccountPasskey& one : all) {
    const std::string kid = one.passkey.key.thumbprint();
    if (enrollment.operators().find(kid) == nullptr) {
      json::Object shown{{"account", one.account},
                         {"kid", kid},
                         {"credential", one.passkey.credential},
                         {"rp", one.passkey.rp_id}};
      shown["key"] = json::parse(one.passkey.key.to_jwk())->value;
      if (one.provider) {
        shown["provider"] =
            json::Object{{"issuer", one.provider->issuer}, {"subject", one.provider->subject}};
      }
      out.emplace_back(std::move(shown));
    }
  }
  return out;
}

void list(EnrollmentDesk& enrollment, SignIns* sign_ins, const EnrollmentDesk::Done& done) {
  if (sign_ins == nullptr) {
    return done(enrollment.list());
  }
  sign_ins->passkeys([&enrollment, done](const auto& all) {
    json::Object out = enrollment.list();
    if (all) {
      out["candidates"] = candidates(enrollment, *all);
    } else {
      out["candidates_problem"] = all.error().message;
    }
    done(std::move(out));
  });
}

bool is_of_same(const AccountPasskey& a, const AccountPasskey& b) {
  return sign_in::is_same(a.provider, a.account, b.provider, b.account);
}

// An operator is one person: two who are called the same would count as one, and decide in each
// other's name.
Status check_one_person(const approval::EnrolledOperators& enrolled,
                        const approval::Enrollment& said, const std::vector<AccountPasskey>& all) {
  const AccountPasskey* owner = owner_of(all, said.key->thumbprint());
  for (const Operator& one : enrolled.operators()) {
    const AccountPasskey* other = one.name == said.operator_name ? owner_of(all, one.kid) : nullptr;
    if (owner != nullptr && other != nullptr && !is_of_same(*owner, *other)) {
      return fail(Code::kConflict, "enrollment: the operator " + said.operator_name +
                                       " is somebody else of that name, with the passkey " +
                                       one.kid);
    }
  }
  return {};
}

void take(EnrollmentDesk& enrollment, SignIns* sign_ins, const std::string& statement,
          const EnrollmentDesk::Done& done) {
  const Result<jose::Jws> jws = jose::decode(statement, approval::kMaxEnrollmentBytes);
  const Result<approval::Enrollment> said =
      jws ? approval::read_enrollment(*jws) : fail(jws.error());
  if (sign_ins == nullptr || !said || !said->key || !said->passkey) {
    return enrollment.take(statement, done);  // which says what is wrong
  }
  sign_ins->passkeys([&enrollment, statement, said = *said, done](const auto& all) {
    const Status fits =
        all ? check_one_person(enrollment.operators(), said, *all) : Status(fail(all.error()));
    fits ? enrollment.take(statement, done) : done(fail(fits.error()));
  });
}

void answer(EnrollmentDesk& enrollment, SignIns* sign_ins, const http::Request& request,
            const std::shared_ptr<http::ResponseWriter>& writer) {
  const auto done = [writer](const Result<json::Object>& result) {
    writer->send(result ? json_answer(200, *result) : problem_answer(result.error()));
  };
  const bool is_ours = request.path == "/api/v1/operators";
  if (is_ours && request.method == "GET") {
    list(enrollment, sign_ins, done);
  } else if (is_ours && request.method == "POST") {
    const Result<std::string> statement = statement_in(request.body, approval::kMaxEnrollmentBytes);
    if (statement) {
      take(enrollment, sign_ins, *statement, done);
    } else {
      done(fail(statement.error()));
    }
  } else {
    done(fail(Code::kNotFound, "no such resource of the API"));
  }
}

}  // namespace

ApiDesk operators_api(EnrollmentDesk& enrollment, SignIns* sign_ins) {
  return [&enrollment, sign_ins](const http::Request& request,
                                 const std::shared_ptr<http::ResponseWriter>& writer) {
    answer(enrollment, sign_ins, request, writer);
  };
}

}  // namespace pawl
