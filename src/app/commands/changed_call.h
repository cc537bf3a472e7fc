// Arguments that a person puts in the place of a held call's, where the person sits.
//
// Purpose:    what is signed is a digest: it is computed here, of a text that is shown here.
// Threading:  pure functions but for the file that is read.
// Errors:     kInvalidParams (no JSON object, the same arguments), kNotFound (nobody changed it).
// Source:     docs/formats/approval.md, "Changed arguments".
#pragma once

#include <string>
#include <string_view>

#include "app/commands/command.h"
#include "app/commands/held_call.h"

namespace pawl {

// The params of the call with the arguments that stand in a file.
Result<std::string> changed_by_file(Context& context, const HeldCall& call,
                                    const std::string& file);
// Those that the last one who approved put in their place.
Result<std::string> changed_before(const HeldCall& call);
// Each difference in a line: /arguments/x 1 -> 2.
std::string shown_change(std::string_view asked, std::string_view changed);

}  // namespace pawl
