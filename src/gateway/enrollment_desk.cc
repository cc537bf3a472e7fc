#include "gateway/enrollment_desk.h"

#include <utility>

#include "base/json_texts.h"
#include "operators/approval/enrollment_wire.h"
#include "path/plugged.h"

namespace pawl {

void EnrollmentDesk::take(const std::string& statement, Done done) {
  Result<approval::Enrollment> said =
      approval::verify_enrollment(statement, parts_.operators.operators());
  const bool checks = plugged(ControlId::kEnrollment);
  if (!said && !checks) {
    const Result<jose::Jws> jws = jose::decode(statement);
    said = jws ? approval::read_enrollment(*jws) : fail(jws.error());
  }
  if (!said) {
    done(fail(said.error()));
    return;
  }
  const std::int64_t now = parts_.recorder.now().seconds();
  const Status counts = approval::decide_enrollment(parts_.operators, *said,
                                                    parts_.recorder.instance().spiffe(), now);
  if (!counts && checks) {
    done(fail(counts.error()));
    return;
  }
  if (parts_.is_revoked(said->by_key)) {
    done(fail(Code::kForbidden, "enrollment: the key that signed was revoked"));
    return;
  }
  if (std::exchange(recording_, true)) {
    done(fail(Code::kConflict, "enrollment: another one is being recorded; try again"));
    return;
  }
  RecordDraft draft;
  draft.id = parts_.recorder.new_id();
  draft.kind = approval::record_kind(*said);
  draft.body.members(approval::print_enrollment({*said, now, statement}));
  json::Object answer{{"operator", said->operator_name}, {"kid", said->kid}};
  parts_.recorder.record(std::move(draft),
                         [this, answer = std::move(answer),
                          done = std::move(done)](const Result<RecordRef>& recorded) mutable {
                           recording_ = false;
                           if (!recorded) {
                             done(fail(recorded.error()));
                             return;
                           }
                           answer["record"] = recorded->id.text();
                           done(std::move(answer));
                         });
}

json::Object EnrollmentDesk::list() const {
  json::Array people;
  for (const Operator& one : parts_.operators.operators()) {
    json::Object shown{{"operator", one.name}, {"kid", one.kid}};
    shown["roles"] = json::texts(one.roles);
    if (const approval::Passkey* passkey = parts_.operators.passkey_of(one.kid)) {
      shown["passkey"] =
          json::Object{{"credential", passkey->credential}, {"rp_id", passkey->rp_id}};
    }
    if (parts_.is_revoked(one.kid)) {
      shown["revoked"] = true;
    }
    people.emplace_back(std::move(shown));
  }
  json::Object out{{"founded", parts_.operators.founded()}};
  out["instance"] = parts_.recorder.instance().spiffe();
  out["operators"] = std::move(people);
  return out;
}

json::Object EnrollmentDesk::passkeys_of(std::string_view name) const {
  json::Array keys;
  for (const Operator& one : parts_.operators.operators()) {
    const approval::Passkey* passkey = parts_.operators.passkey_of(one.kid);
    if (one.name != name || passkey == nullptr || parts_.is_revoked(one.kid)) {
      continue;
    }
    json::Object shown{{"kid", one.kid}};
    shown["roles"] = json::texts(one.roles);
    shown["passkey"] = json::Object{{"credential", passkey->credential}, {"rp", passkey->rp_id}};
    keys.emplace_back(std::move(shown));
  }
  json::Object out{{"instance", parts_.recorder.instance().spiffe()}};
  if (!keys.empty()) {
    json::Object person{{"name", name}};
    person["keys"] = std::move(keys);
    out["operator"] = std::move(person);
  }
  return out;
}

}  // namespace pawl
