// What a person signs on the command line, and how it is told before it is sent.
//
// Purpose:    composes the statement on a held call from what the person said; who says nothing of
//             uses and end joins who approved before.
// Threading:  plain calls.
// Errors:     kConflict (it is not pending, or its end is past), kForbidden (role), kBadSignature
//             (the arguments are not those of the approval), kInvalidParams, kNotFound.
// Not errors: to approve something else than others did: the count starts anew, and that is told.
// Source:     docs/formats/approval.md, docs/operations/approve-a-call.md.
#pragma once

#include <cstdint>
#include <string>

#include "app/commands/command.h"
#include "app/commands/held_call.h"
#include "app/commands/operator_list.h"
#include "operators/approval/statement.h"

namespace pawl {

struct Wish {
  approval::Decision decision = approval::Decision::kDeny;
  std::string role, until;  // empty: not said
  std::uint32_t uses = 0;   // 0: not said
  std::string changed{};    // params in place of the call's; empty: none
};

Result<approval::Statement> statement_on(Context& context, const HeldCall& call,
                                         const EnrolledKey& person, const Wish& wish);
std::string signed_lines(const HeldCall& call, const approval::Statement& said);

}  // namespace pawl
