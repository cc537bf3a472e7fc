#include "app/commands/statements.h"

#include <algorithm>
#include <vector>

#include "base/json.h"
#include "foundation/jose/jws.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "operators/override/override_wire.h"
#include "operators/override/resolution_wire.h"

namespace pawl {
namespace {

using ledger::Verdict;
using override_::Statement;
using override_::Verb;

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string what;
};

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

Finding bad(std::string what) {
  return {Verdict::kBad, std::move(what)};
}

bool is_id(const std::string& text, const Uuid& id) {
  const Result<Uuid> parsed = Uuid::parse(text);
  return parsed && *parsed == id;
}

bool same_stops(const json::Value* recorded, const std::vector<Uuid>& said) {
  const json::Array* list = recorded != nullptr ? recorded->if_array() : nullptr;
  return list != nullptr && list->size() == said.size() &&
         std::equal(list->begin(), list->end(), said.begin(),
                    [](const json::Value& stop, const Uuid& id) {
                      return stop.is_string() && is_id(std::string(stop.get_string()), id);
                    });
}

// What the statement must say for this record.
Finding compare(const json::Value& record, const json::Value& body, bool lifted,
                const Statement& said) {
  if ((said.verb == Verb::kResume) != lifted) {
    return bad("the operator signed another verb");
  }
  if (said.audience != text_at(record, names::kClaimIss)) {
    return bad("the operator's statement was made for another instance");
  }
  const json::Value nothing;
  const json::Value* stop = json::find(body, {"stop"});
  const json::Value& about = lifted ? body : stop != nullptr ? *stop : nothing;
  if (said.scope.text() != text_at(about, "scope")) {
    return bad("the operator signed another scope");
  }
  if (lifted) {
    return same_stops(json::find(body, {"stops"}), said.stops)
               ? Finding{}
               : bad("the operator signed other stops");
  }
  // A stop has the id of its statement, so an old statement cannot order another stop.
  if (!is_id(text_at(about, "id"), said.id)) {
    return bad("the operator signed another stop");
  }
  return said.reason == text_at(about, "reason") ? Finding{}
                                                 : bad("the operator signed another reason");
}

// It was signed before it was recorded; the record may be later than the statement's own time, when
// the ledger could not be written at once.
bool is_later(const json::Value& record, std::int64_t signed_at) {
  constexpr std::int64_t kSkewSeconds = 30;
  const json::Value* iat = json::find(record, {names::kClaimIat});
  return iat != nullptr && iat->is_int64() && iat->get_int64() >= signed_at - kSkewSeconds;
}

Finding unsigned_record(const json::Value& body) {
  return json::find(body, {names::kExtBodyHash}) != nullptr
             ? Finding{Verdict::kUnknown, "its body was too large and holds only a digest"}
             : bad("no operator signed it");
}

Finding check_signature(const json::Value& record, const jose::Jws& jws, std::int64_t signed_at,
                        const ledger::Trust& trust) {
  if (!is_later(record, signed_at)) {
    return bad("it was recorded before the operator signed it");
  }
  const PublicKey* key = trust.operator_keys.find(jws.kid);
  if (key == nullptr) {
    return {Verdict::kUnknown,
            "signed with an operator key that the trust file does not hold "
            "(enrolled later? pin again)"};
  }
  if (const Status valid = jose::verify(jws, *key, {std::string(names::kAlgEs256)}); !valid) {
    return {valid.error().code == Code::kUndecidable ? Verdict::kUnknown : Verdict::kBad,
            "the operator's signature does not verify"};
  }
  return {};
}

Finding check(const json::Value& record, const json::Value& body, bool lifted,
              const ledger::Trust& trust) {
  const std::string token = text_at(body, "statement");
  if (token.empty()) {
    return unsigned_record(body);
  }
  const Result<jose::Jws> jws = jose::decode(token, override_::kMaxStatementBytes);
  const Result<Statement> said = jws ? override_::read_statement(*jws) : fail(jws.error());
  if (!said) {
    return bad("the operator's statement is not a signed override: " + said.error().message);
  }
  if (Finding found = compare(record, body, lifted, *said); found.verdict != Verdict::kGood) {
    return found;
  }
  if (jws->kid.empty() || (lifted && jws->kid != text_at(body, "kid"))) {
    return bad("another operator signed it than the record says");
  }
  return check_signature(record, *jws, said->iat, trust);
}

// What the record of a resolution must say, and about which call.
Finding compare_resolution(const json::Value& record, const json::Value& body,
                           const override_::Resolution& said) {
  if (said.audience != text_at(record, names::kClaimIss)) {
    return bad("the operator's statement was made for another instance");
  }
  const json::Value* pred = json::find(record, {names::kClaimPred});
  if (!same_stops(pred, {said.record})) {
    return bad("the operator signed about another call");
  }
  if (text_at(body, "found") != override_::found_name(said.found) ||
      text_at(body, "reason") != said.reason) {
    return bad("the operator signed another finding");
  }
  return {};
}

Finding check_resolution(const json::Value& record, const json::Value& body,
                         const ledger::Trust& trust) {
  const std::string token = text_at(body, "statement");
  if (token.empty()) {
    return unsigned_record(body);
  }
  const Result<jose::Jws> jws = jose::decode(token, override_::kMaxStatementBytes);
  const Result<override_::Resolution> said =
      jws ? override_::read_resolution(*jws) : fail(jws.error());
  if (!said) {
    return bad("the operator's statement is not a signed resolution: " + said.error().message);
  }
  if (Finding found = compare_resolution(record, body, *said); found.verdict != Verdict::kGood) {
    return found;
  }
  if (jws->kid.empty() || jws->kid != text_at(body, "kid")) {
    return bad("another operator signed it than the record says");
  }
  return check_signature(record, *jws, said->iat, trust);
}

// Most records are calls.
bool may_be_signed(std::string_view act) {
  return act == kinds::kOverrideLifted || act == kinds::kOverrideApplied ||
         act == kinds::kUnknownResolved;
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
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  if (!jws) {
    return;  // the ledger's own check names it
  }
  const json::Value& record = jws->payload;
  const std::string act = text_at(record, names::kClaimExecAct);
  const bool lifted = act == kinds::kOverrideLifted;
  const bool resolved = act == kinds::kUnknownResolved;
  const json::Value* body = json::find(
      record,
      {names::kClaimEctExt, std::string(names::kExtPrefix) + (resolved ? "unknown" : "override")});
  const bool has_statement = body != nullptr && json::find(*body, {"statement"}) != nullptr;
  if (!lifted && !resolved && !(act == kinds::kOverrideApplied && has_statement)) {
    return;
  }
  if (trust.operator_keys.size() == 0) {
    ++report.skipped;
    return;
  }
  const json::Value nothing;
  const json::Value& said = body != nullptr ? *body : nothing;
  const Finding finding =
      resolved ? check_resolution(record, said, trust) : check(record, said, lifted, trust);
  report.checked += finding.verdict == Verdict::kGood ? 1 : 0;
  note(report, finding,
       "entry " + std::to_string(index) + " (id " + text_at(record, names::kClaimJti) + ", " + act +
           ")");
}

ledger::EntryLook look_for_statements(const ledger::Trust& trust, StatementReport& report) {
  return {may_be_signed, [&trust, &report](std::uint64_t index, std::string_view token) {
            check_statement(index, token, trust, report);
          }};
}

}  // namespace pawl
