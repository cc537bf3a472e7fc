// Signed webhooks in the form of Standard Webhooks 1.0, and when a failed one is tried again.
//
// Purpose:    a receiver can tell who sent a request, when, and whether it saw it before.
// Threading:  pure functions; the random source is given.
// Errors:     webhook_key(): kInvalidParams, without the secret in the text.
// Source:     Standard Webhooks 1.0.0, "Signature scheme" and "Webhook headers"; symmetric (v1).
//
// Example:
//   const Result<std::string> key = notify::webhook_key("whsec_...");
//   http::ClientRequest request = notify::webhook_request({url, *key}, {"approval-...", body},
//   now);
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "infrastructure/http/client.h"

namespace pawl::notify {

struct Webhook {
  std::string url;
  std::string key;  // raw bytes

  // Scheme, host and port: the rest may hold a secret of the receiver's.
  std::string shown() const;
};

struct Message {
  std::string id;    // no full stop in it; the same at each attempt
  std::string body;  // JSON
};

// The key of "whsec_" and base64 of 24 to 64 bytes.
Result<std::string> webhook_key(std::string_view secret);

// "v1," and base64 of the HMAC-SHA-256 over "ID.SECONDS.BODY".
std::string webhook_signature(std::string_view key, const Message& message, std::int64_t seconds);

// `now` is that of the attempt.
http::ClientRequest webhook_request(const Webhook& webhook, const Message& message, WallTime now);

// After so many failures in turn (1 is the first): a second, doubled each time up to kLongestDelay,
// of which at least a half and at most all, by chance.
inline constexpr std::chrono::milliseconds kFirstDelay{1'000}, kLongestDelay{60'000};
std::chrono::milliseconds retry_delay(unsigned failures, Random& random);

}  // namespace pawl::notify
