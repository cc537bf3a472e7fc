// What is changed in an upstream's answer before its client sees it.
//
// Purpose:    lists hold only what the caller may use; task ids become handles; requestState
//             becomes ours; the record's id and proof stand in `_meta`, and no key of ours that the
//             server wrote. Every other byte passes.
// Threading:  the I/O thread (learns names and schemas).
// Errors:     kUpstreamFailed: a list or a state that cannot be used (check before recording).
#pragma once

#include <string>

#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/inbound.h"

namespace pawl::bridge {

// `answer` holds a result, no error.
Result<std::string> shape_result(Core& core, const Inbound& inbound, const Answer& answer,
                                 const RecordRef& record);

}  // namespace pawl::bridge
