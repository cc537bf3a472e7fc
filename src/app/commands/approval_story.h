// What the ledger knows of the approval by which a call went through: who agreed, as what, when.
//
// Purpose:    a record names the approval; who stands behind it is in the records of the decisions.
// Threading:  the main thread.
// Errors:     what the ledger's reader and the index say.
// Not errors: no record of a decision at hand (pruned, or of another log): nobody is named.
//
// Example:    const Result<ApprovalStory> story = approval_story(context, root, *id);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/commands/record_lookup.h"
#include "operators/approval/approval.h"

namespace pawl {

struct ApprovalStory {
  struct Decision {
    approval::Signed by;
    bool is_changed = false;  // other arguments than those that were asked for
    Uuid record;
  };
  Uuid approval;
  std::vector<Decision> agreed;  // on what was let through; in the order of deciding
};

// `root`: a data folder or a bundle. Nothing is verified: that is what `pawl verify` does.
Result<ApprovalStory> approval_story(Context& context, const std::string& root,
                                     const Uuid& approval);

// For people, lines of labelled(): "approved by".
std::string story_lines(const ApprovalStory& story);
json::Object story_json(const ApprovalStory& story);

// The approval that a record of a call names, from its body.
std::optional<Uuid> approval_of_call(std::string_view kind, const json::Object& body);

}  // namespace pawl
