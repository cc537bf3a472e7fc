#include "app/daemon/foreign_tokens.h"

#include "app/daemon/token_fetcher.h"
#include "app/daemon/trusted_tokens.h"

namespace pawl {

void add_foreign_tokens(GovernanceOptions& options, const ForeignTokenParts& parts) {
  options.older_records = parts.lookup.older();
  options.older_records_ready = parts.lookup.ready();
  options.foreign_keys =
      trusted_token_keys(parts.config, parts.files, parts.clock, parts.loop, parts.pool);
  options.token_source = TokenFetcher::source(
      std::make_shared<TokenFetcher>(parts.config, parts.pool, parts.scheduler, parts.clock));
}

}  // namespace pawl
