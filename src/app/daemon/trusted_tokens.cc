#include "app/daemon/trusted_tokens.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "app/config/form_config.h"
#include "base/log.h"
#include "foundation/ect/exec_audit.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "infrastructure/identity/did.h"
#include "infrastructure/identity/http_fetch.h"
#include "path/plugged.h"

namespace pawl {
namespace {

using Keys = std::shared_ptr<const jose::JwkSet>;

constexpr std::int64_t kNothing = std::numeric_limits<std::int64_t>::max();

class TrustedKeys {
 public:
  void add(const std::string& issuer, const ect::IssuerRules& rules,
           std::shared_ptr<identity::KeySource> source) {
    Issuer& known = issuers_[issuer];
    known.rules = rules;
    known.source = std::move(source);
    known.seen = known.source->keys();
  }

  Result<PublicKey> find(std::string_view iss, std::string_view kid) {
    const auto issuer = issuers_.find(iss);
    if (issuer == issuers_.end()) {
      return fail(Code::kNotFound, "the issuer is not trusted here");
    }
    identity::KeySource& source = *issuer->second.source;
    if (const Keys keys = source.keys(); keys && keys->find(kid) != nullptr) {
      return *keys->find(kid);
    }
    source.unknown_key();
    const Keys keys = source.keys();  // a file was read again
    if (!keys) {
      return fail(Code::kNotFound, "no usable keys of the issuer are at hand");
    }
    const PublicKey* key = keys->find(kid);
    return key != nullptr ? Result<PublicKey>(*key)
                          : fail(Code::kNotFound, "the issuer has no such key");
  }

  // Our own tokens have none.
  Status check(const ect::Token& token) const {
    const auto issuer = issuers_.find(token.claims.iss);
    return issuer == issuers_.end() || !plugged(ControlId::kTokenProfile)
               ? Status()
               : ect::check_issuer_rules(token, issuer->second.rules);
  }

  // The sets are compared by identity: a source gives the same one until it reads another.
  std::uint64_t generation() {
    for (auto& [name, issuer] : issuers_) {
      if (Keys now = issuer.source->keys(); now != issuer.seen) {
        issuer.seen = std::move(now);
        ++generation_;
      }
    }
    return generation_;
  }

 private:
  struct Issuer {
    std::shared_ptr<identity::KeySource> source;
    ect::IssuerRules rules;
    Keys seen;
  };
  std::map<std::string, Issuer, std::less<>> issuers_;
  std::uint64_t generation_ = 0;
};

}  // namespace

Result<std::shared_ptr<identity::KeySource>> key_source_of(const TrustedTokens& trusted,
                                                           Files& files, Clock& clock,
                                                           const identity::Fetch& fetch) {
  if (!trusted.jwks_file.empty()) {
    return std::make_shared<identity::FileKeySource>(files, trusted.jwks_file, clock);
  }
  if (trusted.jwks_url.empty() && identity::looks_like_did(trusted.issuer)) {
    Result<jose::JwkSet> keys = identity::keys_of_did(trusted.issuer);
    if (!keys) {
      return fail(Code::kInvalidParams, keys.error().message);
    }
    return std::make_shared<identity::DidKeySource>(*std::move(keys));
  }
  Result<std::shared_ptr<identity::UrlKeySource>> source =
      identity::UrlKeySource::create(trusted.jwks_url, fetch, clock);
  if (!source) {
    return fail(source.error());
  }
  return *std::move(source);
}

ForeignKeys trusted_token_keys(const Config& config, Files& files, Clock& clock, EventLoop& loop,
                               http::ClientPool& pool) {
  if (config.trusted_tokens.empty()) {
    return {};
  }
  const Result<FormConfig> form = load_form(files, config.file);
  if (!form) {  // not after load_config()
    log(LogLevel::kError, "trusted_token_keys_unreadable",
        {{"issuer", "*"}, {"reason", form.error().message}});
    return {};
  }
  auto keys = std::make_shared<TrustedKeys>();
  for (const TrustedTokens& issuer : config.trusted_tokens) {
    Result<std::shared_ptr<identity::KeySource>> source =
        key_source_of(issuer, files, clock, identity::http_fetch(loop, pool));
    if (!source) {  // not after check_start()
      log(LogLevel::kError, "trusted_token_keys_unreadable",
          {{"issuer", issuer.issuer}, {"reason", source.error().message}});
      continue;
    }
    const auto rules = form->issuers.find(issuer.issuer);
    keys->add(issuer.issuer, rules != form->issuers.end() ? rules->second : ect::IssuerRules{},
              *std::move(source));
  }
  return {[keys](std::string_view iss, std::string_view kid) { return keys->find(iss, kid); },
          [keys] { return keys->generation(); },
          [keys](const ect::Token& token) { return keys->check(token); }};
}

bool takes_tokens_of_others(const Config& config) {
  return !config.trusted_tokens.empty() || !config.trust_domains.empty() ||
         config.tokens.minimum_level == ect::Level::kL1;
}

void recall_records(TokenMemory& memory, const Config& config, Files& files,
                    const DataFolder& folder, std::uint64_t size) {
  if (!takes_tokens_of_others(config)) {
    return;
  }
  std::optional<std::int64_t> first;
  const auto tell = [&](std::uint64_t, std::string_view text) {
    const Result<jose::Jws> jws = jose::decode(std::string(text), text.size());
    if (const Result<ect::Token> token = jws ? ect::read(*jws) : fail(jws.error()); token) {
      first = first.value_or(token->claims.iat);
      memory.recorded(token->claims);
    }
    return true;
  };
  const Result<std::optional<ledger::Minimum>> minimum =
      ledger::read_minimum(files, folder.ledger());
  const std::uint64_t pruned = minimum && *minimum ? (*minimum)->index : 0;
  const std::uint64_t newest = size > RecordedTasks::kMost ? size - RecordedTasks::kMost : 0;
  const std::uint64_t from = std::max(newest, pruned);  // what was kept of the others is not all
  const Status read =
      ledger::walk(files, folder.ledger(), {.entry = tell, .intent = {}, .checkpoint = {}}, from);
  if (!read) {
    log(LogLevel::kError, "records_not_recalled", {{"reason", read.error().message}});
  }
  const bool is_all = read && from == 0 && ledger::frozen_logs(files, folder.root).empty();
  if (!is_all) {
    memory.recalled_since(read ? first.value_or(kNothing) : kNothing);
  }
}

Result<RecordForm> record_form(Files& files, const Config& config) {
  const Result<FormConfig> form = load_form(files, config.file);
  if (!form) {
    return fail(form.error());
  }
  return RecordForm{form->issues_ect00 ? ect::Dialect::kEct00 : ect::Dialect::kEct01,
                    form->audit ? ect::print_domain_facts(*form->audit) : ""};
}

TokenRules token_rules(const TokensConfig& config) {
  return {config.minimum_level,
          config.algorithms,
          {.allow_partial = !config.refuse_unknown_parents,
           .allow_other_workflow = config.cross_workflow,
           .refuse_unapproved = config.refuse_unapproved},
          config.cbor};
}

}  // namespace pawl
