#include "benchmarks/foundation/ledger/sample_record.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/clock.h"
#include "foundation/ect/ect.h"

namespace pawl::bench {

namespace {

constexpr std::string_view kTool =
    R"({"agent":"bench-a","proof":"bearer_key","server":"up","tool":"lookup",)"
    R"("method":"tools/call","protocol":"mcp/2026-07-28",)"
    R"("policy":"0X-W3cP1Tfb1vyQa52msEqcqbF7i0DzwGRGC-jO8jgY","atoms":["1","2","176","177"],)"
    R"("why":["stops: pass","identity: pass","numbers: pass",)"
    R"j("rules: allow reads (/etc/pawl/rules/support.yaml:1174)"],)j"
    R"("outcome":"confirmed","intent":false})";

}  // namespace

SampleRecords::SampleRecords(SigningKey key, std::string kid, Random& random)
    : key_(std::move(key)), kid_(std::move(kid)), random_(random) {
  kept_ = token(Uuid::v7(system_clock().wall(), random_));
}

std::string SampleRecords::token(const Uuid& id) const {
  ect::Claims claims;
  claims.iss = "spiffe://example.org/pawl/gw1";
  claims.aud = {"spiffe://example.org/pawl/gw1/ledger", "spiffe://example.org/agent/bench-a"};
  claims.iat = system_clock().wall().seconds();
  claims.exp = claims.iat + ect::kLifetimeSeconds;
  claims.jti = id;
  claims.wid = id;
  claims.exec_act = "tool.call";
  claims.inp_hash = "SAFkWZQDDYznjl_yHZjTsZbYUShDKUqlMk_FFIugmM8";
  claims.out_hash = claims.inp_hash;
  claims.ext["pawl.profile"] = "urn:pawl:profile:1";
  claims.ext["pol"] = "reads";
  claims.ext["pol_decision"] = "approved";
  const Result<json::Parsed> tool = json::parse(kTool);
  if (tool) {
    claims.ext["pawl.tool"] = tool->value;
  }
  Result<std::string> token = ect::issue(key_, kid_, claims);
  if (!token) {
    std::fprintf(stderr, "sample record: %s\n", token.error().message.c_str());
    std::exit(1);
  }
  return *std::move(token);
}

ledger::Entry SampleRecords::signed_now() {
  const Uuid id = Uuid::v7(system_clock().wall(), random_);
  return {token(id), id, false};
}

ledger::Entry SampleRecords::signed_before() {
  return {kept_, Uuid::v7(system_clock().wall(), random_), false};
}

}  // namespace pawl::bench
