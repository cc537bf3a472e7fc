// The statement that enrolls or removes an operator, `enrollment+jwt` (OURS), and its record.
//
// Purpose:    print, read and verify the token; print and read the bodies of `operator.enrolled`
// and
//             `operator.removed` and the fold's part of the snapshot.
// Threading:  pure functions.
// Errors:     kTokenInvalid (not exactly the claims), kBadSignature, kForbidden (no operator has
// the
//             key that signed); bodies: kMalformed.
// Not errors: members of a body that are not known (those who record add theirs).
// Source:     docs/formats/enrollment.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "foundation/jose/jws.h"
#include "operators/approval/enrollment.h"

namespace pawl::approval {

inline constexpr std::size_t kMaxEnrollmentBytes = 8192;

// Completes the statement with the key that signs, and `kid` with the key that it enrolls.
Result<std::string> sign_enrollment(Enrollment said, const SigningKey& operator_key);
// What a decoded token says; neither the signature nor the present time is looked at.
Result<Enrollment> read_enrollment(const jose::Jws& jws);
// The signature: by the key of an operator who is enrolled; a bootstrap's by its own key. Whether
// it counts says decide_enrollment().
Result<Enrollment> verify_enrollment(const std::string& token, std::span<const Operator> operators);

std::string_view record_kind(const Enrollment& said);
json::Object print_enrollment(const EnrollmentRecord& record);
Result<EnrollmentRecord> read_enrollment(std::string_view kind, const json::Value& body);

}  // namespace pawl::approval
