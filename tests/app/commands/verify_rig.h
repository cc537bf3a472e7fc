// What the tests of `pawl verify` share: records that people signed, and a log that is altered.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "operators/override/resolution_wire.h"
#include "tests/app/commands/command_rig.h"

namespace pawl {

class VerifyCommand : public CommandRig {
 protected:
  // `kid`: whom the record names; empty: who signed.
  std::string lift(std::uint64_t number, const std::string& statement, std::string kid = "") {
    json::Object body{{"scope", "agent:triage"}, {"operator", "alice"}};
    body["stops"] = json::Array{json::Value(record_id(7).text())};
    if (!statement.empty()) {
      body["statement"] = statement;
      const Result<jose::Jws> jws = jose::decode(statement, override_::kMaxStatementBytes);
      body["kid"] = kid.empty() && jws ? jws->kid : kid;
    }
    return token(number, "override.lifted", std::move(body));
  }
  override_::Statement resume() {
    override_::Statement statement;
    statement.scope = *override_::parse_scope("agent:triage");
    statement.stops = {record_id(7)};
    statement.reason = "fixed";
    statement.audience = "spiffe://example.org/pawl/gw1";
    statement.id = record_id(8);
    statement.iat = 1'772'000'000;
    statement.exp = 1'772'000'300;
    return statement;
  }
  override_::Resolution resolution() {
    return {record_id(0), override_::Found::kHappened,
            "seen",       "spiffe://example.org/pawl/gw1",
            record_id(8), 1'772'000'000,
            1'772'000'300};
  }
  // A record that says what resolution() says, whatever was signed.
  std::string resolved(std::uint64_t number, const std::string& statement) {
    json::Object body{{"found", "happened"}, {"reason", "seen"}, {"operator", "alice"}};
    if (!statement.empty()) {
      body["statement"] = statement;
      const Result<jose::Jws> jws = jose::decode(statement, override_::kMaxStatementBytes);
      body["kid"] = jws ? jws->kid : "";
    }
    json::Array pred{json::Value(record_id(0).text())};
    return token(number, "unknown.resolved", std::move(body), {}, std::move(pred));
  }
  void alter_segment(const std::string& log = "pawl-data/ledger") {
    const std::string path = folder_ + "/" + log + "/segments/000000000001.seg";
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::size_t at = bytes.find("eyJ", bytes.find("eyJ") + 100);
    ASSERT_NE(at, std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(at + 10));
    file.put(bytes[at + 10] == 'A' ? 'B' : 'A');
  }
};

}  // namespace pawl
