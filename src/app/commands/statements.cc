#include "app/commands/statements.h"

#include <algorithm>
#include <vector>

#include "base/json.h"
#include "foundation/jose/jws.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"
#include "governance/policy/set_wire.h"
#include "operators/override/override_wire.h"
#include "operators/override/resolution_wire.h"
#include "operators/override/revocation_wire.h"
#include "path/proof_names.h"

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

Finding unsigned_record(const jose::Jws& record, std::string_view act) {
  return stands_out_of_line(record.typ, record.payload, kinds::area(act))
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
Finding compare_resolution(const jose::Jws& record, const json::Value& body,
                           const override_::Resolution& said) {
  if (said.audience != text_at(record.payload, names::kClaimIss)) {
    return bad("the operator's statement was made for another instance");
  }
  const json::Value* pred = record_parents(record.typ, record.payload);
  if (!same_stops(pred, {said.record})) {
    return bad("the operator signed about another call");
  }
  if (text_at(body, "found") != override_::found_name(said.found) ||
      text_at(body, "reason") != said.reason) {
    return bad("the operator signed another finding");
  }
  return {};
}

Finding check_resolution(const jose::Jws& record, const json::Value& body,
                         const ledger::Trust& trust) {
  const std::string token = text_at(body, "statement");
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
  return check_signature(record.payload, *jws, said->iat, trust);
}

// What the record of a revocation, or of its end, must say.
Finding compare_revocation(const json::Value& record, const json::Value& body, bool lifted,
                           const override_::RevocationStatement& said) {
  if (said.lifts.empty() == lifted) {
    return bad("the operator signed another verb");
  }
  if (said.audience != text_at(record, names::kClaimIss)) {
    return bad("the operator's statement was made for another instance");
  }
  if (lifted) {
    return said.target == text_at(body, "target") &&
                   same_stops(json::find(body, {"revocations"}), said.lifts)
               ? Finding{}
               : bad("the operator signed the end of other revocations");
  }
  const json::Value* revocation = json::find(body, {"revocation"});
  const Result<override_::Revocation> made =
      override_::read_revocation(revocation != nullptr ? *revocation : json::Value{});
  return made && made->id == said.id && made->target == said.target &&
                 made->reason == said.reason && made->since_s == said.since_s
             ? Finding{}
             : bad("the operator signed another revocation");
}

Finding check_revocation(const json::Value& record, const json::Value& body, bool lifted,
                         const ledger::Trust& trust) {
  const std::string token = text_at(body, "statement");
  const Result<jose::Jws> jws = jose::decode(token, override_::kMaxStatementBytes);
  const auto said = jws ? override_::read_revocation_statement(*jws)
                        : Result<override_::RevocationStatement>(fail(jws.error()));
  if (!said) {
    return bad("the operator's statement is not a signed revocation: " + said.error().message);
  }
  if (Finding found = compare_revocation(record, body, lifted, *said);
      found.verdict != Verdict::kGood) {
    return found;
  }
  if (jws->kid.empty() || jws->kid != text_at(body, "kid")) {
    return bad("another operator signed it than the record says");
  }
  return check_signature(record, *jws, said->iat, trust);
}

// What the record of a set of rules must say, where a person let it take force.
Finding check_set(const json::Value& record, const json::Value& body, const ledger::Trust& trust) {
  const Result<jose::Jws> jws = jose::decode(text_at(body, "statement"), kMaxSetTokenBytes);
  const Result<SetStatement> said = jws ? read_set_statement(*jws) : fail(jws.error());
  if (!said) {
    return bad("the operator's statement is not a signed set of rules: " + said.error().message);
  }
  const json::Value nothing;
  const json::Value* set = json::find(body, {names::kPolicySet});
  const json::Value& recorded = set != nullptr ? *set : nothing;
  const json::Value* version = json::find(recorded, {names::kSetVersion});
  if (said->audience != text_at(record, names::kClaimIss)) {
    return bad("the operator's statement was made for another instance");
  }
  if (said->digest != text_at(body, names::kSetDigest) ||
      said->name != text_at(recorded, names::kSetName) ||
      said->owner != text_at(recorded, names::kSetOwner) || version == nullptr ||
      *version != json::Value(said->version)) {
    return bad("the operator signed another set of rules");
  }
  if (jws->kid.empty() || jws->kid != text_at(body, "kid")) {
    return bad("another operator signed it than the record says");
  }
  return check_signature(record, *jws, said->iat, trust);
}

void note_revoked(std::uint64_t index, const json::Value& body, bool lifted,
                  StatementReport& report) {
  if (!lifted) {
    const json::Value* made = json::find(body, {"revocation"});
    if (auto revocation = override_::read_revocation(made != nullptr ? *made : json::Value{})) {
      report.revoked.emplace(index, *std::move(revocation));
    }
    return;
  }
  const json::Value* ids = json::find(body, {"revocations"});
  for (const json::Value& id :
       ids != nullptr && ids->is_array() ? ids->get_array() : json::Array()) {
    const std::string text(id.is_string() ? id.get_string() : "");
    report.lifted.push_back(text);
    std::erase_if(report.revoked, [&](const auto& one) { return is_id(text, one.second.id); });
  }
}

// What is recorded stands in the order in which it was decided.
std::optional<std::uint64_t> signer_revoked_before(std::uint64_t index, const std::string& token,
                                                   const StatementReport& report) {
  const Result<jose::Jws> jws = jose::decode(token, override_::kMaxStatementBytes);
  const auto found =
      std::find_if(report.revoked.begin(), report.revoked.end(), [&](const auto& one) {
        return jws && one.first < index && one.second.target == key_name(jws->kid);
      });
  return found == report.revoked.end() ? std::nullopt : std::optional(found->first);
}

// Most records are calls.
bool may_be_signed(std::string_view act) {
  return act == kinds::kOverrideLifted || act == kinds::kOverrideApplied ||
         act == kinds::kUnknownResolved || act == kinds::kIdentityRevoked ||
         act == kinds::kIdentityRestored || act == kinds::kPolicyActivated;
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
  const bool revocation = act == kinds::kIdentityRevoked || act == kinds::kIdentityRestored;
  const bool lifted = act == kinds::kOverrideLifted || act == kinds::kIdentityRestored;
  const bool resolved = act == kinds::kUnknownResolved;
  if (!may_be_signed(act)) {
    return;
  }
  const json::Value* body = in_extension(
      jws->typ, record, {std::string(names::kExtPrefix) + std::string(kinds::area(act))});
  if (revocation && body != nullptr) {
    note_revoked(index, *body, lifted, report);
  }
  // A stop may be ordered without a signature, and after a crash the journal has none: it may say
  // less for others, never more. Whether sets of rules must be signed is the configuration's.
  const bool has_statement = body != nullptr && json::find(*body, {"statement"}) != nullptr;
  if (!lifted && !resolved && !has_statement) {
    return;
  }
  if (trust.operator_keys.size() == 0) {
    ++report.skipped;
    return;
  }
  const json::Value nothing;
  const json::Value& said = body != nullptr ? *body : nothing;
  Finding finding = text_at(said, "statement").empty() ? unsigned_record(*jws, act)
                    : resolved                         ? check_resolution(*jws, said, trust)
                    : act == kinds::kPolicyActivated   ? check_set(record, said, trust)
                    : revocation ? check_revocation(record, said, lifted, trust)
                                 : check(record, said, lifted, trust);
  if (const auto revoked_by = signer_revoked_before(index, text_at(said, "statement"), report)) {
    finding = bad("its operator's key had been revoked by entry " + std::to_string(*revoked_by));
  }
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

void combine(ledger::Report& report, const StatementReport& statements) {
  const Verdict found = statements.verdict;
  if (found == Verdict::kGood || report.verdict == Verdict::kBad) {
    return;
  }
  if (found == Verdict::kBad) {
    report.verdict = found;
    report.first_bad = statements.reason;
    report.reason = "not what an operator signed: " + report.first_bad;
  } else if (report.verdict == Verdict::kGood) {
    report.verdict = found;
    report.reason = "cannot decide: " + statements.reason;
  }
}

}  // namespace pawl
