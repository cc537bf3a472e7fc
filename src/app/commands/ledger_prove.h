// pawl ledger prove: a record's receipt, in the form that its reader asks for.
//
// Purpose:    `--form tlog` (the default) writes the token and a tlog-proof
// (docs/formats/receipt.md);
//             `--form jws` the token and a signed receipt (docs/formats/jws_receipt.md);
//             `--form cose` a signed statement with a COSE receipt in it, which the keys of the
//             data folder sign here and now (docs/formats/cose_receipt.md).
// Threading:  the main thread. The daemon is not needed, and may run.
// Errors:     kConflict: a file is there and holds something else. kUnsupported: `cose` of a log
//             whose key is not in the keystore any more. And what the parts say.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_prove(CLI::App& group, Context& context);
// The operand of the commands that take one record.
void add_record_name(CLI::App& command, std::string& name);

}  // namespace pawl
