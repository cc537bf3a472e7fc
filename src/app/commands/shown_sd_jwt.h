// An SD-JWT for people and as JSON.
//
// Threading:  the main thread. Texts of others are shown as data (shown_text.h).
#pragma once

#include "app/commands/command.h"
#include "foundation/sd_jwt/sd_jwt.h"

namespace pawl {

void tell_verified(Context& context, const sd_jwt::Verified& shown);
// What it would say if everything were shown, and by which pointer each part is named.
void tell_disclosures(Context& context, const sd_jwt::SdJwt& token,
                      const sd_jwt::Processed& processed);

}  // namespace pawl
