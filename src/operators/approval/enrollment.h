// Who may decide: operators enrolled by signed statements, each after the first by one before.
//
// Purpose:    decide_enrollment() says whether a statement counts, EnrolledOperators is what
// records
//             of it lead to: a part of the fold.
// Threading:  plain values, pure functions.
// Errors:     decide_enrollment(): kTokenInvalid (another instance, expired, from the future),
//             kForbidden (signed by nobody who may), kConflict (it counted already, there was a
//             first one, the key is another's, the last admin), kNotFound (nobody to remove),
//             kInvalidParams, kOverloaded.
// Not errors: the same operator with another key: one person may have a key file and a passkey.
// Rule:       the first is accepted once for a ledger, whoever is removed later; it is an admin,
//             and only admins enroll and remove, so that an approver cannot make a second one.
// Source:     docs/formats/enrollment.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "foundation/keys/accounts.h"

namespace pawl::approval {

inline constexpr std::string_view kAdminRole = "admin";

// A credential of an authenticator whose key this is (WebAuthn).
struct Passkey {
  std::string credential;  // id, base64url
  std::string rp_id;       // host name under which it was made

  friend bool operator==(const Passkey&, const Passkey&) = default;
};

enum class EnrollmentVerb { kEnroll, kRemove };

struct Enrollment {
  EnrollmentVerb verb = EnrollmentVerb::kEnroll;
  std::string operator_name;
  std::string kid;                 // thumbprint; remove: of the key that goes, empty: all of them
  std::optional<PublicKey> key{};  // enroll: P-256; a passkey's may be Ed25519
  std::vector<std::string> roles;  // enroll
  std::optional<Passkey> passkey;
  bool bootstrap = false;         // the first: signed with the key that it enrolls
  std::string by_operator;        // who signs
  std::string by_key;             // thumbprint
  std::string audience;           // the instance
  Uuid id;                        // each counts once
  std::int64_t iat = 0, exp = 0;  // seconds; at most 300 s apart
};

// A record's content: what was said, when, and the token that proves it.
struct EnrollmentRecord {
  Enrollment said;
  std::int64_t at = 0;
  std::string statement;
};

class EnrolledOperators {
 public:
  static constexpr std::size_t kMost = 1024;     // keys
  static constexpr std::size_t kMostKeys = 8;    // of one person
  static constexpr std::size_t kMostIds = 4096;  // statements remembered while they are fresh

  // One entry for each key; of these the signatures are checked.
  const std::vector<Operator>& operators() const { return operators_; }
  const Operator* find(std::string_view kid) const;
  std::size_t keys_of(std::string_view person) const;
  const Passkey* passkey_of(std::string_view kid) const;
  std::size_t admins() const;  // people
  bool founded() const { return founded_; }
  bool counted(const Uuid& statement) const { return counted_.contains(statement); }
  bool remembers_all() const { return counted_.size() < kMostIds; }

  // What replay calls. Of what does not fit nothing happens.
  void apply(const EnrollmentRecord& record);

  json::Object print() const;
  static Result<EnrolledOperators> read(const json::Value& value);

 private:
  void enroll(const Enrollment& said);
  void remove(const Enrollment& said);

  bool founded_ = false;
  std::vector<Operator> operators_;
  std::map<std::string, Passkey, std::less<>> passkeys_;  // by kid
  std::map<Uuid, std::int64_t> counted_;                  // statement: after this second it is past
};

// `said`: whose signature by `by_key` was verified (enrollment_wire.h). `now`: seconds.
Status decide_enrollment(const EnrolledOperators& state, const Enrollment& said,
                         std::string_view instance, std::int64_t now);

}  // namespace pawl::approval
