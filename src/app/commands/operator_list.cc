#include "app/commands/operator_list.h"

#include <algorithm>

#include "app/commands/local_http.h"
#include "app/commands/operator_signature.h"

namespace pawl {
namespace {

bool flag_at(const json::Value& value, std::string_view name) {
  const json::Value* found = json::find(value, {name});
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

}  // namespace

Result<OperatorList> read_operator_list(const json::Value& answer) {
  const json::Value* list = json::find(answer, {"operators"});
  if (list == nullptr || !list->is_array()) {
    return fail(Code::kMalformed, "the daemon's answer has no operators");
  }
  OperatorList out;
  out.founded = flag_at(answer, "founded");
  out.instance = text_at(answer, "instance");
  for (const json::Value& one : list->get_array()) {
    EnrolledKey key{text_at(one, "operator"), text_at(one, "kid"), {}};
    const json::Value* roles = json::find(one, {"roles"});
    for (const json::Value& role :
         roles != nullptr && roles->is_array() ? roles->get_array() : json::Array()) {
      key.roles.emplace_back(role.is_string() ? role.get_string() : "");
    }
    key.has_passkey = json::find(one, {"passkey"}) != nullptr;
    key.is_revoked = flag_at(one, "revoked");
    out.keys.push_back(std::move(key));
  }
  const json::Value* candidates = json::find(answer, {"candidates"});
  for (const json::Value& one :
       candidates != nullptr && candidates->is_array() ? candidates->get_array() : json::Array()) {
    const json::Value* jwk = json::find(one, {"key"});
    Result<PublicKey> key = PublicKey::from_jwk(jwk != nullptr ? *jwk : json::Value());
    if (key && key->thumbprint() == text_at(one, "kid")) {
      const json::Value* provider = json::find(one, {"provider"});
      const json::Value nobody;
      const json::Value& there = provider != nullptr ? *provider : nobody;
      out.candidates.push_back({text_at(one, "account"),
                                key->thumbprint(),
                                text_at(there, "issuer"),
                                text_at(there, "subject"),
                                {text_at(one, "credential"), text_at(one, "rp")},
                                *std::move(key)});
    }
  }
  return out;
}

Result<PasskeyCandidate> candidate_of(const OperatorList& list, const std::string& kid,
                                      const std::string& name) {
  const auto found = std::find_if(list.candidates.begin(), list.candidates.end(),
                                  [&](const PasskeyCandidate& one) { return one.kid == kid; });
  if (found == list.candidates.end()) {
    return fail(Code::kNotFound, "no account has a passkey " + kid +
                                     " that is not enrolled (pawl operators list shows them)");
  }
  return found->account == name
             ? Result<PasskeyCandidate>(*found)
             : fail(Code::kForbidden,
                    "this is a passkey of the account " + found->account +
                        ", and an operator decides signed in under their own name");
}

Result<json::Value> ask_operators(Context& context, const DataFolder& folder,
                                  const std::string& body) {
  return ask_daemon(context.files, folder, DaemonListener::kControl, "/api/v1/operators", body);
}

Result<EnrolledKey> enrolled_as(const OperatorList& list, const std::string& kid,
                                const std::string& name) {
  const auto found = std::find_if(list.keys.begin(), list.keys.end(),
                                  [&](const EnrolledKey& one) { return one.kid == kid; });
  if (!list.founded) {
    return fail(Code::kNotFound,
                "no operator is enrolled yet; the first one enrolls with: pawl operators enroll "
                "NAME --bootstrap --roles admin,approver --key FILE");
  }
  if (found == list.keys.end()) {
    return fail(Code::kNotFound, "your key " + kid +
                                     " is not enrolled; an admin enrolls it with: pawl operators "
                                     "enroll NAME --roles approver --public-key FILE");
  }
  if (found->is_revoked) {
    return fail(Code::kForbidden, "your key " + kid + " was revoked (pawl revoke list)");
  }
  if (!name.empty() && found->name != name) {
    return fail(Code::kForbidden, "this is the key of " + found->name + ", not of " + name);
  }
  return *found;
}

Result<std::string> addressed_instance(Context& context, const std::string& told) {
  Result<std::string> ours = instance_of(context);
  if (ours && !told.empty() && told != *ours) {
    return fail(Code::kConflict, "the daemon is " + told + ", and the configuration here says " +
                                     *ours + ": run this with its --config");
  }
  return ours;
}

}  // namespace pawl
