#include "infrastructure/notify/webhook.h"

#include <algorithm>

#include "base/encoding.h"
#include "foundation/crypto/sha256.h"
#include "infrastructure/http/url.h"

namespace pawl::notify {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kShortestKey = 24, kLongestKey = 64;  // bytes
constexpr std::chrono::seconds kPatience{10};

}  // namespace

std::string Webhook::shown() const {
  const Result<http::Url> parsed = http::parse_url(url);
  return parsed ? (parsed->tls ? "https://" : "http://") + parsed->authority : "(no URL)";
}

Result<std::string> webhook_key(std::string_view secret) {
  const bool is_marked = secret.starts_with(kSecretPrefix);
  Result<std::string> key = is_marked ? base64_decode(secret.substr(kSecretPrefix.size()))
                                      : fail(Code::kInvalidParams, "");
  if (!key || key->size() < kShortestKey || key->size() > kLongestKey) {
    return fail(Code::kInvalidParams,
                "expected whsec_ and base64 of 24 to 64 random bytes, as of: "
                "echo \"whsec_$(openssl rand -base64 32)\"");
  }
  return key;
}

std::string webhook_signature(std::string_view key, const Message& message, std::int64_t seconds) {
  const Digest mac =
      hmac_sha256(key, message.id + "." + std::to_string(seconds) + "." + message.body);
  return "v1," + base64_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

http::ClientRequest webhook_request(const Webhook& webhook, const Message& message, WallTime now) {
  http::ClientRequest out;
  out.url = webhook.url;
  out.method = "POST";
  out.headers.set("Content-Type", "application/json");
  out.headers.set("User-Agent", "pawl");
  out.headers.set("webhook-id", message.id);
  out.headers.set("webhook-timestamp", std::to_string(now.seconds()));
  out.headers.set("webhook-signature", webhook_signature(webhook.key, message, now.seconds()));
  out.body = message.body;
  out.timeouts.connect = kPatience;
  out.timeouts.total = kPatience;
  return out;
}

std::chrono::milliseconds retry_delay(unsigned failures, Random& random) {
  std::int64_t delay = kFirstDelay.count();
  for (unsigned i = 1; i < failures && delay < kLongestDelay.count(); ++i) {
    delay *= 2;
  }
  delay = std::min<std::int64_t>(delay, kLongestDelay.count());
  const std::string bytes = random.bytes(2);
  const auto chance = static_cast<std::int64_t>(static_cast<unsigned char>(bytes[0])) * 256 +
                      static_cast<unsigned char>(bytes[1]);
  return std::chrono::milliseconds(delay / 2 + (delay - delay / 2) * chance / 0xffff);
}

}  // namespace pawl::notify
