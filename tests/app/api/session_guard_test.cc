#include "app/api/session_guard.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl {
namespace {

using sign_in::Role;

constexpr const char* kAddress = "https://pawl.example.org";

class SessionGuardTest : public testing::Test {
 protected:
  SessionGuardTest() {
    opened_ = *sessions_.open({"ada", {*sign_in::parse_grant("operator@server:files")}, "oidc"}, {},
                              clock_.boot());
  }

  http::Request request_of(const char* method) const {
    http::Request out;
    out.method = method;
    out.path = "/api/v1/session";
    out.headers = {{"Host", "pawl.example.org"},
                   {"Origin", kAddress},
                   {"Sec-Fetch-Site", "same-origin"},
                   {"Cookie", "a=b; __Host-pawl=" + opened_.token},
                   {kFieldCsrf, opened_.session.csrf}};
    return out;
  }

  std::string outcome(const http::Request& request) const {
    const auto who = guard_.who(request);
    return who ? (*who)->person.name : std::string(code_name(who.error().code));
  }

  SeededRandom random_;
  SteppedClock clock_;
  sign_in::Sessions sessions_{random_};
  SessionGuard guard_{sessions_, clock_, [] { return std::string(kAddress); }};
  sign_in::Sessions::Opened opened_;
};

TEST_F(SessionGuardTest, OneFieldWrongEachIsRefused) {
  const struct {
    const char* name;
    const char* method;
    std::function<void(http::Headers&, const std::string& token)> change;
    const char* outcome;
  } cases[] = {
      {"all of it", "POST", [](http::Headers&, const std::string&) {}, "ada"},
      {"a DELETE", "DELETE", [](http::Headers&, const std::string&) {}, "ada"},
      {"a GET of no page", "GET",
       [](http::Headers& h, const std::string&) {
         h.remove("Origin");
         h.remove("Sec-Fetch-Site");
         h.remove(kFieldCsrf);
       },
       "ada"},
      {"an address that was typed", "GET",
       [](http::Headers& h, const std::string&) {
         h.remove("Origin");
         h.set("Sec-Fetch-Site", "none");
       },
       "ada"},
      {"another spelling of Host", "POST",
       [](http::Headers& h, const std::string&) { h.set("Host", "PAWL.example.org"); }, "ada"},
      {"no Origin", "POST", [](http::Headers& h, const std::string&) { h.remove("Origin"); },
       "forbidden"},
      {"another Origin", "POST",
       [](http::Headers& h, const std::string&) { h.set("Origin", "https://evil.example"); },
       "forbidden"},
      {"another port", "POST",
       [](http::Headers& h, const std::string&) {
         h.set("Origin", "https://pawl.example.org:8443");
       },
       "forbidden"},
      {"without TLS", "POST",
       [](http::Headers& h, const std::string&) { h.set("Origin", "http://pawl.example.org"); },
       "forbidden"},
      {"Origin null", "POST", [](http::Headers& h, const std::string&) { h.set("Origin", "null"); },
       "forbidden"},
      {"two Origins", "POST",
       [](http::Headers& h, const std::string&) { h.add("Origin", kAddress); }, "forbidden"},
      {"another Origin, to look", "GET",
       [](http::Headers& h, const std::string&) { h.set("Origin", "https://evil.example"); },
       "forbidden"},
      {"a fetch of another site", "POST",
       [](http::Headers& h, const std::string&) { h.set("Sec-Fetch-Site", "cross-site"); },
       "forbidden"},
      {"a fetch of a neighbor", "GET",
       [](http::Headers& h, const std::string&) { h.set("Sec-Fetch-Site", "same-site"); },
       "forbidden"},
      {"no page, to change", "POST",
       [](http::Headers& h, const std::string&) { h.set("Sec-Fetch-Site", "none"); }, "forbidden"},
      {"another Host", "POST",
       [](http::Headers& h, const std::string&) { h.set("Host", "evil.example"); }, "forbidden"},
      {"two Hosts", "POST",
       [](http::Headers& h, const std::string&) { h.add("Host", "pawl.example.org"); },
       "forbidden"},
      {"no cookie", "POST", [](http::Headers& h, const std::string&) { h.remove("Cookie"); },
       "unauthenticated"},
      {"the cookie's plain name", "POST",
       [](http::Headers& h, const std::string& token) { h.set("Cookie", "pawl=" + token); },
       "unauthenticated"},
      {"the cookie twice", "POST",
       [](http::Headers& h, const std::string& token) {
         h.set("Cookie", "__Host-pawl=x; __Host-pawl=" + token);
       },
       "unauthenticated"},
      {"a name that ends so", "POST",
       [](http::Headers& h, const std::string& token) { h.set("Cookie", "x__Host-pawl=" + token); },
       "unauthenticated"},
      {"no CSRF token", "POST", [](http::Headers& h, const std::string&) { h.remove(kFieldCsrf); },
       "forbidden"},
      {"another CSRF token", "DELETE",
       [](http::Headers& h, const std::string& token) { h.set(kFieldCsrf, token); }, "forbidden"},
      {"two CSRF tokens", "POST",
       [](http::Headers& h, const std::string&) { h.add(kFieldCsrf, "x"); }, "forbidden"},
  };
  for (const auto& one : cases) {
    http::Request request = request_of(one.method);
    one.change(request.headers, opened_.token);
    EXPECT_EQ(outcome(request), one.outcome) << one.name;
  }
  clock_.step(std::chrono::minutes(15));
  EXPECT_EQ(outcome(request_of("GET")), "unauthenticated");
}

TEST_F(SessionGuardTest, ARoleWithinAScope) {
  const http::Request request = request_of("GET");
  const auto may = [&](Role role, const char* scope) {
    return guard_.may(request, role, *override_::parse_scope(scope)).has_value();
  };
  EXPECT_TRUE(may(Role::kOperator, "tool:files/read"));
  EXPECT_TRUE(may(Role::kViewer, "server:files"));
  EXPECT_FALSE(may(Role::kOperator, "server:mail"));
  EXPECT_FALSE(may(Role::kAdmin, "server:files"));
  EXPECT_FALSE(may(Role::kViewer, "all"));
}

TEST_F(SessionGuardTest, CookiesAreOutOfReach) {
  EXPECT_EQ(guard_.set_cookie(kSessionCookie, "token", "Strict"),
            "__Host-pawl=token; Path=/; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(guard_.set_cookie(kLoginCookie, "", "Lax"),
            "__Host-pawl-login=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
  const SessionGuard local(sessions_, clock_, [] { return std::string("http://localhost:7701"); });
  EXPECT_EQ(local.set_cookie(kSessionCookie, "token", "Strict"),
            "pawl=token; Path=/; HttpOnly; SameSite=Strict");
  EXPECT_EQ(local.party().id, "localhost");
  EXPECT_EQ(local.party().origin, "http://localhost:7701");
  EXPECT_EQ(guard_.party().id, "pawl.example.org");
}

TEST_F(SessionGuardTest, NobodyIsSignedInWhoseAccountCannotBeRead) {
  Status read;
  int looks = 0;
  const SessionGuard guard{sessions_, clock_, [] { return std::string(kAddress); },
                           [&] {
                             ++looks;
                             return read;
                           }};
  sign_in::Person eve{"eve", {*sign_in::parse_grant("viewer")}, "password+totp"};
  eve.account = sign_in::Standing{};
  const std::string of_account = sessions_.open(eve, {}, clock_.boot())->token;
  const auto may = [&](const std::string& token) {
    http::Request request = request_of("GET");
    request.headers.remove("Cookie");
    request.headers.add("Cookie", "__Host-pawl=" + token);
    return guard.who(request).has_value();
  };
  EXPECT_TRUE(may(of_account));
  read = fail(Code::kIo, "gone");
  EXPECT_FALSE(may(of_account));
  EXPECT_TRUE(may(opened_.token)) << "a provider's";
  read = {};
  EXPECT_TRUE(may(of_account)) << "nobody ended it";
  EXPECT_EQ(looks, 4) << "each request looks";
}

}  // namespace
}  // namespace pawl
