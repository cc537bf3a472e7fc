// A log of approvals as a gateway writes it, and as one that lies would.
//
// Purpose:    each step makes the next record by the cores; what a test passes in alters it.
// Threading:  the test's thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/commands/approval_check.h"
#include "foundation/records/approval_use.h"
#include "foundation/records/kinds.h"
#include "gateway/folded_record.h"
#include "operators/approval/enrollment_wire.h"
#include "operators/approval/statement_wire.h"
#include "operators/override/revocation.h"
#include "tests/app/commands/verify_rig.h"
#include "tests/operators/approval/held_call.h"

namespace pawl {

class ApprovalLog : public VerifyCommand {
 protected:
  using Decision = approval::Decision;
  static constexpr std::int64_t kFirst = 1'772'000'000;  // iat of record 0
  static constexpr std::string_view kParams = R"({"name":"deploy","arguments":{"n":1}})";

  const SigningKey& key_of(const std::string& person) {
    const auto known = people_.find(person);
    return known != people_.end()
               ? known->second
               : people_.emplace(person, *SigningKey::generate(KeyKind::kP256)).first->second;
  }
  std::string kid_of(const std::string& person) { return key_of(person).public_key().thumbprint(); }
  std::int64_t now() const { return kFirst + static_cast<std::int64_t>(log_.size()); }

  void add(std::string_view kind, json::Object body, json::Object ext = {},
           const json::Object& claims = {}) {
    const std::string made = token(log_.size(), std::string(kind), std::move(body), std::move(ext));
    json::Object all = jose::decode(made)->payload.as_object();
    for (const auto& [name, value] : claims) {
      all[name] = value;
    }
    log_.push_back(
        *jose::sign(keys().instance_key(), "exec+jwt", keys().instance_kid(), json::print(all)));
  }

  // ---- operators ----

  // `by` empty: the first one.
  approval::Enrollment enrollment(const std::string& person, std::vector<std::string> roles,
                                  const std::string& by = "") {
    approval::Enrollment said;
    said.operator_name = person;
    said.roles = std::move(roles);
    said.key = key_of(person).public_key();
    said.kid = kid_of(person);
    said.bootstrap = by.empty();
    said.by_operator = by.empty() ? person : by;
    said.by_key = kid_of(said.by_operator);
    said.audience = approval::kSelf;
    said.id = record_id(1'000 + log_.size());
    said.iat = now();
    said.exp = now() + 120;
    return said;
  }
  // `signer`: whose key signs; empty: that of who says so.
  void record(const approval::Enrollment& said, const std::string& signer = "") {
    const std::string statement =
        *approval::sign_enrollment(said, key_of(signer.empty() ? said.by_operator : signer));
    add(approval::record_kind(said), approval::print_enrollment({said, now(), statement}));
  }
  void enroll(const std::string& person, std::vector<std::string> roles,
              const std::string& by = "") {
    record(enrollment(person, std::move(roles), by));
  }
  void remove(const std::string& person, const std::string& by) {
    approval::Enrollment said = enrollment(person, {}, by);
    said.verb = approval::EnrollmentVerb::kRemove;
    said.kid.clear();
    said.key.reset();
    record(said);
  }
  void enroll_both() {
    enroll("ada", {"admin", "approver"});
    enroll("bob", {"approver"}, "ada");
  }
  void revoke_key_of(const std::string& person) {
    override_::Revocation revocation{record_id(2'000), "key:" + kid_of(person), "stolen", "ada",
                                     WallTime{now() * 1'000'000}};
    json::Object body;
    body["revocation"] = override_::print_revocation(revocation);
    add(kinds::kIdentityRevoked, std::move(body));
  }

  // ---- approvals ----

  static approval::Binding binding() { return approval::call_of(kParams); }
  void ask(std::uint8_t number = 1, HoldTerms terms = {{"approver"}, 1, 1, 900, {}}) {
    approval::Requested event{approval::id_of(number),
                              binding(),
                              std::move(terms),
                              "dave",
                              approval::digest_of("nonce"),
                              now(),
                              0};
    event.expires_at = event.at + event.terms.within_s;
    add(kinds::kApprovalRequested, approval::print_event(event));
    state_.apply(event);
  }
  approval::Statement statement(const std::string& person, Decision decision = Decision::kApprove,
                                std::uint8_t number = 1) {
    approval::Statement said =
        approval::draft_statement(*state_.find(approval::id_of(number)), approval::kSelf, decision);
    said.operator_name = person;
    said.role = "approver";
    said.key = kid_of(person);
    return said;
  }
  approval::Decided decision(const approval::Statement& said, const std::string& signer) {
    approval::Decided event;
    event.id = said.approval;
    event.by = {said.operator_name, kid_of(signer), said.role, said.decision, said.executed,
                said.uses,          said.expires,   "",        now(),         false};
    approval::Statement complete = said;
    complete.key = kid_of(signer);
    event.by.statement = digest_text(approval::statement_digest(complete));
    event.evidence.token = *approval::sign_statement(said, key_of(signer));
    return event;
  }
  void decide(const approval::Decided& event) {
    add(kinds::kApprovalDecided, approval::print_event(event));
  }
  void decide(const std::string& person, Decision said = Decision::kApprove,
              std::uint8_t number = 1) {
    decide(decision(statement(person, said, number), person));
  }
  static json::Object call_body(std::uint8_t number, std::uint32_t use) {
    const approval::Binding bound = binding();
    json::Object body{{"agent", bound.agent},
                      {"on_behalf_of", bound.on_behalf_of},
                      {"server", bound.server},
                      {"tool", bound.name},
                      {"outcome", "confirmed"}};
    body["approval"] = json::parse(print_approval_use({approval::id_of(number), use}))->value;
    return body;
  }
  void spend(std::uint8_t number = 1, std::uint32_t use = 1) {
    spend(call_body(number, use), {{"inp_hash", binding().digest}});
  }
  void spend(json::Object body, const json::Object& claims, json::Object ext = {},
             std::string_view kind = kinds::kToolCall) {
    ext["pol"] = "ask";
    ext["pol_decision"] = "approved";
    add(kind, std::move(body), std::move(ext), claims);
  }

  // What the check finds in all of it: the first that is bad, else the first that is undecided.
  ApprovalFinding found(ApprovalCheck& check, bool is_pinned = true) const {
    ApprovalFinding out;
    for (std::size_t i = 0; i < log_.size(); ++i) {
      read_folded(i, log_[i], [&](const FoldedRecord& record) {
        ApprovalFinding one = check.add(record, is_pinned);
        if (out.verdict == ledger::Verdict::kGood ||
            (one.verdict == ledger::Verdict::kBad && out.verdict != ledger::Verdict::kBad)) {
          out = std::move(one);
        }
      });
    }
    return out;
  }

  std::vector<std::string> log_;
  approval::ApprovalState state_;  // as it was asked; decisions are not applied
  std::map<std::string, SigningKey> people_;
};

}  // namespace pawl
