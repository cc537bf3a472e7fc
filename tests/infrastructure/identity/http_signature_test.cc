// HTTP message signatures: the published examples, and each rule of the profile.
#include "infrastructure/identity/http_signature.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "base/files.h"
#include "infrastructure/identity/content_digest.h"
#include "infrastructure/identity/signature_base.h"
#include "tests/infrastructure/identity/desk.h"
#include "tests/support/source_dir.h"

namespace pawl::identity {
namespace {

json::Array published() {
  const std::string path = source_dir() + "/tests/vectors/http-signature/requests.json";
  return json::parse(read_file(system_files(), path).value())
      ->value.as_object()["requests"]
      .as_array();
}

std::string text(const json::Value& row, std::initializer_list<std::string_view> path) {
  return std::string(json::find_string(row, path).value_or(""));
}

http::Request request_of(const json::Value& row) {
  http::Request out;
  out.method = text(row, {"request", "method"});
  out.target = text(row, {"request", "target"});
  out.path = out.target.substr(0, out.target.find('?'));
  out.query = out.target.substr(out.target.find('?') + 1);
  for (const json::Value& field : json::find(row, {"request", "headers"})->as_array()) {
    out.headers.add(std::string_view(field.as_array()[0].as_string()),
                    std::string_view(field.as_array()[1].as_string()));
  }
  out.body = text(row, {"request", "body"});
  return out;
}

TEST(HttpSignature, ThePublishedExamplesVerify) {
  for (const json::Value& row : published()) {
    const std::string source = text(row, {"source"});
    const auto inputs = parse_sf_dictionary(text(row, {"signature_input"}));
    const auto signatures = parse_sf_dictionary(text(row, {"signature"}));
    ASSERT_TRUE(inputs && signatures) << source;
    const Judged<std::string> base = signature_base(request_of(row), inputs->front());
    ASSERT_TRUE(base) << source << ": " << base.error().detail;
    if (const std::string expected = text(row, {"base"}); !expected.empty()) {
      EXPECT_EQ(*base, expected);
    }
    const PublicKey key = PublicKey::from_jwk(*json::find(row, {"key"})).value();
    const auto& bytes = std::get<SfBytes>(signatures->front().items[0].value).bytes;
    EXPECT_EQ(key.verify("EdDSA", *base, bytes), Verdict3::kValid) << source;
    EXPECT_EQ(key.verify("EdDSA", *base + " ", bytes), Verdict3::kInvalid) << source;
  }
}

// RFC 9421, 2.2: the examples of the sections, and 2.1: one line for several fields.
TEST(HttpSignature, EachComponentHasItsText) {
  http::Request request;
  request.method = "POST";
  request.target = "/path?param=value";
  request.path = "/path";
  request.query = "param=value";
  request.peer.tls = true;
  request.headers.add("Host", "www.Example.com:443");
  request.headers.add("X-OWS-Header", "Leading and trailing whitespace.");
  request.headers.add("Cache-Control", "max-age=60");
  request.headers.add("Cache-Control", "must-revalidate");
  request.headers.add("X-Empty", "");
  const struct {
    const char* name;
    const char* line;  // empty: refused
  } cases[] = {
      {"@method", "POST"},
      {"@target-uri", "https://www.example.com/path?param=value"},
      {"@authority", "www.example.com"},
      {"@scheme", "https"},
      {"@request-target", "/path?param=value"},
      {"@path", "/path"},
      {"@query", "?param=value"},
      {"x-ows-header", "Leading and trailing whitespace."},
      {"cache-control", "max-age=60, must-revalidate"},
      {"X-Empty", nullptr},
      {"@status", nullptr},
      {"@query-param", nullptr},
      {"x-absent", nullptr},
  };
  for (const auto& one : cases) {
    const auto input = parse_sf_dictionary("s=(\"" + std::string(one.name) + "\")");
    const Judged<std::string> base = signature_base(request, input->front());
    const std::string name = one.name;
    EXPECT_EQ(base.value_or("refused"), one.line == nullptr
                                            ? "refused"
                                            : "\"" + name + "\": " + one.line +
                                                  "\n\"@signature-params\": (\"" + name + "\")");
  }
  for (const char* bad : {R"(s=("@method";req))", R"(s=("@method" "@method"))", "s=(method)"}) {
    EXPECT_FALSE(signature_base(request, parse_sf_dictionary(bad)->front())) << bad;
  }
  request.query.clear();
  request.target = "/path";
  EXPECT_EQ(signature_base(request, parse_sf_dictionary(R"(s=("@query"))")->front())
                .value()
                .substr(0, 12),
            "\"@query\": ?\n");
}

TEST(StructuredField, PrintsAsTheStandardSays) {
  const struct {
    const char* text;
    const char* printed;  // of the first member; null: refused
  } cases[] = {
      {R"(a=("x"  "y";req );created=1;flag;n="q\"\\" , b=:AA==:)",
       R"(("x" "y";req);created=1;flag;n="q\"\\")"},
      {"a=:AAEC:;x=?0", ":AAEC:;x=?0"},
      {"a", "?1"},
      {"a=-15", "-15"},
      {"a=tok/en", "tok/en"},
      {"", ""},
      {"a=1.5", nullptr},
      {"a=1,", nullptr},
      {"a=1 b=2", nullptr},
      {"a=1, a=2", nullptr},
      {"A=1", nullptr},
      {"a=(", nullptr},
      {R"(a=("x""y"))", nullptr},
      {R"(a="x)", nullptr},
      {R"(a="\x")", nullptr},
      {"a=:A:", nullptr},
      {"a=:AA==", nullptr},
      {"a=?2", nullptr},
      {"a=-", nullptr},
      {"a=1234567890123456", nullptr},
      {"a=1;x=1;x=2", nullptr},
      {"=1", nullptr},
  };
  for (const auto& one : cases) {
    const auto members = parse_sf_dictionary(one.text);
    ASSERT_EQ(members.has_value(), one.printed != nullptr) << one.text;
    if (members && !members->empty()) {
      EXPECT_EQ(members->front().print(), one.printed) << one.text;
    }
  }
}

TEST(ContentDigest, IsOfTheExactBytes) {
  const json::Array rows = published();
  const http::Request request = request_of(rows[0]);  // sha-512
  EXPECT_TRUE(check_content_digest(request.headers, request.body));
  EXPECT_FALSE(check_content_digest(request.headers, request.body + " "));
  EXPECT_FALSE(check_content_digest(request_of(rows[1]).headers, "x"));  // no such field
  const std::string good = "sha-256=:" + base64_encode(view(sha256("x"))) + ":";
  const struct {
    std::string field;
    bool good;
  } cases[] = {
      {good, true},
      {good + ", md5=:AA==:", true},
      {good + ", sha-512=:AA==:", false},  // all that are known must fit
      {"md5=:AA==:", false},
      {"sha-256=x", false},
      {"sha-256=(:AA==:)", false},
      {"", false},
  };
  for (const auto& one : cases) {
    http::Headers headers;
    headers.add("Content-Digest", one.field);
    EXPECT_EQ(check_content_digest(headers, "x").has_value(), one.good) << one.field;
  }
}

// ---- the profile ----

struct Signed {
  std::string covered =
      R"("@method" "@path" "@query" "content-type" "content-digest" "workload-identity-token")";
  std::string parameters = ";created=" + std::to_string(kNow - 1) +
                           ";expires=" + std::to_string(kNow + 60) +
                           R"(;nonce="n1";tag="wimse-workload-to-workload";wimse-aud=)"
                           R"("https://gw.example.org/mcp/files")";
  int signer = 1;
  std::string label = "sig";
  http::Request request;
  std::function<void(http::Request&)> before = [](http::Request&) {};  // what is signed
  std::function<void(http::Request&)> after = [](http::Request&) {};
};

std::string wit_text() {
  json::Value jwk = json::parse(key(1).public_key().to_jwk())->value;
  jwk.as_object()["alg"] = "ES256";
  const json::Object claims = {{"sub", "spiffe://partner.example/web"},
                               {"exp", kNow + 3600},
                               {"cnf", json::Object{{"jwk", jwk}}}};
  return jose::sign(key(0), "wit+jwt", "k0", json::print(claims)).value();
}

void make(Signed& shown) {
  http::Request& request = shown.request;
  request.method = "POST";
  request.target = request.path = "/mcp/files";
  request.peer.tls = true;
  request.body = "{}";
  request.headers.add("Host", "gw.example.org");
  request.headers.add("Content-Type", "application/json");
  request.headers.add("Content-Digest", "sha-256=:" + base64_encode(view(sha256("{}"))) + ":");
  request.headers.add(kFieldWit, wit_text());
  shown.before(request);
  const std::string input = shown.label + "=(" + shown.covered + ")" + shown.parameters;
  const auto parsed = parse_sf_dictionary(input);
  const Judged<std::string> base =
      parsed ? signature_base(request, parsed->front()) : Judged<std::string>("none");
  request.headers.add(kFieldSignatureInput, input);
  request.headers.add(
      kFieldSignature,
      shown.label + "=:" + base64_encode(key(shown.signer).sign(base.value_or("none")).value()) +
          ":");
  shown.after(request);
}

std::string judged(Signed shown, Pass pass = Pass::kSpend) {
  Desk desk;
  desk.options.trust_domains = {{"partner.example", desk.keys, {"ES256"}}};
  desk.options.agents[0].identities = {"spiffe://partner.example/web"};
  desk.options.proofs.audiences = {"urn:gateway"};
  desk.options.proofs.allowed_hosts = {"gw.example.org"};
  make(shown);
  const auto made = Authenticator::create(desk.options).value();
  const auto caller = made->admit({.request = &shown.request}, WallTime{kNow * 1'000'000}, pass);
  return caller ? std::string(proof_name(caller->proof))
                : std::string(refusal_name(caller.error().refusal));
}

void replace(std::string& in, const std::string& what, const std::string& with) {
  const std::size_t at = in.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  in.replace(at, what.size(), with);
}

TEST(HttpSignature, EachRuleOfTheProfileIsHeldTo) {
  const std::string now = std::to_string(kNow);
  const struct {
    const char* name;
    std::function<void(Signed&)> change;
    const char* why;
  } cases[] = {
      {"as made", [](Signed&) {}, "http_signature"},
      {"the request target of the earlier drafts",
       [](Signed& s) { replace(s.covered, R"("@path" "@query")", R"("@request-target")"); },
       "http_signature"},
      {"an audience by name",
       [](Signed& s) { replace(s.parameters, "https://gw.example.org/mcp/files", "urn:gateway"); },
       "http_signature"},
      {"another signature beside it",
       [](Signed& s) {
         s.after = [](http::Request& r) {
           r.headers.add(kFieldSignatureInput, R"(other=("@method");created=1)");
           r.headers.add(kFieldSignature, "other=:AA==:");
         };
       },
       "http_signature"},
      {"without the method", [](Signed& s) { replace(s.covered, R"("@method")", ""); },
       "proof_components"},
      {"without the path", [](Signed& s) { replace(s.covered, R"("@path")", ""); },
       "proof_components"},
      {"without the query", [](Signed& s) { replace(s.covered, R"("@query")", ""); },
       "proof_components"},
      {"without the digest", [](Signed& s) { replace(s.covered, R"("content-digest")", ""); },
       "proof_components"},
      {"without the WIT", [](Signed& s) { replace(s.covered, R"("workload-identity-token")", ""); },
       "proof_components"},
      {"a Txn-Token that is not signed",
       [](Signed& s) { s.before = [](http::Request& r) { r.headers.add("Txn-Token", "t"); }; },
       "proof_components"},
      {"a field that is not there", [](Signed& s) { s.covered += R"( "x-absent")"; },
       "proof_components"},
      {"a component with a parameter", [](Signed& s) { s.covered += R"( "x-absent";sf)"; },
       "proof_components"},
      {"other content", [](Signed& s) { s.after = [](http::Request& r) { r.body = "{ }"; }; },
       "proof_digest"},
      {"content without a digest",
       [](Signed& s) {
         replace(s.covered, R"("content-digest")", "");
         s.before = [](http::Request& r) { r.headers.remove("Content-Digest"); };
       },
       "proof_digest"},
      {"another method", [](Signed& s) { s.after = [](http::Request& r) { r.method = "DELETE"; }; },
       "proof_signature"},
      {"another path",
       [](Signed& s) { s.after = [](http::Request& r) { r.target = r.path = "/mcp/other"; }; },
       "proof_signature"},
      {"another query", [](Signed& s) { s.after = [](http::Request& r) { r.query = "x"; }; },
       "proof_signature"},
      {"another media type",
       [](Signed& s) {
         s.after = [](http::Request& r) { r.headers.set("Content-Type", "text/plain"); };
       },
       "proof_signature"},
      {"another digest",
       [](Signed& s) {
         s.after = [](http::Request& r) { r.headers.set("Content-Digest", "sha-256=:AA==:"); };
       },
       "proof_signature"},
      {"signed by another key", [](Signed& s) { s.signer = 0; }, "proof_signature"},
      {"for another", [](Signed& s) { replace(s.parameters, "gw.example", "other.example"); },
       "proof_target"},
      {"for nobody", [](Signed& s) { replace(s.parameters, "wimse-aud", "x-aud"); },
       "proof_target"},
      {"without created", [](Signed& s) { replace(s.parameters, "created", "x"); },
       "proof_malformed"},
      {"without expires", [](Signed& s) { replace(s.parameters, "expires", "x"); },
       "proof_malformed"},
      {"without a nonce", [](Signed& s) { replace(s.parameters, "nonce", "x"); },
       "proof_malformed"},
      {"with keyid", [](Signed& s) { s.parameters += R"(;keyid="k")"; }, "proof_malformed"},
      {"with alg", [](Signed& s) { s.parameters += R"(;alg="ed25519")"; }, "proof_malformed"},
      {"that wants a signed response", [](Signed& s) { s.parameters += ";wimse-sign-response"; },
       "proof_unsupported"},
      {"that wants none", [](Signed& s) { s.parameters += ";wimse-sign-response=?0"; },
       "http_signature"},
      {"expired", [&](Signed& s) { replace(s.parameters, std::to_string(kNow + 60), now); },
       "proof_time"},
      {"good for an hour",
       [](Signed& s) {
         replace(s.parameters, std::to_string(kNow + 60), std::to_string(kNow + 3600));
       },
       "proof_time"},
      {"made an hour ago",
       [](Signed& s) {
         replace(s.parameters, std::to_string(kNow - 1), std::to_string(kNow - 3600));
       },
       "proof_time"},
      {"of another tag", [](Signed& s) { replace(s.parameters, "wimse-work", "other"); },
       "proof_missing"},
      {"no signature under the label",
       [](Signed& s) {
         s.after = [](http::Request& r) { r.headers.set(kFieldSignature, "x=:AA==:"); };
       },
       "proof_malformed"},
      {"two of the tag",
       [](Signed& s) {
         s.after = [](http::Request& r) {
           r.headers.add(kFieldSignatureInput, R"(b=("@method");tag="wimse-workload-to-workload")");
         };
       },
       "proof_missing"},
      {"a WPT beside it",
       [](Signed& s) { s.after = [](http::Request& r) { r.headers.add(kFieldWpt, "x.y.z"); }; },
       "proof_missing"},
      {"no WIT", [](Signed& s) { s.after = [](http::Request& r) { r.headers.remove(kFieldWit); }; },
       "no_credential"},
  };
  for (const auto& one : cases) {
    Signed shown;
    one.change(shown);
    EXPECT_EQ(judged(shown), one.why) << one.name;
  }
}

// At the end of the header the content is still to come.
TEST(HttpSignature, IsLookedAtBeforeItsContent) {
  Signed shown;
  shown.after = [](http::Request& request) { request.body.clear(); };
  EXPECT_EQ(judged(shown, Pass::kLook), "http_signature");
  EXPECT_EQ(judged(shown, Pass::kSpend), "proof_digest");
}

}  // namespace
}  // namespace pawl::identity
