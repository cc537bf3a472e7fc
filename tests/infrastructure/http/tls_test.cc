// The server and the client over TLS, and a client certificate by hand.
#include "infrastructure/net/tls.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <optional>

#include "infrastructure/http/client.h"
#include "infrastructure/http/server.h"
#include "tests/infrastructure/http/tls_files.h"
#include "tests/infrastructure/net/loop_thread.h"

namespace pawl::http {
namespace {

using pawl::testing::CountingGate;
using pawl::testing::LoopThread;
using pawl::testing::RawSocket;
using pawl::testing::TlsFiles;

class TlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { files = std::make_unique<TlsFiles>(); }
  static void TearDownTestSuite() { files.reset(); }
  void listen(const std::string& name, const std::string& client_ca, bool require,
              Handler handler) {
    options.tls = TlsServerOptions{files->certificate(name), files->key(name), client_ca, require};
    server = runner.on_loop([&] {
      auto made = Server::listen(runner.loop, options, std::move(handler));
      EXPECT_TRUE(made) << (made ? "" : made.error().message);
      return std::move(made.value());
    });
  }
  static void describe(Request request, std::shared_ptr<ResponseWriter> writer) {
    std::string text = request.peer.tls ? "tls" : "plain";
    for (const std::string& uri : request.peer.uri_sans) {
      text += " " + uri;
    }
    text += request.peer.client_certificate_pem ? " pem" : "";
    writer->send({200, {}, text + " " + std::to_string(request.body.size())});
  }
  Result<Response> fetch(const std::string& ca, ClientRequest request) {
    std::promise<Result<Response>> fetched;
    runner.on_loop([&] {
      pool = std::make_unique<ClientPool>(runner.loop, ClientOptions{.ca_file = ca});
      pool->fetch(
          std::move(request), [&](Result<Response> r) { fetched.set_value(std::move(r)); },
          100'000'000);
    });
    return fetched.get_future().get();
  }
  std::string url(const std::string& host) {
    return "https://" + host + ":" + std::to_string(server->port()) + "/";
  }
  void TearDown() override {
    runner.on_loop([&] {
      pool.reset();
      server.reset();
    });
  }

  static std::unique_ptr<TlsFiles> files;
  LoopThread runner;
  ServerOptions options;
  std::unique_ptr<Server> server;
  std::unique_ptr<ClientPool> pool;
};

std::unique_ptr<TlsFiles> TlsTest::files;

TEST_F(TlsTest, TheClientChecksChainAndName) {
  const struct {
    const char* name;
    const char* certificate;
    const char* ca;
    const char* host;
    bool good;
  } cases[] = {
      {"name", "server", "ca", "localhost", true},
      {"address", "server", "ca", "127.0.0.1", true},
      {"wrong name", "other", "ca", "localhost", false},
      {"wrong address", "other", "ca", "127.0.0.1", false},
      {"unknown CA", "server", "stranger_ca", "localhost", false},
      {"system store", "server", "", "localhost", false},
      {"no such CA file", "server", "missing", "localhost", false},
  };
  for (const auto& c : cases) {
    listen(c.certificate, "", false, describe);
    const std::string ca = *c.ca == '\0' ? "" : files->certificate(c.ca);
    const Result<Response> answer = fetch(ca, {.url = url(c.host)});
    ASSERT_EQ(answer.has_value(), c.good) << c.name << (answer ? "" : answer.error().message);
    if (answer) {
      EXPECT_EQ(answer->body, "tls 0");
    } else {
      EXPECT_EQ(answer.error().code, Code::kUpstreamUnavailable) << c.name;
    }
    runner.on_loop([&] { server.reset(); });
  }
}

TEST_F(TlsTest, LargeMessagesPassBothWaysAndConnectionsAreReused) {
  options.max_body_bytes = 20'000'000;
  listen("server", "", false, [](Request request, std::shared_ptr<ResponseWriter> writer) {
    writer->send({200, {}, std::move(request.body)});
  });
  const std::string body(10'000'000, 'x');
  const Result<Response> answer =
      fetch(files->certificate("ca"), {.url = url("localhost"), .method = "POST", .body = body});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, body);
  std::promise<Result<Response>> again;
  runner.on_loop([&] {
    EXPECT_EQ(pool->idle_connections(), 1u);
    pool->fetch(
        {.url = url("localhost")}, [&](Result<Response> r) { again.set_value(std::move(r)); }, 100);
  });
  EXPECT_TRUE(again.get_future().get());
  EXPECT_EQ(runner.on_loop([&] { return pool->counters().reused; }), 1u);
}

TEST_F(TlsTest, AGateThatRefusesInMidBodyEndsTheExchange) {
  listen("server", "", false, describe);
  std::promise<ClientError> failed;
  auto gate = std::make_shared<CountingGate>(3);
  std::unique_ptr<ClientExchange> exchange;
  runner.on_loop([&] {
    pool = std::make_unique<ClientPool>(runner.loop,
                                        ClientOptions{.ca_file = files->certificate("ca")});
    ClientEvents events;
    events.on_error = [&](const ClientError& e) { failed.set_value(e); };
    exchange = pool->start(
        {.url = url("localhost"), .method = "POST", .body = std::string(4'000'000, 'x')}, gate,
        std::move(events));
  });
  const ClientError error = failed.get_future().get();
  EXPECT_EQ(error.stage, ClientError::kSent);
  EXPECT_EQ(error.error.code, Code::kStopped);
  EXPECT_EQ(gate->passed, 3);
  EXPECT_EQ(runner.on_loop([&] { return server->counters().requests; }), 0u);
  runner.on_loop([&] { exchange.reset(); });
}

TEST_F(TlsTest, PlainTalkToATlsPortIsCountedAndClosed) {
  listen("server", "", false, describe);
  RawSocket socket = RawSocket::tcp(server->port());
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(socket.until_end().find("HTTP/1.1"), std::string::npos);
  EXPECT_EQ(runner.on_loop([&] { return server->counters().tls_failures; }), 1u);
}

// One GET with a client certificate (`name`; null: none); empty when the server refused.
std::string get_as(const TlsFiles& files, std::uint16_t port, const char* name) {
  RawSocket socket = RawSocket::tcp(port);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (name != nullptr) {
    SSL_CTX_use_certificate_file(context, files.certificate(name).c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context, files.key(name).c_str(), SSL_FILETYPE_PEM);
  }
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, socket.fd());
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  std::string answer;
  if (SSL_connect(ssl) == 1 &&
      SSL_write(ssl, request.data(), static_cast<int>(request.size())) > 0) {
    char buffer[4096];
    for (int got = 0; (got = SSL_read(ssl, buffer, sizeof(buffer))) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
  }
  SSL_free(ssl);
  SSL_CTX_free(context);
  return answer.substr(std::min(answer.size(), answer.find("\r\n\r\n") + 4));
}

TEST_F(TlsTest, ClientCertificatesAreVerifiedAndShown) {
  const struct {
    bool require;
    const char* client;  // null: no certificate
    const char* answer;  // empty: refused
  } cases[] = {
      {true, "client", "tls spiffe://example.org/agent/a pem 0"},
      {true, nullptr, ""},
      {true, "stranger", ""},
      {false, "client", "tls spiffe://example.org/agent/a pem 0"},
      {false, nullptr, "tls 0"},
      {false, "stranger", ""},
  };
  for (const auto& c : cases) {
    listen("server", files->certificate("ca"), c.require, describe);
    const char* name = c.client == nullptr ? "none" : c.client;
    EXPECT_EQ(get_as(*files, server->port(), c.client), c.answer) << name << " " << c.require;
    runner.on_loop([&] { server.reset(); });
  }
}

// Whom the CA file does not vouch for is shown to the trust, which alone may let them in.
TEST_F(TlsTest, AClientThatNoCaVouchesForIsTrustedOrRefused) {
  const struct {
    bool has_ca;
    bool require;
    bool trusts;
    const char* client;  // null: no certificate
    const char* answer;  // empty: refused
    bool is_asked;
  } cases[] = {
      {true, true, true, "stranger", "tls spiffe://example.org/agent/a pem 0", true},
      {true, true, false, "stranger", "", true},
      {true, true, true, "client", "tls spiffe://example.org/agent/a pem 0", false},
      {true, true, true, nullptr, "", false},
      {false, false, true, "stranger", "tls spiffe://example.org/agent/a pem 0", true},
      {false, false, false, "stranger", "", true},
      {false, true, true, nullptr, "", false},
      {false, false, false, nullptr, "tls 0", false},
  };
  for (const auto& c : cases) {
    std::string asked;
    options.tls = TlsServerOptions{files->certificate("server"), files->key("server"),
                                   c.has_ca ? files->certificate("ca") : "", c.require,
                                   [&](const std::string& pem) {
                                     asked = pem;
                                     return c.trusts;
                                   }};
    server = runner.on_loop([&] { return Server::listen(runner.loop, options, describe).value(); });
    const std::string name = c.client == nullptr ? "none" : c.client;
    EXPECT_EQ(get_as(*files, server->port(), c.client), c.answer) << name << " " << c.has_ca;
    runner.on_loop([&] { server.reset(); });
    EXPECT_EQ(!asked.empty(), c.is_asked) << name;
    EXPECT_EQ(asked.find("-----BEGIN CERTIFICATE-----"), c.is_asked ? 0 : std::string::npos);
    EXPECT_EQ(asked.find("-----BEGIN CERTIFICATE-----", 1), std::string::npos);
  }
}

}  // namespace
}  // namespace pawl::http
