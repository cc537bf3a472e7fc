#include "operators/approval/enrollment.h"

#include <algorithm>
#include <set>
#include <utility>

namespace pawl::approval {
namespace {

constexpr std::int64_t kSkewSeconds = 30;
constexpr std::size_t kMaxRoles = 16;
constexpr std::size_t kMaxPasskeyText = 1024;

tl::unexpected<Error> refuse(Code code, std::string_view why) {
  return fail(code, "enrollment: " + std::string(why));
}

Status check_names(const Enrollment& said) {
  if (!is_account_name(said.operator_name) ||
      !std::all_of(said.roles.begin(), said.roles.end(), is_account_name)) {
    return refuse(Code::kInvalidParams,
                  "a name or role has 1 to 256 printable ASCII characters without space, quote or "
                  "backslash");
  }
  const KeyKind kind = said.key->kind();
  if (kind != KeyKind::kP256 && !(said.passkey && kind == KeyKind::kEd25519)) {
    return refuse(Code::kInvalidParams, "a key is EC on P-256; a passkey's may be Ed25519");
  }
  return {};
}

Status check_enrolled(const EnrolledOperators& state, const Enrollment& said) {
  if (!said.key || said.key->thumbprint() != said.kid) {
    return refuse(Code::kInvalidParams, "a key is missing");
  }
  if (said.roles.empty() || said.roles.size() > kMaxRoles) {
    return refuse(Code::kInvalidParams, "an operator has 1 to 16 roles");
  }
  if (said.passkey && (said.passkey->credential.empty() || said.passkey->rp_id.empty() ||
                       said.passkey->credential.size() > kMaxPasskeyText ||
                       said.passkey->rp_id.size() > kMaxPasskeyText)) {
    return refuse(Code::kInvalidParams, "a passkey has a credential and an rp");
  }
  if (Status status = check_names(said); !status) {
    return status;
  }
  const Operator* known = state.find(said.kid);
  if (known != nullptr && known->name != said.operator_name) {
    return refuse(Code::kConflict, "this key is another operator's");
  }
  if (known != nullptr) {
    return {};  // the roles are replaced
  }
  if (state.keys_of(said.operator_name) >= EnrolledOperators::kMostKeys ||
      state.operators().size() >= EnrolledOperators::kMost) {
    return refuse(Code::kOverloaded, "too many keys");
  }
  return {};
}

// Whether an admin would be left.
Status check_admins(const EnrolledOperators& state, const Enrollment& said) {
  EnrolledOperators after = state;
  after.apply({said, 0, ""});
  if (after.admins() == 0) {
    return refuse(Code::kConflict, "nobody could enroll any more; enroll another admin first");
  }
  return {};
}

Status check_removed(const EnrolledOperators& state, const Enrollment& said) {
  const Operator* known = state.find(said.kid);
  const bool there = said.kid.empty() ? state.keys_of(said.operator_name) > 0
                                      : known != nullptr && known->name == said.operator_name;
  return there ? Status() : refuse(Code::kNotFound, "no operator with this name and key");
}

Status check_first(const EnrolledOperators& state, const Enrollment& said) {
  if (state.founded()) {
    return refuse(Code::kConflict, "the first operator was enrolled already");
  }
  if (said.verb != EnrollmentVerb::kEnroll || said.by_key != said.kid ||
      said.by_operator != said.operator_name) {
    return refuse(Code::kForbidden, "the first operator signs with the key that is enrolled");
  }
  if (std::find(said.roles.begin(), said.roles.end(), kAdminRole) == said.roles.end()) {
    return refuse(Code::kInvalidParams, "the first operator is an admin");
  }
  return {};
}

Status check_admin(const EnrolledOperators& state, const Enrollment& said) {
  const Operator* by = state.find(said.by_key);
  if (by == nullptr || by->name != said.by_operator || !has_role(*by, kAdminRole)) {
    return refuse(Code::kForbidden, "signed by nobody who is enrolled as an admin");
  }
  return {};
}

}  // namespace

const Operator* EnrolledOperators::find(std::string_view kid) const {
  return find_operator(operators_, kid);
}

std::size_t EnrolledOperators::keys_of(std::string_view person) const {
  return static_cast<std::size_t>(
      std::count_if(operators_.begin(), operators_.end(),
                    [person](const Operator& one) { return one.name == person; }));
}

const Passkey* EnrolledOperators::passkey_of(std::string_view kid) const {
  const auto at = passkeys_.find(kid);
  return at == passkeys_.end() ? nullptr : &at->second;
}

std::size_t EnrolledOperators::admins() const {
  std::set<std::string_view> people;
  for (const Operator& one : operators_) {
    if (has_role(one, kAdminRole)) {
      people.insert(one.name);
    }
  }
  return people.size();
}

void EnrolledOperators::enroll(const Enrollment& said) {
  if (!said.key) {
    return;
  }
  const auto known = std::find_if(operators_.begin(), operators_.end(),
                                  [&](const Operator& one) { return one.kid == said.kid; });
  if (known == operators_.end()) {
    operators_.push_back({said.operator_name, *said.key, said.kid, said.roles});
  } else if (known->name == said.operator_name) {
    known->roles = said.roles;
  } else {
    return;
  }
  if (said.passkey) {
    passkeys_.insert_or_assign(said.kid, *said.passkey);
  }
}

void EnrolledOperators::remove(const Enrollment& said) {
  std::erase_if(operators_, [&](const Operator& one) {
    const bool goes = one.name == said.operator_name && (said.kid.empty() || said.kid == one.kid);
    if (goes) {
      passkeys_.erase(one.kid);
    }
    return goes;
  });
}

void EnrolledOperators::apply(const EnrollmentRecord& record) {
  const Enrollment& said = record.said;
  if (counted(said.id) || (said.bootstrap && founded_)) {
    return;
  }
  std::erase_if(counted_, [&](const auto& one) { return one.second < record.at; });
  if (counted_.size() < kMostIds) {
    counted_.emplace(said.id, said.exp);
  }
  founded_ = true;  // once there was one, there is no first any more
  if (said.verb == EnrollmentVerb::kEnroll) {
    enroll(said);
  } else {
    remove(said);
  }
}

Status decide_enrollment(const EnrolledOperators& state, const Enrollment& said,
                         std::string_view instance, std::int64_t now) {
  if (said.audience != instance) {
    return refuse(Code::kTokenInvalid, "made for another instance");
  }
  if (now > said.exp || said.iat > now + kSkewSeconds) {
    return refuse(Code::kTokenInvalid, "expired, or from the future");
  }
  if (state.counted(said.id)) {
    return refuse(Code::kConflict, "this statement counted already");
  }
  if (!state.remembers_all()) {
    return refuse(Code::kOverloaded, "too many statements in a few minutes");
  }
  Status status = said.bootstrap ? check_first(state, said) : check_admin(state, said);
  if (status) {
    status = said.verb == EnrollmentVerb::kEnroll ? check_enrolled(state, said)
                                                  : check_removed(state, said);
  }
  return status ? check_admins(state, said) : status;
}

}  // namespace pawl::approval
