// The whole answer of `pawl verify`: of the ledger, the logs before it, people's statements and
// witnesses.
//
// Purpose:    the parts are found apart; one verdict is made of them, and shown.
// Threading:  plain values and functions.
// Not errors: what the parts find is their verdicts'; bad beats undecided beats good.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "app/commands/approval_report.h"
#include "app/commands/received_check.h"
#include "app/commands/shown_evidence.h"
#include "app/commands/state_check.h"
#include "app/commands/statements.h"
#include "app/commands/verify_chain.h"
#include "base/json.h"
#include "foundation/ledger/witness_check.h"

namespace pawl {

// Of a record that is shown in part (foundation/ledger/disclosure.h).
struct ShownDisclosure {
  json::Object claims;
  std::size_t withheld = 0;
};

struct VerifyAnswer {
  ledger::Report report;
  StatementReport statements;
  ReceivedReport received;
  StateReport state;
  ApprovalReport approvals;
  std::optional<ledger::WitnessCheck> witnesses;  // with a policy only
  std::vector<FrozenLog> frozen;                  // that the log goes on from, newest first
  std::optional<ShownEvidence> evidence;          // of an evidence file only
  std::optional<ShownDisclosure> disclosed;       // of a record shown in part only
  bool is_single = false;         // one record, with its proof: nothing says what came after it
  bool leaves_approvals = false;  // of records without their log, some rest on an approval
  std::string trusted;            // where the trust root came from; empty: there was none
};

VerifyAnswer undecided(std::string reason);

// Makes one verdict of all, in answer.report. `trust`: with which the report was made.
void combine(VerifyAnswer& answer, const std::optional<ledger::WitnessPolicy>& policy,
             const std::optional<ledger::Trust>& trust);

void tell_people(std::ostream& out, const VerifyAnswer& answer);
json::Object answer_json(const VerifyAnswer& answer);

}  // namespace pawl
