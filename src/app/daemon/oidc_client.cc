#include "app/daemon/oidc_client.h"

#include "infrastructure/identity/http_fetch.h"

namespace pawl {
namespace {

constexpr std::chrono::seconds kTimeout{10};
constexpr std::size_t kMaxAnswer = 256 * 1024;
// A new key: only who comes with the provider's own token makes us look, so often enough.
constexpr identity::KeyAges kAges{.min_interval = std::chrono::seconds{1}};
constexpr std::chrono::milliseconds kLookAgain{300};
constexpr int kLooks = 6;

Result<sign_in::Provider> provider_of(const OidcConfig& config, const std::string& address) {
  sign_in::Provider out;
  out.issuer = config.issuer;
  out.authorization_url = config.authorization_url;
  out.token_url = config.token_url;
  out.redirect_url = address + "/api/v1/session/oidc/callback";
  out.client_id = config.client_id;
  out.client_secret = config.client_secret;
  out.algorithms = config.algorithms;
  out.scopes = config.scopes;
  out.name_claim = config.name_claim;
  out.must_name_itself = config.must_name_itself;
  for (const RoleRuleConfig& rule : config.roles) {
    Result<sign_in::Grant> grant = sign_in::parse_grant(rule.grant);
    if (!grant) {
      return fail(grant.error());
    }
    out.roles.push_back({rule.claim, rule.value, *std::move(grant)});
  }
  return out;
}

}  // namespace

Status check_oidc(const OidcConfig& config) {
  const Result<sign_in::Provider> provider = provider_of(config, "");
  return provider ? Status() : fail(provider.error());
}

Result<std::unique_ptr<OidcClient>> OidcClient::make(const OidcConfig& config,
                                                     const std::string& address, Parts parts) {
  Result<sign_in::Provider> provider = provider_of(config, address);
  if (!provider) {
    return fail(provider.error());
  }
  Result<std::shared_ptr<identity::UrlKeySource>> keys = identity::UrlKeySource::create(
      config.jwks_url, identity::http_fetch(parts.loop, parts.pool), parts.clock, kAges);
  if (!keys) {
    return fail(keys.error());
  }
  return std::unique_ptr<OidcClient>(new OidcClient(*std::move(provider), *std::move(keys), parts));
}

void OidcClient::finish(const sign_in::Fields& answer, const std::string& binding, Done done) {
  const auto state = answer.find("state");
  const std::optional<sign_in::PendingLogins::Begun> begun =
      state == answer.end() ? std::nullopt
                            : pending_.take(state->second, binding, parts_.clock.boot());
  const Result<std::string> code =
      begun ? sign_in::check_callback(provider_, answer)
            : fail(Code::kTokenInvalid, "OpenID login: not begun in this browser, or too long ago");
  if (!code) {
    parts_.loop.post([done, error = code.error()] { done(fail(error)); });
    return;
  }
  const sign_in::TokenRequest asked = sign_in::token_request(provider_, *code, begun->verifier);
  http::ClientRequest request;
  request.url = provider_.token_url;
  request.method = "POST";
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.headers.set("Accept", "application/json");
  if (!asked.authorization.empty()) {
    request.headers.set("Authorization", asked.authorization);
  }
  request.body = asked.body;
  request.timeouts.connect = kTimeout;
  request.timeouts.total = kTimeout;
  parts_.pool.fetch(
      std::move(request),
      [this, alive = std::weak_ptr<bool>(alive_), nonce = begun->nonce,
       done](const Result<http::Response>& response) {
        if (!alive.expired()) {
          answered(response, nonce, done);
        }
      },
      kMaxAnswer);
}

void OidcClient::answered(const Result<http::Response>& response, const std::string& nonce,
                          const Done& done) {
  if (!response || response->status != 200) {
    done(fail(Code::kUpstreamFailed,
              "OpenID login: the provider's token endpoint " +
                  (response ? "answers " + std::to_string(response->status)
                            : std::string("does not answer: ") + response.error().message)));
    return;
  }
  const Result<std::string> token = sign_in::token_of(response->body);
  if (!token) {
    done(fail(token.error()));
    return;
  }
  read(*token, nonce, kLooks, done);
}

void OidcClient::read(const std::string& token, const std::string& nonce, int looks,
                      const Done& done) {
  const Result<sign_in::Person> person =
      sign_in::read_id_token(token, provider_, *keys_, nonce, parts_.latest_time.wall());
  if (person || looks == 0 || sign_in::knows_key(token, *keys_)) {
    done(person);
    return;
  }
  const std::uint64_t number = next_++;
  waiting_.insert_or_assign(
      number, parts_.loop.after(kLookAgain, [this, number, token, nonce, looks, done] {
        const auto own = waiting_.extract(number);
        read(token, nonce, looks - 1, done);
      }));
}

}  // namespace pawl
