// Records as the fold sees them: payloads only, for signatures were checked when they were written.
//
// Threading:  pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/json.h"

namespace pawl {

struct LogLine {
  std::string id;  // jti
  std::string act;
  std::string body;       // JSON
  std::string pred = "";  // JSON texts, with commas
  bool marked = false;    // RecordDraft::changes_decisions() of the one who wrote it
};

inline std::string token_of(const LogLine& line, std::int64_t iat,
                            const std::string& profile = "urn:pawl:profile:1") {
  const std::string area = line.act.substr(0, line.act.find('.'));
  const std::string header = R"({"typ":"exec+jwt","kid":"k1"})";
  const std::string payload = R"({"jti":")" + line.id + R"(","iat":)" + std::to_string(iat) +
                              R"(,"wid":"0190a000-0000-7000-8000-0000000000ff","exec_act":")" +
                              line.act + R"(","pred":[)" + line.pred +
                              R"(],"ect_ext":{"pawl.profile":")" + profile + R"(","pawl.)" + area +
                              R"(":)" + line.body + "}}";
  return base64url_encode(header) + "." + base64url_encode(payload) + ".c2ln";
}

inline std::string line_id(int number) {
  const std::string digits = std::to_string(number);
  return "0190a000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

// A log with every kind of record that a decision comes from, and some that change none.
inline std::vector<LogLine> log_of_every_kind() {
  const auto id = line_id;
  const auto named = [](int number) { return '"' + line_id(number) + '"'; };
  const auto stop = [&](int number, const std::string& scope) {
    return LogLine{id(number), "override.applied",
                   R"({"stop":{"id":)" + named(number) + R"(,"scope":")" + scope +
                       R"(","reason":"r","by":"ann","at":1772000000000000}})"};
  };
  const auto revoke = [&](int number, const std::string& target) {
    return LogLine{id(number), "identity.revoked",
                   R"({"revocation":{"id":)" + named(number) + R"(,"target":")" + target +
                       R"(","reason":"r","by":"ann","at":)" + std::to_string(number) + "}}"};
  };
  return {
      {id(1), "ledger.opened", R"({"log_key":"l","token_key":"k1","format":1})"},
      {id(2), "config.changed", R"({"digest":"d1","sections":{"a":"1","b":"2"}})"},
      {id(3), "policy.activated", R"({"digest":"p1","rules":2})"},
      {id(4), "identity.enrolled", R"({"identity":{"target":"agent:a","keys":["k"]}})"},
      {id(5), "identity.enrolled", R"({"identity":{"target":"operator:ann"}})"},
      {id(6), "process.started", R"({"server":"files"})"},
      {id(7), "process.started", R"({"server":"files","agent":"a"})"},
      stop(8, "agent:b"),
      stop(9, "server:files"),
      {id(10), "override.lifted", R"({"stops":[)" + named(9) + R"(],"scope":"server:files"})"},
      revoke(11, "key:stolen"),
      revoke(12, "agent:c"),
      {id(13), "identity.restored", R"({"revocations":[)" + named(12) + "]}"},
      {id(14), "tool.call", R"({"agent":"a","outcome":"confirmed"})"},
      {id(15), "tool.call", R"({"agent":"a","outcome":"unknown"})", "", true},
      {id(16), "tool.call", R"({"agent":"a","outcome":"unknown"})", "", true},
      {id(17), "unknown.resolved", R"({"found":"happened","reason":"seen"})", named(15)},
      {id(18), "tool.call",
       R"({"agent":"a","server":"far","tool":"build","outcome":"confirmed","task":"sealed"})", "",
       true},
      {id(19), "tool.call",
       R"({"agent":"a","server":"far","tool":"build","outcome":"confirmed","task":"other"})", "",
       true},
      {id(20), "task.outcome", R"({"outcome":"confirmed","detail":"completed"})", named(18)},
      {id(21), "process.exited", R"({"end":"exited"})", named(6)},
      {id(22), "identity.removed", R"({"identity":{"target":"operator:ann"}})"},
      {id(23), "task.denied", R"({"outcome":"denied","verb":"tool.call"})"},
      {id(24), "key.compromised",
       R"({"kid":"k0","since":1771000000,"reason":"lost","operator":"ann","operator_kid":"o"})"},
      {id(25), "policy.activated", R"({"digest":"p2","rules":3})"},
      {id(26), "config.changed", R"({"digest":"d2","sections":{"a":"1"}})"},
      {id(27), "node.stopped", R"({"reason":"shutdown"})"},
  };
}

}  // namespace pawl
