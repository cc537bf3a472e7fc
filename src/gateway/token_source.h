// Where tokens are asked for that somebody's token names as its parents and nobody here has.
//
// Purpose:    the gateway says which and of whom; the app asks over HTTP
// (app/daemon/token_fetcher). Threading:  the I/O thread; the answer comes on it, never before
// fetch() is left. Errors:     of an answer: whatever the reason, the token is not at hand. Rule:
// what is fetched makes a graph more complete, or breaks it. It never allows a call.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"

namespace pawl {

struct WantedToken {
  Uuid id;
  std::string issuer;  // of the token that names it: the only one that is asked
};

struct TokenSource {
  std::function<bool(std::string_view issuer)> knows{};  // empty: nobody is asked
  std::function<void(const WantedToken& wanted, std::function<void(Result<std::string>)> done)>
      fetch{};
  std::chrono::milliseconds timeout{2'000};  // of all of one call together
};

}  // namespace pawl
