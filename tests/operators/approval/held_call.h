// One held call and the people who decide on it, for the tests of operators/approval.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "foundation/crypto/sha256.h"
#include "operators/approval/approval_state.h"
#include "operators/approval/approval_wire.h"

namespace pawl::approval {

inline constexpr std::int64_t kNow = 1'795'464'000;
inline constexpr std::string_view kSelf = "spiffe://example.org/pawl/gw1";

inline std::string digest_of(std::string_view text) {
  return digest_text(sha256(text));
}

inline Uuid id_of(std::uint8_t number) {
  Uuid out;
  out.bytes = {0x01, 0x9a, 0xb1, 0xc2, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number};
  return out;
}

inline Binding call_of(std::string_view params = R"({"name":"deploy","arguments":{}})") {
  Binding out;
  out.agent = "spiffe://example.org/agent/triage";
  out.on_behalf_of = "carol";
  out.server = "files";
  out.verb = "tool.call";
  out.name = "deploy";
  out.digest = digest_of(params);
  out.policy = digest_of("rules");
  return out;
}

inline Request request_of(std::uint8_t number = 1, HoldTerms terms = {{"approver"}, 1, 1, 900, {}},
                          Binding binding = call_of()) {
  return {id_of(number),
          std::move(binding),
          std::move(terms),
          "dave",
          digest_of("nonce" + std::to_string(number)),
          16};
}

// What `person` signs; the key is named after the person.
inline Decide decision_of(const Approval& approval, std::string_view person,
                          Decision decision = Decision::kApprove,
                          std::string_view role = "approver") {
  Statement said = draft_statement(approval, kSelf, decision);
  said.operator_name = person;
  said.key = "key of " + std::string(person);
  said.role = role;
  return {std::move(said), Evidence{"token", "", "", "", ""}, kSelf};
}

// Decides and applies; the code of the refusal, or nothing.
inline std::optional<Code> run(ApprovalState& state, const Command& command,
                               std::int64_t now = kNow, std::vector<Event>* log = nullptr) {
  const Result<std::vector<Event>> events = decide(state, command, now);
  if (!events) {
    return events.error().code;
  }
  for (const Event& event : *events) {
    state.apply(event);
    if (log != nullptr) {
      log->push_back(event);
    }
  }
  return std::nullopt;
}

inline const Approval& first(const ApprovalState& state) {
  return *state.find(id_of(1));
}

}  // namespace pawl::approval
