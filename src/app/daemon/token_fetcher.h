// Asks the configured domains of trusted issuers for their tokens.
//
// Purpose:    the TokenSource of gateway/token_source.h over HTTP: GET `tokens_url` with the id in
//             place of {jti}; 200 and the token's text. Nothing is verified here.
// Threading:  the I/O thread. Answers come on it, later than fetch() is left.
// Ownership:  what it is given outlives it. An answer that comes when it is gone is dropped.
// Errors:     kUpstreamFailed for any status but 200 (a redirect is one); kTooLarge over 64 KiB;
//             kOverloaded: kMostAtOnce are under way; kNotFound: asked a moment ago, without
//             success; the client's.
// Source:     docs/formats/ect.md, "Parents from their issuer".
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"
#include "base/clock.h"
#include "base/scheduler.h"
#include "gateway/token_source.h"
#include "infrastructure/http/client.h"

namespace pawl {

// kInvalidParams: not a URL that tokens may come from, or one without {jti}.
Status check_tokens_url(const std::string& url);

class TokenFetcher {
 public:
  static constexpr std::size_t kMostAtOnce = 64;
  static constexpr std::size_t kMaxBytes = 64 * 1024;
  static constexpr std::chrono::seconds kNotAgainFor{10};
  static constexpr std::size_t kMostRemembered = 4096;

  TokenFetcher(const Config& config, http::ClientPool& pool, Scheduler& scheduler, Clock& clock);

  // Holds the fetcher; without any `tokens_url` it is empty.
  static TokenSource source(const std::shared_ptr<TokenFetcher>& fetcher);

 private:
  using Done = std::function<void(Result<std::string>)>;

  void fetch(const WantedToken& wanted, Done done);
  void later(Done done, Error error);
  void remember_failure(const WantedToken& wanted);
  Result<std::string> text_of(Result<http::Response> response) const;

  http::ClientPool& pool_;
  Scheduler& scheduler_;
  Clock& clock_;
  const std::chrono::milliseconds timeout_;
  std::map<std::string, std::string, std::less<>> urls_;  // by issuer
  std::size_t open_ = 0;
  std::map<std::pair<std::string, Uuid>, BootTime> failed_;  // issuer and id
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace pawl
