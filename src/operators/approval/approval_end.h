// How an approval ended, in words for the caller who asked for it.
//
// Threading:  a pure function.
// Not errors: it has not ended, or by other rules, which says nothing to a caller: an empty text.
#pragma once

#include <string>

#include "operators/approval/approval.h"

namespace pawl::approval {

std::string end_in_words(const Approval& approval);

}  // namespace pawl::approval
