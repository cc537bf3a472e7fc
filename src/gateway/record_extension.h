// What stands in a record beside its claims: the extension object, within its bounds.
//
// Purpose:    the body of a draft as it fits into 4096 bytes and five levels, and its digests,
// plain
//             or salted. A body that does not fit goes where bodies are kept, before its record
//             exists, and leaves its digest.
// Threading:  the I/O thread.
// Errors:     none: a record never fails for what its body holds.
// Source:     docs/formats/records.md, docs/formats/salted_digests.md.
#pragma once

#include <string>

#include "gateway/recorder.h"

namespace pawl {

struct ExtensionParts {
  const std::string& domain_facts;  // JSON of pawl.domain; empty: none
  BodyStore* bodies;                // null: nothing is kept
  WallTime at;
};

// Digests of what a call said: in claims and body, or in `salted` where that is on.
void put_digests(RecordDraft& draft, ect::Claims& claims, SaltedDigests& salted);
// Takes the draft's body.
std::string fitting_extension(RecordDraft& draft, SaltedDigests& salted,
                              const ExtensionParts& parts);

}  // namespace pawl
