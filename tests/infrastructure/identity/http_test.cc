// The two seams to HTTP: credentials out of a request, key sets over the client.
#include <gtest/gtest.h>

#include "infrastructure/http/server.h"
#include "infrastructure/identity/http_credentials.h"
#include "infrastructure/identity/http_fetch.h"

namespace pawl::identity {
namespace {

TEST(HttpCredentials, AreReadFromWhereTheyBelong) {
  http::Request request;
  EXPECT_FALSE(credentials_of(request)->authorization);
  EXPECT_FALSE(credentials_of(request)->certificate_uris);
  EXPECT_FALSE(credentials_of(request)->peer);

  request.headers.add("authorization", "Bearer x");
  request.peer.uri_sans = {"spiffe://example.org/agent/triage"};
  EXPECT_FALSE(credentials_of(request)->certificate_uris);  // no verified certificate
  request.peer.client_certificate_pem =
      "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n";
  request.peer.credentials = UnixCredentials{};
  const Result<Credentials> shown = credentials_of(request);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->authorization, "Bearer x");
  EXPECT_EQ(shown->certificate_uris, request.peer.uri_sans);
  EXPECT_EQ(shown->certificate_chain, *request.peer.client_certificate_pem);
  EXPECT_EQ(shown->certificate_thumbprint, "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  EXPECT_TRUE(shown->peer);
  EXPECT_TRUE(shown->asserted.empty());
}

// What has no name could not be revoked.
TEST(HttpCredentials, ACertificateThatCannotBeNamedIsNone) {
  for (const char* pem : {"PEM", "", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                          "-----BEGIN CERTIFICATE-----\nYWJj", "-----END CERTIFICATE-----\n",
                          "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"}) {
    http::Request request;
    request.peer.client_certificate_pem = pem;
    EXPECT_FALSE(credentials_of(request)) << pem;
    EXPECT_EQ(certificate_thumbprint(pem), "") << pem;
  }
}

TEST(HttpCredentials, AFieldThatStandsTwiceIsNotRead) {
  http::Request request;
  request.headers.add("Authorization", "Bearer x");
  request.headers.add("AUTHORIZATION", "Bearer x");
  ASSERT_FALSE(credentials_of(request));
  EXPECT_EQ(credentials_of(request).error().code, Code::kUnauthenticated);
}

TEST(HttpCredentials, HostAndOriginStandOnce) {
  const OriginPolicy policy({.bound_to_loopback = true});
  http::Request request;
  EXPECT_FALSE(check_origin(policy, request));
  request.headers.add("Host", "localhost");
  EXPECT_TRUE(check_origin(policy, request));
  request.headers.add("Origin", "http://localhost");
  EXPECT_TRUE(check_origin(policy, request));
  http::Request two_origins = request;
  two_origins.headers.add("Origin", "http://localhost");
  EXPECT_FALSE(check_origin(policy, two_origins));
  request.headers.add("Host", "localhost");
  EXPECT_FALSE(check_origin(policy, request));
}

TEST(HttpFetch, OnlyA200IsAKeySet) {
  struct Case {
    const char* path;
    const char* body;
    Code code;  // kInternal: fine
  };
  const Case cases[] = {{"/good", "the set", Code::kInternal},
                        {"/gone", "", Code::kUpstreamFailed},
                        {"/huge", "", Code::kTooLarge}};
  EventLoop loop;
  auto server = http::Server::listen(
      loop, {}, [](http::Request request, std::shared_ptr<http::ResponseWriter> writer) {
        if (request.path == "/good") {
          writer->send({200, {}, "the set"});
        } else if (request.path == "/huge") {
          writer->send({200, {}, std::string(kMaxJwksBytes + 1, 'x')});
        } else {
          writer->send({404, {}, "the set"});
        }
      });
  ASSERT_TRUE(server) << server.error().message;
  http::ClientPool pool(loop, {});
  const Fetch fetch = http_fetch(loop, pool);
  const std::string base = "http://127.0.0.1:" + std::to_string((*server)->port());
  std::size_t answered = 0;
  for (const Case& one : cases) {
    fetch(base + one.path, [&, one](Result<std::string> text) {
      if (one.code == Code::kInternal) {
        EXPECT_EQ(text.value_or("no answer"), one.body) << one.path;
      } else if (text) {
        ADD_FAILURE() << one.path;
      } else {
        EXPECT_EQ(code_name(text.error().code), code_name(one.code)) << one.path;
      }
      if (++answered == std::size(cases)) {
        loop.stop();
      }
    });
  }
  loop.run();
  EXPECT_EQ(answered, std::size(cases));
}

}  // namespace
}  // namespace pawl::identity
