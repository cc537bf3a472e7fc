// The whole body of a record that holds its digest only, from the vault of the data folder.
//
// Threading:  the main thread.
// Errors:     of vault::Vault::get_kept (kNotFound: erased), and kBadSignature: it opens, and is
// not
//             what the record's digest is of.
// Not errors: a record that holds its body, or does not say that it was kept: nullopt.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/commands/record_lookup.h"
#include "base/json.h"

namespace pawl {

// `data`: the data folder that has the vault; `body`: as the record has it.
std::optional<Result<std::string>> kept_body(Files& files, const std::string& data,
                                             const FoundRecord& record, const json::Object& body);

// What the vault knows of the pseudonyms in a body: whose each is, or that it was erased; a line
// each.
std::vector<std::string> people_words(Context& context, const json::Object& body);

// Replaces `body` by the whole one, where it is at hand. What to tell about it; empty: the record
// holds all of it, or only ever held a digest.
std::string fill_in(Context& context, const FoundRecord& record, json::Object& body);

}  // namespace pawl
