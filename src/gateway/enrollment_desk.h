// Where operators are enrolled and removed: the shell around operators/approval/enrollment.
//
// Purpose:    verifies a signed statement, records it; the fold has it then.
// Threading:  the I/O thread.
// Ownership:  the parts outlive it.
// Errors:     those of verify_enrollment() and decide_enrollment(), kForbidden (the key that signed
//             was revoked), kConflict (another one is being recorded), kEvidenceUnavailable.
// Source:     docs/formats/enrollment.md.
#pragma once

#include <functional>
#include <string>

#include "gateway/recorder.h"
#include "operators/approval/enrollment.h"

namespace pawl {

class EnrollmentDesk {
 public:
  using Done = std::function<void(Result<json::Object>)>;
  struct Parts {
    Recorder& recorder;
    const approval::EnrolledOperators& operators;  // the fold's
    std::function<bool(const std::string& kid)> is_revoked;
  };
  explicit EnrollmentDesk(Parts parts) : parts_(std::move(parts)) {}

  // The answer: operator, kid (may be empty), record.
  void take(const std::string& statement, Done done);
  // {"founded":BOOL,"operators":[{"operator","kid","roles","passkey":{...}?,"revoked":true?}]}
  json::Object list() const;
  // {instance, operator: {name, keys: [{kid, roles, passkey: {credential, rp}}]}}: the passkeys of
  // this operator that are not revoked; without `operator` where there is none.
  json::Object passkeys_of(std::string_view name) const;
  const approval::EnrolledOperators& operators() const { return parts_.operators; }

 private:
  Parts parts_;
  bool recording_ = false;
};

}  // namespace pawl
