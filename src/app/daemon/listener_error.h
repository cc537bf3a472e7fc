// Which of the three listeners cannot be opened, and where the configuration sets them.
//
// Threading:  the main thread, at the start.
// Errors:     of listener_error: every listener whose address is taken, each with its key in the
//             configuration, so that one look at the file is enough.
#pragma once

#include "app/config/config.h"

namespace pawl {

// `key` ("listen", "control", "override") could not be opened; those that would be opened after it
// are tried as well.
tl::unexpected<Error> listener_error(const Config& config, const std::string& key,
                                     const Error& error);

}  // namespace pawl
