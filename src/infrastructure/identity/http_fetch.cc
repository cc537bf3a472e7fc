#include "infrastructure/identity/http_fetch.h"

#include <chrono>

namespace pawl::identity {

Fetch http_fetch(EventLoop& loop, http::ClientPool& pool) {
  return [&loop, &pool](const std::string& url, std::function<void(Result<std::string>)> done) {
    loop.post([&pool, url, done = std::move(done)] {
      http::ClientRequest request;
      request.url = url;
      request.timeouts.total = std::chrono::seconds(10);
      const auto answered = [done](Result<http::Response> response) {
        if (!response) {
          return done(fail(response.error()));
        }
        if (response->status != 200) {
          return done(fail(Code::kUpstreamFailed,
                           "expected status 200, got " + std::to_string(response->status)));
        }
        done(std::move(response->body));
      };
      pool.fetch(std::move(request), answered, kMaxJwksBytes);
    });
  };
}

}  // namespace pawl::identity
