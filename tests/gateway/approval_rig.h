// A gateway whose rules hold calls, and people with keys who decide on them.
//
// Example: ApprovalRig rig; rig.enroll("ann", {"approver"}); CallView& call = rig.hold("pay");
//          rig.decide("ann", rig.only(), approval::Decision::kApprove); rig.run_until(...);
#pragma once

#include <map>
#include <string>

#include "gateway/decisions.h"
#include "gateway/enrollment_desk.h"
#include "gateway/foreseen_rulings.h"
#include "operators/approval/enrollment_wire.h"
#include "operators/approval/statement_wire.h"
#include "tests/gateway/gateway_rig.h"
#include "tests/operators/approval/software_passkey.h"
#include "tests/support/holding_rules.h"

namespace pawl {

class HeldInMemory final : public HeldArguments {
 public:
  Status keep(const Uuid& approval, std::string_view params, WallTime) override {
    if (!problem.empty()) {
      return fail(Code::kIo, problem);
    }
    kept[approval] = std::string(params);
    return {};
  }
  Result<std::string> read(const Uuid& approval) override {
    const auto at = kept.find(approval);
    return at != kept.end() ? Result<std::string>(at->second) : fail(Code::kNotFound, "not kept");
  }
  Status keep_changed(const Uuid& approval, std::string_view digest, std::string_view params,
                      WallTime) override {
    changed[{approval, std::string(digest)}] = std::string(params);
    return {};
  }
  Result<std::string> read_changed(const Uuid& approval, std::string_view digest) override {
    if (lose_changed) {
      return fail(Code::kNotFound, "lost");
    }
    const auto at = changed.find({approval, std::string(digest)});
    return at != changed.end() ? Result<std::string>(at->second)
                               : fail(Code::kNotFound, "not kept");
  }
  void erase(const Uuid& approval) override {
    kept.erase(approval);
    std::erase_if(changed, [&](const auto& one) { return one.first.first == approval; });
  }
  void keep_only(const std::set<Uuid>& approvals) override {
    std::erase_if(kept, [&](const auto& one) { return !approvals.contains(one.first); });
  }

  std::map<Uuid, std::string> kept;
  std::map<std::pair<Uuid, std::string>, std::string> changed;  // by digest
  std::string problem;                                          // empty: it keeps
  bool lose_changed = false;
};

class ApprovalRig : public GatewayRig {
 public:
  explicit ApprovalRig(HoldTerms terms = approved_by("approver")) { begin(std::move(terms)); }

  // As a start does: the state is what the ledger says.
  void begin(HoldTerms terms) {
    rule_board.publish(std::make_shared<HoldingRules>(std::move(terms), "it costs money"));
    decisions = {};
    for (std::uint64_t i = 0; i < ledger->size(); ++i) {
      decisions.apply(i, *ledger->entry(i));
    }
    recorder->on_recorded(
        [this](std::uint64_t index, const RecordDraft& draft, std::string_view token) {
          decisions.apply_if_state(draft.kind, draft.changes_decisions(), index, token);
        });
    recorder->resume_after(WallTime{decisions.last_iat * 1'000'000});
    const auto is_revoked = [this](const std::string& kid) { return revoked.contains(kid); };
    foreseen = std::make_unique<ForeseenRulings>(
        ForeseenRulings::Parts{controls->policy(), rule_board, decisions.operators,
                               [this]() -> const std::vector<rules::Source>& { return sources; },
                               [this](const approval::Binding&) { return foreseen_caller; },
                               [this] { return recorder->now(); }});
    enrollment = std::make_unique<EnrollmentDesk>(
        EnrollmentDesk::Parts{*recorder, decisions.operators, is_revoked});
    desk = std::make_unique<ApprovalDesk>(
        ApprovalDesk::Parts{*recorder, random, metrics, decisions.approvals, decisions.operators,
                            arguments, [this]() -> std::string_view { return policy; }, is_revoked,
                            [this](const std::string&) { return owner; }, settings});
    desk->take_passkeys_at([this] { return party; });
    desk->judge_changes_by(foreseen.get());
    gateway->ask_people_by(desk.get());
    desk->begin();
  }
  // The process was killed, and starts again; on what a power cut left, if `files` are given.
  void restart(HoldTerms terms = approved_by("approver"),
               std::unique_ptr<FaultFiles> files = nullptr) {
    gateway.reset();
    recorder.reset();
    ledger.reset();
    in_flight.reset();
    scheduler.drop_all();
    files_ = files != nullptr ? std::move(files) : std::move(files_);
    open();
    begin(std::move(terms));
    bool done = false;
    record_unknowns(*recorder, std::exchange(recovery.open_intents, {}), std::exchange(notes, {}),
                    [&](const Result<std::size_t>&) { done = true; });
    EXPECT_TRUE(run_until([&] { return done; }));
  }

  // The first one is the founder, an admin beside it.
  Result<json::Object> enroll(const std::string& name, std::vector<std::string> roles) {
    approval::Enrollment said;
    said.operator_name = name;
    const auto key = keys.emplace(name, *SigningKey::generate(KeyKind::kP256)).first;
    said.key = key->second.public_key();
    said.roles = std::move(roles);
    said.bootstrap = !decisions.operators.founded();
    if (said.bootstrap) {
      said.roles.emplace_back(approval::kAdminRole);
      founder = name;
    }
    said.by_operator = founder;
    said.audience = recorder->instance().spiffe();
    said.id = recorder->new_id();
    said.iat = recorder->now().seconds();
    said.exp = said.iat + 60;
    return take(*approval::sign_enrollment(said, keys.at(founder)));
  }
  // Somebody's passkey, enrolled by the founder.
  Result<json::Object> enroll_passkey(const std::string& name,
                                      const approval::SoftwarePasskey& made,
                                      std::vector<std::string> roles) {
    approval::Enrollment said;
    said.operator_name = name;
    said.key = made.key();
    said.passkey = made.passkey();
    said.roles = std::move(roles);
    said.by_operator = founder;
    said.audience = recorder->instance().spiffe();
    said.id = recorder->new_id();
    said.iat = recorder->now().seconds();
    said.exp = said.iat + 60;
    return take(*approval::sign_enrollment(said, keys.at(founder)));
  }
  Result<json::Object> take(const std::string& statement) {
    std::optional<Result<json::Object>> out;
    enrollment->take(statement, [&](Result<json::Object> answer) { out = std::move(answer); });
    EXPECT_TRUE(run_until([&] { return out.has_value(); }));
    return *out;
  }

  CallView& hold(const std::string& tool, const std::string& args = "{}") {
    return submit(action("tool.call", tool, args));
  }
  // Until it is asked about.
  const approval::Approval& only() {
    EXPECT_TRUE(run_until([this] { return decisions.approvals.all().size() == 1; }));
    return decisions.approvals.all().begin()->second;
  }
  approval::Statement statement(const std::string& name, const approval::Approval& of,
                                approval::Decision decision) {
    approval::Statement out =
        approval::draft_statement(of, recorder->instance().spiffe(), decision);
    out.operator_name = name;
    out.role = "approver";
    return out;
  }
  Result<json::Object> decide(const std::string& name, const approval::Statement& said) {
    return post(*approval::sign_statement(said, keys.at(name)));
  }
  Result<json::Object> decide(const std::string& name, const approval::Approval& of,
                              approval::Decision decision) {
    return decide(name, statement(name, of, decision));
  }
  Result<json::Object> post(const std::string& token, const std::string& changed = "") {
    return post(approval::Evidence{token, "", "", "", ""}, changed);
  }
  Result<json::Object> post(const approval::Evidence& shown, const std::string& changed = "") {
    std::optional<Result<json::Object>> out;
    desk->decide(shown, changed, [&](Result<json::Object> answer) { out = std::move(answer); });
    EXPECT_TRUE(run_until([&] { return out.has_value(); }));
    return *out;
  }

  Decisions decisions;
  HeldInMemory arguments;
  std::map<std::string, SigningKey> keys;  // by operator
  std::set<std::string> revoked;           // keys
  std::string founder, owner;
  std::string policy = "digest";
  std::optional<sign_in::RelyingParty> party{{"pawl.example.org", "https://pawl.example.org"}};
  ApprovalSettings settings;
  ForeseenCaller foreseen_caller;
  std::vector<rules::Source> sources;  // of the rules in force, where a part of a call is open
  std::unique_ptr<ForeseenRulings> foreseen;
  std::unique_ptr<EnrollmentDesk> enrollment;
  std::unique_ptr<ApprovalDesk> desk;
};

}  // namespace pawl
