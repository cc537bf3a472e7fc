// Trust roots: where public keys come from, where pinned ones are kept, how they are compared.
//
// Purpose:    `pawl trust pin`, `pawl verify`, `pawl ledger export`.
// Threading:  the main thread.
// Errors:     kNotFound (no log, no keys beside it), kBadSignature (the folder contradicts itself),
//             kMalformed (a trust file that does not read).
// Not errors: nothing pinned for a log yet (nullopt).
// Format:     docs/formats/trust.md. Pins: $XDG_CONFIG_HOME/pawl/trust/ORIGIN.trust, else below
//             ~/.config; ORIGIN as file_name_of() has it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "foundation/ledger/verify.h"

namespace pawl {

// The keys that a data folder holds, or that a bundle says it was signed with, and the newest
// published head. Whoever can alter the folder can alter these: compare the fingerprint.
Result<ledger::Trust> trust_of(Files& files, const std::string& path);
// Pins the published head of a ledger's folder or bundle; without one the pin stays as it is.
// Fails unless the log's key signed it.
Status pin_head(Files& files, const std::string& ledger_folder, ledger::Trust& trust);
// The keys that an evidence file says it was signed with, and no head: one workflow tells no newer
// one. nullopt: the path is no such file.
std::optional<ledger::Trust> keys_of_evidence(Files& files, const std::string& path);
// "SHA256:" and 43 characters over the log's key and every token and operator key; not the head.
std::string fingerprint(const ledger::Trust& trust);
std::string bundle_trust_path(const std::string& bundle);  // written by `pawl ledger export`

// The log's name: of its vkey file, else of its checkpoint, else of what it goes on from.
// Nothing is verified.
Result<std::string> origin_of(Files& files, const std::string& path);
// Of a log verifier key "NAME+ID+KEY".
std::string origin_of_vkey(const std::string& vkey);

// Of a log, as the name of a file: characters other than A-Z a-z 0-9 . - stand as %XX.
std::string file_name_of(const std::string& origin);
Result<std::string> pin_path(const Environment& environment, const std::string& origin);
Result<std::optional<ledger::Trust>> pinned_trust(Context& context, const std::string& origin);
// The trust root that the verifier brought: the file `given`, else what was pinned for this log or
// for the first one of the instance; `where` it was found. nullopt: none for this log.
Result<std::optional<ledger::Trust>> find_trust(Context& context, const std::string& given,
                                                const Result<std::string>& origin,
                                                std::string& where);
// The pins beside `path` of later logs of the same instance, newest first.
std::vector<std::string> later_pins(Context& context, const std::string& path);
Status store_pin(Context& context, const std::string& path, const ledger::Trust& trust);
Result<ledger::Trust> read_trust(Files& files, const std::string& path);

}  // namespace pawl
