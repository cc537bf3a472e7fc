#include "app/commands/statements.h"

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/reader.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

using ledger::Verdict;

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string what;
};

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

// What the statement must say for this record.
Finding compare(const json::Value& record, const json::Value& body, bool lifted,
                const json::Value& said) {
  const auto bad = [](std::string what) { return Finding{Verdict::kBad, std::move(what)}; };
  if (json::find_string(said, {"ovr", "verb"}) != (lifted ? "resume" : "stop")) {
    return bad("the operator signed another verb");
  }
  if (text_at(said, "aud") != text_at(record, names::kClaimIss)) {
    return bad("the operator's statement was made for another instance");
  }
  const auto scope = json::find_string(said, {"ovr", "scope"});
  if (scope !=
      (lifted ? json::find_string(body, {"scope"}) : json::find_string(body, {"stop", "scope"}))) {
    return bad("the operator signed another scope");
  }
  if (lifted) {
    const json::Value* signed_stops = json::find(said, {"ovr", "stops"});
    const json::Value* stops = json::find(body, {"stops"});
    if (signed_stops == nullptr || stops == nullptr || *signed_stops != *stops) {
      return bad("the operator signed other stops");
    }
  }
  return {};
}

Finding check(const json::Value& record, const json::Value& body, bool lifted,
              const ledger::Trust& trust) {
  constexpr std::size_t kMaxStatement = 16 * 1024;
  const std::string token = text_at(body, "statement");
  if (token.empty()) {
    return json::find(body, {names::kExtBodyHash}) != nullptr
               ? Finding{Verdict::kUnknown, "its body was too large and holds only a digest"}
               : Finding{Verdict::kBad, "no operator signed it"};
  }
  const Result<jose::Jws> jws = jose::decode(token, kMaxStatement);
  if (!jws || jws->typ != names::kTypOverride) {
    return {Verdict::kBad, "the operator's statement is not a signed override"};
  }
  const PublicKey* key = trust.operator_keys.find(jws->kid);
  if (key == nullptr) {
    return {Verdict::kUnknown,
            "signed with an operator key that the trust file does not hold "
            "(enrolled later? pin again)"};
  }
  if (const Status valid = jose::verify(*jws, *key, {std::string(names::kAlgEs256)}); !valid) {
    return {valid.error().code == Code::kUndecidable ? Verdict::kUnknown : Verdict::kBad,
            "the operator's signature does not verify"};
  }
  return compare(record, body, lifted, jws->payload);
}

// Most records are calls: their payload is decoded, and parsed only if it may be an override.
bool may_be_override(std::string_view token) {
  const std::size_t begin = token.find('.');
  const std::size_t end = token.find('.', begin + 1);
  if (begin == token.npos || end == token.npos) {
    return false;
  }
  const Result<std::string> payload = base64url_decode(token.substr(begin + 1, end - begin - 1));
  return payload && payload->find("override.") != std::string::npos;
}

void note(StatementReport& report, const Finding& finding, const std::string& where) {
  const bool worse = finding.verdict == Verdict::kBad ? report.verdict != Verdict::kBad
                                                      : report.verdict == Verdict::kGood;
  if (finding.verdict != Verdict::kGood && worse) {
    report.verdict = finding.verdict;
    report.reason = where + ": " + finding.what;
  }
}

}  // namespace

void check_statement(std::uint64_t index, std::string_view token, const ledger::Trust& trust,
                     StatementReport& report) {
  if (!may_be_override(token)) {
    return;
  }
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  if (!jws) {
    return;  // the ledger's own check names it
  }
  const json::Value& record = jws->payload;
  const std::string act = text_at(record, names::kClaimExecAct);
  const bool lifted = act == kinds::kOverrideLifted;
  const json::Value* body =
      json::find(record, {names::kClaimEctExt, std::string(names::kExtPrefix) + "override"});
  const bool has_statement = body != nullptr && json::find(*body, {"statement"}) != nullptr;
  if (!lifted && !(act == kinds::kOverrideApplied && has_statement)) {
    return;
  }
  if (trust.operator_keys.size() == 0) {
    ++report.skipped;
    return;
  }
  const json::Value nothing;
  const Finding finding = check(record, body != nullptr ? *body : nothing, lifted, trust);
  report.checked += finding.verdict == Verdict::kGood ? 1 : 0;
  note(report, finding,
       "entry " + std::to_string(index) + " (id " + text_at(record, names::kClaimJti) + ", " + act +
           ")");
}

StatementReport check_statements(Files& files, const std::string& path,
                                 const ledger::Trust& trust) {
  StatementReport report;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    check_statement(index, token, trust, report);
    return true;
  };
  if (Status walked = ledger::walk(files, path, visitor); !walked) {
    note(report, {Verdict::kUnknown, walked.error().message}, path);
  }
  return report;
}

}  // namespace pawl
