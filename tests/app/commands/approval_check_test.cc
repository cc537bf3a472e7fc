// What `pawl verify` finds in records of approvals: a table of honest logs and of forged ones,
// whose records the gateway's own key signed.
#include "app/commands/approval_check.h"

#include <functional>

#include "tests/app/commands/approval_rig.h"

namespace pawl {
namespace {

using ledger::Verdict;

class ApprovalCheckTest : public ApprovalLog {
 protected:
  struct Case {
    const char* name;
    std::function<void()> make;
    Verdict verdict;
    const char* what;
  };
  void check(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
      log_.clear();
      state_ = {};
      one.make();
      ApprovalCheck made([](std::string_view) { return false; });
      const ApprovalFinding finding = found(made);
      EXPECT_EQ(finding.verdict, one.verdict) << one.name << ": " << finding.what;
      EXPECT_NE(finding.what.find(one.what), std::string::npos) << one.name << ": " << finding.what;
    }
  }
  // Ada is enrolled, and bob by her; somebody wants a call.
  void asked(HoldTerms terms = {{"approver"}, 1, 1, 900, {}}) {
    enroll_both();
    ask(1, std::move(terms));
  }
};

TEST_F(ApprovalCheckTest, WhatPeopleApprovedIsGood) {
  check({{"one person, one call",
          [&] {
            asked();
            decide("bob");
            spend();
          },
          Verdict::kGood, ""},
         {"two people",
          [&] {
            asked({{"approver"}, 2, 1, 900, {}});
            decide("bob");
            decide("ada");
            spend();
          },
          Verdict::kGood, ""},
         {"two calls by one approval, in another order",
          [&] {
            asked({{"approver"}, 1, 2, 900, {}});
            approval::Statement said = statement("bob");
            said.uses = 2;
            decide(decision(said, "bob"));
            spend(1, 2);
            spend(1, 1);
          },
          Verdict::kGood, ""},
         {"who approved is removed afterwards",
          [&] {
            asked();
            decide("bob");
            remove("bob", "ada");
            spend();
          },
          Verdict::kGood, ""},
         {"the call ends after the approval did",
          [&] {
            asked();
            decide("bob");
            add(kinds::kApprovalExpired, approval::print_event(approval::Expired{
                                             approval::id_of(1), approval::Ending::kPolicy}));
            spend();
          },
          Verdict::kGood, ""},
         {"a call that was refused behind its intent",
          [&] {
            asked();
            decide("bob");
            json::Object body = call_body(1, 1);
            body["verb"] = "tool.call";
            spend(std::move(body), {{"inp_hash", binding().digest}}, {}, kinds::kTaskDenied);
          },
          Verdict::kGood, ""},
         {"passed on, and approved by the others",
          [&] {
            asked({{"approver"}, 1, 1, 1, {"admin"}});
            add(kinds::kApprovalRequested,
                approval::print_event(approval::Escalated{approval::id_of(1), now(), now() + 1}));
            state_.apply(approval::Escalated{approval::id_of(1), now() - 1, now()});
            approval::Statement said = statement("ada");
            said.role = "admin";
            said.expires = now() + 600;
            approval::Decided event = decision(said, "ada");
            event.by.at = now() - 1;
            decide(event);
            spend();
          },
          Verdict::kGood, ""},
         {"a denial, and no call",
          [&] {
            asked();
            decide("bob", Decision::kDeny);
          },
          Verdict::kGood, ""}});
}

TEST_F(ApprovalCheckTest, AGatewayCannotMakeADecision) {
  check({{"nobody decided",
          [&] {
            asked();
            spend();
          },
          Verdict::kBad, "was still pending"},
         {"it was denied",
          [&] {
            asked();
            decide("bob", Decision::kDeny);
            spend();
          },
          Verdict::kBad, "was denied"},
         {"one of two",
          [&] {
            asked({{"approver"}, 2, 1, 900, {}});
            decide("bob");
            spend();
          },
          Verdict::kBad, "was still pending"},
         {"passed on at once, with a time that is still to come",
          [&] {
            asked({{"approver"}, 1, 1, 900, {"admin"}});
            const std::int64_t due = now() + 900;
            add(kinds::kApprovalRequested,
                approval::print_event(approval::Escalated{approval::id_of(1), due, due + 900}));
          },
          Verdict::kBad, "not due to be passed on"},
         {"one was enough, says the gateway, where bob signed on two",
          [&] {
            asked();
            approval::Statement said = statement("bob");
            said.terms_digest = approval::terms_digest({{"approver"}, 2, 1, 900, {}}, "dave");
            decide(decision(said, "bob"));
            spend();
          },
          Verdict::kBad, "made on other terms"},
         {"and says that nobody owns the agent",
          [&] {
            asked();
            approval::Statement said = statement("bob");
            said.terms_digest = approval::terms_digest({{"approver"}, 1, 1, 900, {}}, "");
            decide(decision(said, "bob"));
          },
          Verdict::kBad, "made on other terms"},
         {"one person twice",
          [&] {
            asked({{"approver"}, 2, 1, 900, {}});
            decide("bob");
            decide("bob");
          },
          Verdict::kBad, "counted already"},
         {"decided by a rule",
          [&] {
            asked();
            approval::Decided event;
            event.id = approval::id_of(1);
            event.by.person = "ask";
            event.by.decision = Decision::kApprove;
            event.by.by_rule = true;
            event.by.at = now();
            decide(event);
            spend();
          },
          Verdict::kBad, "was still pending"},
         {"a key that nobody enrolled",
          [&] {
            asked();
            decide("mallory");
          },
          Verdict::kBad, "no operator with this key is enrolled"},
         {"in another's name",
          [&] {
            asked();
            decide(decision(statement("ada"), "bob"));
          },
          Verdict::kBad, "operator is not the one whose key signed"},
         {"signed by nobody",
          [&] {
            asked();
            approval::Decided event = decision(statement("bob"), "bob");
            char& one = event.evidence.token[event.evidence.token.size() - 20];
            one = one == 'A' ? 'B' : 'A';
            decide(event);
          },
          Verdict::kBad, "no operator who might signed it"},
         {"a body without a statement",
          [&] {
            asked();
            json::Object body = approval::print_event(decision(statement("bob"), "bob"));
            body.erase("statement");
            add(kinds::kApprovalDecided, std::move(body));
          },
          Verdict::kBad, "it says nothing of an approval"},
         {"for another instance",
          [&] {
            asked();
            approval::Statement said = statement("bob");
            said.instance = "spiffe://example.org/pawl/gw2";
            decide(decision(said, "bob"));
          },
          Verdict::kBad, "instance"},
         {"on another call",
          [&] {
            asked();
            approval::Statement said = statement("bob");
            said.binding.name = "destroy";
            said.binding_digest = approval::binding_digest(said.binding);
            decide(decision(said, "bob"));
          },
          Verdict::kBad, "binding"},
         {"more uses than the rule permits",
          [&] {
            asked();
            approval::Statement said = statement("bob");
            said.uses = 5;
            decide(decision(said, "bob"));
          },
          Verdict::kBad, "uses"},
         {"the record says more than was signed",
          [&] {
            asked({{"approver"}, 1, 9, 900, {}});
            approval::Decided event = decision(statement("bob"), "bob");
            event.by.uses = 9;
            decide(event);
          },
          Verdict::kBad, "something else than the record says"},
         {"a denial that the record takes for a yes",
          [&] {
            asked();
            approval::Decided event = decision(statement("bob", Decision::kDeny), "bob");
            event.by.decision = Decision::kApprove;
            event.by.uses = 1;
            event.by.expires = now() + 100;
            decide(event);
          },
          Verdict::kBad, "something else than the record says"},
         {"late",
          [&] {
            asked({{"approver"}, 1, 1, 1, {}});
            approval::Statement said = statement("bob");
            said.expires = now() + 100;
            decide(decision(said, "bob"));
          },
          Verdict::kBad, "the time to decide is over"},
         {"backdated",
          [&] {
            asked();
            approval::Decided event = decision(statement("bob"), "bob");
            event.by.at = now() - 1000;
            decide(event);
          },
          Verdict::kBad, "another time"},
         {"by somebody who was removed",
          [&] {
            asked();
            remove("bob", "ada");
            decide("bob");
          },
          Verdict::kBad, "no operator with this key is enrolled"},
         {"by a key that was revoked",
          [&] {
            asked();
            revoke_key_of("bob");
            decide("bob");
          },
          Verdict::kBad, "had been revoked"},
         {"in a role that was taken away",
          [&] {
            asked();
            enroll("bob", {"reader"}, "ada");
            decide("bob");
          },
          Verdict::kBad, "does not have the role"},
         {"by the owner of the agent",
          [&] {
            enroll("ada", {"admin", "approver"});
            enroll("dave", {"approver"}, "ada");
            ask();
            decide("dave");
          },
          Verdict::kBad, "a call of their own"}});
}

TEST_F(ApprovalCheckTest, AGatewayCannotEnroll) {
  check({{"nobody is enrolled",
          [&] {
            ask();
            decide("mallory");
          },
          Verdict::kBad, "no operator with this key is enrolled"},
         {"a second first one",
          [&] {
            enroll_both();
            enroll("mallory", {"admin", "approver"});
          },
          Verdict::kBad, "the first operator was enrolled already"},
         {"enrolled by an approver",
          [&] {
            enroll_both();
            enroll("mallory", {"approver"}, "bob");
          },
          Verdict::kBad, "nobody who is enrolled as an admin"},
         {"in the admin's name",
          [&] {
            enroll_both();
            approval::Enrollment said = enrollment("mallory", {"approver"}, "ada");
            said.by_key = kid_of("mallory");
            record(said, "mallory");
          },
          Verdict::kBad, "no operator who might signed it"},
         {"the record says other roles than was signed",
          [&] {
            enroll_both();
            const approval::Enrollment said = enrollment("carl", {"reader"}, "ada");
            const std::string signed_ = *approval::sign_enrollment(said, key_of("ada"));
            approval::Enrollment other = said;
            other.roles = {"approver"};
            add(kinds::kOperatorEnrolled, approval::print_enrollment({other, now(), signed_}));
          },
          Verdict::kBad, "something else than the record says"},
         {"the same statement again",
          [&] {
            enroll_both();
            approval::Enrollment said = enrollment("carl", {"approver"}, "ada");
            record(said);
            remove("carl", "ada");
            record(said);
          },
          Verdict::kBad, "counted already"},
         {"a statement of long ago",
          [&] {
            enroll_both();
            approval::Enrollment said = enrollment("carl", {"approver"}, "ada");
            said.iat -= 1000;
            said.exp -= 1000;
            record(said);
          },
          Verdict::kBad, "expired"},
         {"the end of the last admin",
          [&] {
            enroll_both();
            remove("ada", "ada");
          },
          Verdict::kBad, "nobody could enroll any more"}});
}

TEST_F(ApprovalCheckTest, AUseIsOfOneCallAndCountsOnce) {
  const auto approved = [&](json::Object body, json::Object claims) {
    asked();
    decide("bob");
    spend(std::move(body), claims);
  };
  const auto with = [](const char* name, const char* value) {
    json::Object body = call_body(1, 1);
    body[name] = value;
    return body;
  };
  const json::Object same{{"inp_hash", binding().digest}};
  check(
      {{"use 2 of 1", [&] { approved(call_body(1, 2), same); }, Verdict::kBad,
        "which was granted for 1"},
       {"two calls by one use",
        [&] {
          approved(call_body(1, 1), same);
          spend();
        },
        Verdict::kBad, "was spent by record"},
       {"an approval that nobody asked for", [&] { approved(call_body(7, 1), same); },
        Verdict::kBad, "nobody was asked"},
       {"one id twice",
        [&] {
          asked();
          ask();
        },
        Verdict::kBad, "another approval of this id"},
       {"use 0", [&] { approved(call_body(1, 0), same); }, Verdict::kBad, "names no use"},
       {"other arguments",
        [&] {
          approved(call_body(1, 1), {{"inp_hash", approval::digest_of("other")}});
        },
        Verdict::kBad, "inp_hash differs"},
       {"no arguments", [&] { approved(call_body(1, 1), {}); }, Verdict::kBad, "inp_hash differs"},
       {"another agent", [&] { approved(with("agent", "other"), same); }, Verdict::kBad,
        "agent differs"},
       {"another server", [&] { approved(with("server", "other"), same); }, Verdict::kBad,
        "server differs"},
       {"another tool", [&] { approved(with("tool", "other"), same); }, Verdict::kBad,
        "name differs"},
       {"another verb", [&] { approved(with("verb", "prompt.get"), same); }, Verdict::kBad,
        "verb differs"},
       {"for somebody else", [&] { approved(with("on_behalf_of", "eve"), same); }, Verdict::kBad,
        "on_behalf_of differs"}});
}

TEST_F(ApprovalCheckTest, SaysWhatItCannotCompare) {
  enroll_both();
  ask(1, {{"approver"}, 1, 3, 900, {}});
  approval::Statement said = statement("bob");
  said.uses = 3;
  decide(decision(said, "bob"));
  json::Object salted;
  salted["pawl.salted"] = json::Object{{"key", "k"}, {"inp", approval::digest_of("salted")}};
  spend(call_body(1, 1), {}, salted);
  json::Object pseudonym = call_body(1, 2);
  pseudonym["on_behalf_of"] = "person:abc";
  spend(std::move(pseudonym), {{"inp_hash", binding().digest}});
  json::Object crash = call_body(1, 3);
  crash.erase("on_behalf_of");
  crash["outcome"] = "unknown";
  crash["status"] = "crash";
  spend(std::move(crash), {{"inp_hash", binding().digest}});
  ApprovalCheck made([](std::string_view) { return false; });
  const ApprovalFinding finding = found(made);
  EXPECT_EQ(finding.verdict, Verdict::kGood) << finding.what;
  EXPECT_EQ(made.counts().uses, 3u);
  EXPECT_EQ(made.counts().no_arguments, 1u);
  EXPECT_EQ(made.counts().no_people, 2u);
  EXPECT_EQ(made.counts().no_names, 0u);
  EXPECT_EQ(made.counts().decisions, 1u);
  EXPECT_EQ(made.enrolled().checked(), 2u);
}

// Whoever has the gateway's keys can begin a log with a first operator of their own.
TEST_F(ApprovalCheckTest, TheFirstOperatorIsOneThatTheVerifierKnows) {
  asked();
  decide("bob");
  spend();
  const std::string ada = kid_of("ada");
  const std::string bob = kid_of("bob");
  const auto finds = [&](const std::string& trusted, bool is_pinned) {
    ApprovalCheck made([&](std::string_view kid) { return kid == trusted; });
    return found(made, is_pinned);
  };
  EXPECT_EQ(finds(ada, false).verdict, Verdict::kGood);
  EXPECT_EQ(finds("", true).verdict, Verdict::kGood);
  EXPECT_EQ(finds(bob, false).verdict, Verdict::kUnknown);
  EXPECT_NE(finds("", false).what.find("pin again"), std::string::npos);
}

TEST_F(ApprovalCheckTest, WhatIsNotHereIsNotShown) {
  asked();
  decide("bob");
  spend();
  const auto finds = [&](std::size_t from, bool a_log) {
    ApprovalCheck made([](std::string_view) { return true; });
    a_log ? made.misses_a_log() : made.misses_approvals();
    const std::vector<std::string> all = std::exchange(log_, {log_.begin() + from, log_.end()});
    const ApprovalFinding finding = found(made);
    log_ = all;
    return finding;
  };
  for (const std::size_t from : {1u, 2u, 3u, 4u}) {
    const ApprovalFinding finding = finds(from, true);
    EXPECT_EQ(finding.verdict, Verdict::kUnknown) << from;
    EXPECT_TRUE(finding.what.starts_with("not shown: ")) << finding.what;
  }
  // Pruning leaves enrollments.
  EXPECT_EQ(finds(4, false).verdict, Verdict::kUnknown);
  EXPECT_EQ(finds(0, false).verdict, Verdict::kGood);
}

}  // namespace
}  // namespace pawl
