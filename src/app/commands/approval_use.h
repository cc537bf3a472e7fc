// Whether the record of a call is of the call that people approved.
//
// Purpose:    an approval is good for one exact call; a record that names a use of it is compared
//             with its binding, member by member.
// Threading:  pure functions.
// Not errors: what a record does not hold in the clear (salted digests, pseudonyms, a body that was
//             cut) cannot be compared: it is named, and nothing follows from it.
// Source:     docs/formats/approval.md.
#pragma once

#include <string>

#include "gateway/fold_part.h"
#include "operators/approval/approval.h"

namespace pawl {

struct UseComparison {
  std::string wrong;       // the first member that differs; empty: none does
  bool arguments = false;  // their digest was compared
  bool people = false;     // on whose behalf the call was made was compared
  bool names = false;      // agent, server, verb and name were, all of them
};

// Whether a record names a use of an approval: ect_ext[...].approval is an object, in a record of
// another area than that of approvals, whose bodies name theirs as a text.
bool spends_approval(std::string_view kind, const json::Value& body);

// A record of what became of an approval may say of which call it is, and name the record that
// asked as its cause (older ones do not). The first member that says something else; empty: none.
std::string wrong_about(const FoldedRecord& record, const approval::Approval& approval);

UseComparison compare_use(const FoldedRecord& record, const approval::Approval& approval);

}  // namespace pawl
