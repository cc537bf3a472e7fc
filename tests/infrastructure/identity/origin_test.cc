#include "infrastructure/identity/origin.h"

#include <gtest/gtest.h>

#include "infrastructure/identity/loopback.h"

namespace pawl::identity {
namespace {

using Text = std::optional<std::string_view>;

struct Case {
  const char* name;
  Text host;
  Text origin;
  bool allowed;
};

void check_all(const OriginPolicy& policy, std::initializer_list<Case> cases) {
  for (const Case& one : cases) {
    const Status status = policy.check(one.host, one.origin);
    EXPECT_EQ(status.has_value(), one.allowed) << one.name;
    if (!status) {
      EXPECT_EQ(status.error().code, Code::kForbidden) << one.name;
    }
  }
}

TEST(OriginPolicy, OnLoopbackOnlyLoopbackNamesAndConfiguredHostsPass) {
  const OriginPolicy policy({.bound_to_loopback = true,
                             .allowed_hosts = {"Gateway.test"},
                             .allowed_origins = {"https://app.example"}});
  check_all(policy,
            {{"name", "localhost:7700", {}, true},
             {"name without port", "localhost", {}, true},
             {"name in upper case", "LOCALHOST:7700", {}, true},
             {"IPv4", "127.0.0.1:7700", {}, true},
             {"the rest of 127/8", "127.1.2.3", {}, true},
             {"IPv6", "[::1]:7700", {}, true},
             {"configured", "gateway.TEST:1", {}, true},
             {"no Host", {}, {}, false},
             {"an empty Host", "", {}, false},
             {"rebinding", "evil.example:7700", {}, false},
             {"a loopback name in front", "localhost.evil.example", {}, false},
             {"a loopback address in front", "127.0.0.1.evil.example", {}, false},
             {"a trailing dot", "localhost.", {}, false},
             {"a short address", "127.1", {}, false},
             {"an octal address", "0177.0.0.1", {}, false},
             {"all interfaces", "0.0.0.0:7700", {}, false},
             {"another address", "192.168.0.2:7700", {}, false},
             {"user info", "localhost@evil.example", {}, false},
             {"a path", "localhost:7700/x", {}, false},
             {"a bad port", "localhost:77a", {}, false},
             {"an empty port", "localhost:", {}, false},
             {"a long port", "localhost:777777", {}, false},
             {"an open bracket", "[::1", {}, false},
             {"text after the bracket", "[::1]x", {}, false},
             {"empty brackets", "[]", {}, false},
             {"two hosts", "localhost,evil.example", {}, false},
             {"a space", "localhost ", {}, false},

             {"own origin", "localhost:7700", "http://localhost:7700", true},
             {"another local port", "localhost:7700", "http://localhost:3000", true},
             {"another loopback spelling", "127.0.0.1:7700", "http://[::1]:3000", true},
             {"configured origin", "localhost:7700", "https://app.example", true},
             {"configured origin, other case", "localhost:7700", "HTTPS://APP.example", true},
             {"configured host, same origin", "gateway.test", "https://gateway.test", true},
             {"configured origin, other port", "localhost", "https://app.example:444", false},
             {"foreign page", "localhost:7700", "https://evil.example", false},
             {"a look-alike", "localhost:7700", "http://localhost.evil.example", false},
             {"opaque", "localhost:7700", "null", false},
             {"empty", "localhost:7700", "", false},
             {"a file", "localhost:7700", "file://localhost", false},
             {"an extension", "localhost:7700", "chrome-extension://abc", false},
             {"a path", "localhost:7700", "http://localhost/x", false},
             {"user info", "localhost:7700", "http://localhost@evil.example", false},
             {"bad host, good origin", "evil.example", "https://app.example", false}});
}

TEST(OriginPolicy, OffLoopbackTheHostMustBeConfigured) {
  const OriginPolicy policy({.allowed_hosts = {"gw.example.org:8443", "[2001:DB8::1]"}});
  check_all(policy, {{"host and port", "gw.example.org:8443", {}, true},
                     {"IPv6, any port", "[2001:db8::1]:9", {}, true},
                     {"another port", "gw.example.org:8444", {}, false},
                     {"no port", "gw.example.org", {}, false},
                     {"loopback is nothing special", "localhost:8443", {}, false},
                     {"same host", "gw.example.org:8443", "https://gw.example.org", true},
                     {"foreign page", "gw.example.org:8443", "https://example.org", false},
                     {"local page", "gw.example.org:8443", "http://localhost", false}});
}

TEST(OriginPolicy, NothingConfiguredAllowsNothing) {
  const OriginPolicy policy({});
  check_all(policy, {{"any", "localhost", {}, false},
                     {"none", {}, {}, false},
                     {"same", "a.example", "http://a.example", false}});
}

TEST(Loopback, OnlyUnmistakableSpellings) {
  const std::pair<const char*, bool> cases[] = {
      {"localhost", true},
      {"LocalHost", true},
      {"127.0.0.1", true},
      {"127.255.255.255", true},
      {"::1", true},
      {"[::1]", true},
      {"", false},
      {"localhos", false},
      {"localhostx", false},
      {"127.0.0.256", false},
      {"127.0.0.01", false},
      {"127.0.0", false},
      {"127.0.0.1.", false},
      {"128.0.0.1", false},
      {"::ffff:127.0.0.1", false},
      {"2130706433", false},
      {"127.0.0.-1", false},
      {"127..0.1", false},
  };
  for (const auto& [host, loopback] : cases) {
    EXPECT_EQ(is_loopback_host(host), loopback) << host;
  }
}

}  // namespace
}  // namespace pawl::identity
