// Keys of foreign issuers whose ECTs may be presented as parents, from files and URLs, kept fresh.
//
// Purpose:    the ForeignKeys of gateway/parent_tokens.h over the key sources that JWT issuers have
//             (infrastructure/identity/jwks_source.h), with their caching and rotation.
// Threading:  the I/O thread.
// Ownership:  files, clock, loop and pool outlive the result.
// Errors:     of the source, kInvalidParams: a URL that keys must not come from (check_start says
// so
//             before). Of the resolver, kNotFound: the issuer or the key is not trusted, or no
//             usable set of it is at hand (fail closed).
#pragma once

#include <vector>

#include "app/config/config.h"
#include "app/daemon/data_folder.h"
#include "gateway/parent_tokens.h"
#include "infrastructure/http/client.h"
#include "infrastructure/identity/jwks_source.h"

namespace pawl {

Result<std::shared_ptr<identity::KeySource>> key_source_of(const TrustedTokens& trusted,
                                                           Files& files, Clock& clock,
                                                           const identity::Fetch& fetch);

// Without issuers: empty, only our own tokens count.
ForeignKeys trusted_token_keys(const Config& config, Files& files, Clock& clock, EventLoop& loop,
                               http::ClientPool& pool);

// False: only our own tokens count, and they were judged when they were recorded. An agent's own
// unsigned words need no trusted issuer.
bool takes_tokens_of_others(const Config& config);

// Where others' tokens are taken: tells which are the newest records of the log in use, made before
// this start. What cannot be read is logged, and counts as not at hand.
void recall_records(TokenMemory& memory, const Config& config, Files& files,
                    const DataFolder& folder, std::uint64_t size);

// `tokens` of the configuration, as the gateway takes it.
TokenRules token_rules(const TokensConfig& config);
// The same for what it issues, with `audit`.
Result<RecordForm> record_form(Files& files, const Config& config);

}  // namespace pawl
