// The configuration as it is in force, every member of it, without secrets: to be shown, and to be
// recorded by its digest.
//
// Purpose:    `pawl config show` prints it; a start compares its digests with the last record of
//             them (config.changed, docs/formats/records.md).
// Threading:  pure functions.
// Privacy:    a secret is shown as "(secret)", a header or variable by its name, a URL without its
//             query, the words of a command by their digest. So a secret that changed is no change.
// Not errors: members that were left out: their defaults are in force, and shown.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/bundle_config.h"
#include "app/config/config.h"
#include "app/config/form_config.h"
#include "app/config/outside_config.h"
#include "base/json.h"
#include "foundation/keys/key_source.h"

namespace pawl {

struct ConfigParts {  // what Config does not hold
  FormConfig form;
  Bundles bundles;
  KeySources keys;
  OutsidePointsConfig outside;
};
// Of the file that load_config() took.
Result<ConfigParts> load_parts(Files& files, const Config& config, const KeySources& keys);
json::Object effective_config(const Config& config, const ConfigParts& parts);

// SHA-256 of the words as a JSON array in compact text, base64url.
std::string argv_hash(const std::vector<std::string>& words);

// SHA-256 of each top member (RFC 8785), base64url. Without `file` and `warnings`; a path below the
// folder of the configuration counts as relative to it, so that it does not matter from where the
// file was named.
using SectionDigests = std::map<std::string, std::string>;
SectionDigests section_digests(const json::Object& effective, const std::string& directory);
// Of all of them: SHA-256 of their object (RFC 8785), base64url.
std::string config_digest(const SectionDigests& sections);
// Names of what differs, in order; `before` empty: none.
std::vector<std::string> changed_sections(const SectionDigests& before,
                                          const SectionDigests& after);

}  // namespace pawl
