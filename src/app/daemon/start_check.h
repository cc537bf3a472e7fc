// What stops a start and can be known from the configuration and the files that it names.
//
// Purpose:    one function for `pawl config check`, which finds it before, and for `pawl serve`.
// Threading:  the main thread, before anything listens.
// Errors:     "pawl.yaml:LINE:COLUMN: KEY: what, and what was expected"; nothing was opened.
// Not errors: what only the machine of the moment can tell: a port in use, a data folder that
//             another daemon holds, a server that does not start. Rules: load_rule_files says.
#pragma once

#include "app/config/config.h"
#include "base/clock.h"
#include "base/files.h"

namespace pawl {

// `development`: serve --dev.
Status check_start(const Config& config, Files& files, Clock& clock, bool development);

// What a start takes and is probably not meant: a key set or an authority that cannot be read.
std::vector<std::string> start_warnings(const Config& config, Files& files);

}  // namespace pawl
