#include "app/daemon/trusted_tokens.h"

#include <map>

#include "base/log.h"
#include "foundation/jose/jwk_set.h"

namespace pawl {

ect::KeyResolver trusted_token_keys(Files& files, const std::vector<TrustedTokens>& trusted) {
  auto sets = std::make_shared<std::map<std::string, jose::JwkSet, std::less<>>>();
  for (const TrustedTokens& issuer : trusted) {
    const Result<std::string> text = read_file(files, issuer.jwks_file);
    Result<jose::JwkSet> set =
        text ? jose::JwkSet::parse(*text) : Result<jose::JwkSet>(fail(text.error()));
    if (!set) {
      log(LogLevel::kError, "trusted_token_keys_unreadable",
          {{"issuer", issuer.issuer}, {"reason", set.error().message}});
      continue;
    }
    sets->insert_or_assign(issuer.issuer, *std::move(set));
  }
  return [sets](std::string_view iss, std::string_view kid) -> Result<PublicKey> {
    const auto set = sets->find(iss);
    const PublicKey* key = set == sets->end() ? nullptr : set->second.find(kid);
    if (key == nullptr) {
      return fail(Code::kNotFound, "the issuer or its key is not trusted here");
    }
    return *key;
  };
}

}  // namespace pawl
