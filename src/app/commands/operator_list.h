// The operators who are enrolled, as the daemon tells them, and which of them signs here.
//
// Threading:  the main thread.
// Errors:     what asking says; kMalformed. enrolled_as(): kNotFound, with what to do next;
//             kForbidden: the key was revoked, or is somebody else's.
// Not errors: a daemon that lies: what is signed names operator and role, and who verifies asks the
//             ledger.
#pragma once

#include <string>
#include <vector>

#include "app/commands/command.h"
#include "foundation/crypto/signing_key.h"
#include "operators/approval/enrollment.h"

namespace pawl {

struct EnrolledKey {
  std::string name, kid;
  std::vector<std::string> roles;
  bool has_passkey = false;
  bool is_revoked = false;
};

// A passkey of an account that nobody enrolled yet.
struct PasskeyCandidate {
  std::string account, kid;
  std::string issuer, subject;  // empty: of an account of the instance
  approval::Passkey passkey;
  PublicKey key;
};

struct OperatorList {
  bool founded = false;  // somebody was enrolled once
  std::string instance;  // as the daemon says; empty: it does not
  std::vector<EnrolledKey> keys;
  std::vector<PasskeyCandidate> candidates;
};

Result<OperatorList> read_operator_list(const json::Value& answer);
Result<json::Value> ask_operators(Context& context, const DataFolder& folder,
                                  const std::string& body = "");

// Whose key this is. `name`: who it is to be; empty: whoever.
Result<EnrolledKey> enrolled_as(const OperatorList& list, const std::string& kid,
                                const std::string& name);

// The passkey `kid` of the account `name`: the key is what its name says, whatever the daemon says
// beside it. kNotFound, kForbidden (another account's).
Result<PasskeyCandidate> candidate_of(const OperatorList& list, const std::string& kid,
                                      const std::string& name);

// What a statement names as the instance; kConflict: the daemon is another one than the
// configuration at hand says.
Result<std::string> addressed_instance(Context& context, const std::string& told);

}  // namespace pawl
