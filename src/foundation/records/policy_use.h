// By which node of which policy token a call was judged: one member of its intent, of the record
// that closes that intent, and of a refusal, so that records alone tell which nodes are done.
//
// Threading:  plain value, pure functions.
// Errors:     read: kMalformed.
// Source:     docs/formats/records.md (`acp`). Ours; no draft has a name for it.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "base/uuid.h"

namespace pawl {

struct PolicyUse {
  std::string run;           // 43 characters: of the chain's first token (acp::Chain::run)
  Uuid token;                // jti of the last token
  std::string digest;        // SHA-256 of the last token's text, 43 characters
  std::string node{};        // empty: none of them fits the call
  std::int64_t until_s = 0;  // when the first token ends, and the run with it
  bool leaves_task = false;  // a task goes on at the server: its outcome is the call's

  friend bool operator==(const PolicyUse&, const PolicyUse&) = default;
};

// {"run":TEXT,"token":UUID,"digest":TEXT,"node":TEXT,"until":SECONDS,"task":true}; without a
// node or a task, no member.
std::string print_policy_use(const PolicyUse& use);
Result<PolicyUse> read_policy_use(const json::Value& value);

}  // namespace pawl
