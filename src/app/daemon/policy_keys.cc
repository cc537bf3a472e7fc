#include "app/daemon/policy_keys.h"

#include <map>

#include "app/daemon/trusted_tokens.h"
#include "base/log.h"
#include "infrastructure/identity/http_fetch.h"

namespace pawl {
namespace {

using Keys = std::shared_ptr<const jose::JwkSet>;

// The sets of one list, by the name of who signs.
class Signers {
 public:
  void add(const std::string& name, std::shared_ptr<identity::KeySource> source) {
    Signer& known = signers_[name];
    known.source = std::move(source);
    known.seen = known.source->keys();
  }

  Result<PublicKey> find(std::string_view name, std::string_view thumbprint) {
    const auto found = signers_.find(name);
    if (found == signers_.end()) {
      return fail(Code::kNotFound, "nobody of this name signs policy tokens here");
    }
    identity::KeySource& source = *found->second.source;
    if (std::optional<PublicKey> key = of_set(source.keys(), thumbprint)) {
      return *std::move(key);
    }
    source.unknown_key();
    std::optional<PublicKey> key = of_set(source.keys(), thumbprint);  // a file was read again
    return key ? Result<PublicKey>(*std::move(key))
               : fail(Code::kNotFound, "no such key of its signer is at hand");
  }

  // How many changes were seen: a source gives the same set until it reads another.
  std::uint64_t changes() {
    for (auto& [name, signer] : signers_) {
      if (Keys now = signer.source->keys(); now != signer.seen) {
        signer.seen = std::move(now);
        ++changes_;
      }
    }
    return changes_;
  }

 private:
  static std::optional<PublicKey> of_set(const Keys& set, std::string_view thumbprint) {
    if (set != nullptr) {
      for (const auto& [kid, key] : set->keys()) {
        if (key.thumbprint() == thumbprint) {
          return key;
        }
      }
    }
    return std::nullopt;
  }

  struct Signer {
    std::shared_ptr<identity::KeySource> source;
    Keys seen;
  };
  std::map<std::string, Signer, std::less<>> signers_;
  std::uint64_t changes_ = 0;
};

}  // namespace

PolicyKeys policy_token_keys(const Config& config, Files& files, Clock& clock, EventLoop& loop,
                             http::ClientPool& pool) {
  if (config.policy_tokens.issuers.empty()) {
    return {};
  }
  const auto read = [&](const std::vector<PolicyTokensConfig::Signer>& list) {
    auto out = std::make_shared<Signers>();
    for (const PolicyTokensConfig::Signer& one : list) {
      auto source = key_source_of({one.name, one.jwks_file, one.jwks_url, ""}, files, clock,
                                  identity::http_fetch(loop, pool));
      if (source) {
        out->add(one.name, *std::move(source));
      } else {  // not after check_start()
        log(LogLevel::kError, "trusted_token_keys_unreadable",
            {{"issuer", one.name}, {"reason", source.error().message}});
      }
    }
    return out;
  };
  const auto issuers = read(config.policy_tokens.issuers);
  const auto holders = read(config.policy_tokens.holders);
  return {[issuers, holders](acp::Signer signer, std::string_view iss, std::string_view kid) {
            return (signer == acp::Signer::kIssuer ? issuers : holders)->find(iss, kid);
          },
          [issuers, holders] { return issuers->changes() + holders->changes(); }};
}

}  // namespace pawl
