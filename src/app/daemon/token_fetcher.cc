#include "app/daemon/token_fetcher.h"

#include <utility>

#include "base/limit_stat.h"
#include "infrastructure/identity/safe_url.h"

namespace pawl {
namespace {

constexpr std::string_view kPlace = "{jti}";

LimitStat at_once("token_fetches");
LimitStat too_large("token_fetch_bytes");
LimitStat not_again("token_fetch_again");

std::string url_of(const std::string& pattern, const Uuid& id) {
  std::string url = pattern;
  url.replace(url.find(kPlace), kPlace.size(), id.text());
  return url;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

Status check_tokens_url(const std::string& url) {
  if (url.find(kPlace) == url.npos || url.find(kPlace) != url.rfind(kPlace)) {
    return fail(Code::kInvalidParams,
                "tokens URL '" + url + "': expected {jti} in it once, where a token's id stands");
  }
  return identity::check_safe_url("tokens URL", url_of(url, Uuid{}));
}

TokenFetcher::TokenFetcher(const Config& config, http::ClientPool& pool, Scheduler& scheduler,
                           Clock& clock)
    : pool_(pool),
      scheduler_(scheduler),
      clock_(clock),
      timeout_(std::chrono::seconds(config.tokens.fetch_timeout_s)) {
  for (const TrustedTokens& trusted : config.trusted_tokens) {
    if (!trusted.tokens_url.empty()) {
      urls_.emplace(trusted.issuer, trusted.tokens_url);
    }
  }
}

TokenSource TokenFetcher::source(const std::shared_ptr<TokenFetcher>& fetcher) {
  if (fetcher->urls_.empty()) {
    return {};
  }
  TokenSource out;
  out.timeout = fetcher->timeout_;
  out.knows = [fetcher](std::string_view issuer) { return fetcher->urls_.contains(issuer); };
  out.fetch = [fetcher](const WantedToken& wanted, Done done) {
    fetcher->fetch(wanted, std::move(done));
  };
  return out;
}

void TokenFetcher::later(Done done, Error error) {
  scheduler_.post([done = std::move(done), error = std::move(error)] { done(fail(error)); });
}

// An agent that presents one token again and again does not make its issuer be asked each time.
void TokenFetcher::remember_failure(const WantedToken& wanted) {
  if (failed_.size() >= kMostRemembered) {
    failed_.clear();
  }
  failed_.insert_or_assign({wanted.issuer, wanted.id}, clock_.boot());
}

Result<std::string> TokenFetcher::text_of(Result<http::Response> response) const {
  if (!response) {
    if (response.error().code == Code::kTooLarge) {
      too_large.reached();
    }
    return fail(response.error());
  }
  if (response->status != 200) {
    return fail(Code::kUpstreamFailed,
                "expected status 200, got " + std::to_string(response->status));
  }
  return std::string(trimmed(response->body));
}

void TokenFetcher::fetch(const WantedToken& wanted, Done done) {
  const auto failed = failed_.find({wanted.issuer, wanted.id});
  if (failed != failed_.end()) {
    if (clock_.boot().us - failed->second.us < std::chrono::microseconds(kNotAgainFor).count()) {
      not_again.reached();
      return later(std::move(done), {Code::kNotFound, "its issuer was asked a moment ago"});
    }
    failed_.erase(failed);
  }
  if (open_ == kMostAtOnce) {
    at_once.reached();
    return later(std::move(done), {Code::kOverloaded, "too many tokens are being fetched"});
  }
  ++open_;
  http::ClientRequest request;
  request.url = url_of(urls_.at(wanted.issuer), wanted.id);
  request.timeouts.connect = timeout_;
  request.timeouts.total = timeout_;
  const auto answered = [this, alive = std::weak_ptr<bool>(alive_), wanted,
                         done = std::move(done)](Result<http::Response> response) {
    if (alive.expired()) {
      return;
    }
    --open_;
    Result<std::string> text = text_of(std::move(response));
    if (!text) {
      remember_failure(wanted);
    }
    done(std::move(text));
  };
  pool_.fetch(std::move(request), answered, kMaxBytes);
}

}  // namespace pawl
