// Levels and algorithms of presented tokens, on the live path and against the published vectors.
#include "gateway/parent_tokens.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "foundation/ect/ect_cbor.h"
#include "foundation/jose/jwk_set.h"
#include "tests/gateway/gateway_rig.h"
#include "tests/support/counted_verifications.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

constexpr std::string_view kPlanner = "https://planner.example";
constexpr std::string_view kAgent = "spiffe://example.org/agent/triage";

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

TokenRules rules_of(const json::Value& one) {
  TokenRules rules;
  rules.minimum = ect::parse_level(text_at(one, "minimum_level")).value_or(rules.minimum);
  if (const json::Value* names = json::find(one, {"algorithms"})) {
    rules.algorithms.clear();
    for (const json::Value& name : names->get_array()) {
      rules.algorithms.emplace_back(name.get_string());
    }
  }
  return rules;
}

TEST(ParentTokens, EveryTokenOfTheVectorsIsJudgedAsThePageSays) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/ect/levels.json");
  ASSERT_TRUE(text) << text.error().message;
  const Result<json::Parsed> parsed = json::parse(*text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const json::Value& vectors = parsed->value;
  const Result<jose::JwkSet> keys = jose::JwkSet::parse(*text);
  ASSERT_TRUE(keys) << keys.error().message;
  const ect::KeyResolver resolve = [&](std::string_view iss,
                                       std::string_view kid) -> Result<PublicKey> {
    const PublicKey* key = iss == text_at(vectors, "issuer") ? keys->find(kid) : nullptr;
    return key != nullptr ? Result<PublicKey>(*key) : fail(Code::kNotFound, "not trusted");
  };
  const WallTime now{json::find(vectors, {"now"})->get_int64() * 1'000'000};
  const json::Array& cases = json::find(vectors, {"cases"})->get_array();
  ASSERT_GT(cases.size(), 25U);
  for (const json::Value& one : cases) {
    const std::string name = text_at(one, "name");
    const std::string expect = text_at(one, "expect");
    ParentTokens tokens({text_at(vectors, "domain"), text_at(vectors, "node")},
                        SigningKey::generate(KeyKind::kP256)->public_key(), "own",
                        ForeignKeys{resolve, {}}, rules_of(one), 10);
    Action action;
    action.caller.agent = text_at(vectors, "agent");
    action.caller.proof =
        text_at(one, "proof") == "none" ? Caller::Proof::kNone : Caller::Proof::kBearerKey;
    action.parent_tokens = {text_at(one, "token")};
    const auto taken = tokens.resolve(action, now);
    if (expect != "ok") {
      ASSERT_FALSE(taken) << name;
      EXPECT_EQ(taken.error().code, Code::kTokenInvalid) << name;
      EXPECT_TRUE(taken.error().message.starts_with(expect + ":"))
          << name << ": " << taken.error().message;
      continue;
    }
    ASSERT_TRUE(taken) << name << ": " << taken.error().message;
    EXPECT_EQ(action.presented_level, text_at(one, "level")) << name;
    EXPECT_EQ(action.causes.size(), 1U) << name;
  }
}

// An agent that calls, and a planner that is trusted.
struct Desk {
  explicit Desk(TokenRules rules) {
    rig.token_rules = std::move(rules);
    rig.open();
    rig.foreign = [this](std::string_view iss, std::string_view) {
      return iss == kPlanner ? Result<PublicKey>(key.public_key())
                             : Result<PublicKey>(fail(Code::kNotFound, "not trusted"));
    };
  }
  ect::Claims claims(std::string_view iss = kPlanner, std::vector<Uuid> pred = {}) {
    ect::Claims out;
    out.iss = iss;
    out.aud = {std::string(kAgent)};
    out.iat = rig.clock.wall().seconds();
    out.exp = out.iat + 300;
    out.jti = Uuid::v7(rig.clock.wall(), rig.random);
    out.exec_act = "plan.step";
    out.pred = std::move(pred);
    return out;
  }
  std::string signed_by_planner(const ect::Claims& words) const {
    return *ect::issue(key, "p1", words);
  }
  static std::string plain(const ect::Claims& words) { return base64url_encode(ect::print(words)); }
  CallView& call(std::vector<std::string> tokens) {
    Action action = rig.action("tool.call", "read");
    action.parent_tokens = std::move(tokens);
    CallView& view = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return view.forwarded || view.ended(); }));
    if (view.forwarded) {
      view.events->answered({true, "{}"});
      EXPECT_TRUE(rig.run_until([&] { return view.released; }));
    }
    return view;
  }
  std::string level(const CallView& view) {
    return rig.text(*view.record, {"ect_ext", "pawl.tool", "level"});
  }
  GatewayRig rig;
  SigningKey key = *SigningKey::generate(KeyKind::kP256);
};

TEST(ParentTokens, ATokenBelowTheMinimumIsRefusedBeforeTheCallIsForwarded) {
  Desk desk({});
  const CallView& call = desk.call({Desk::plain(desk.claims(kAgent))});
  ASSERT_TRUE(call.refused);
  EXPECT_FALSE(call.forwarded);
  EXPECT_EQ(call.refused->code, Code::kTokenInvalid);
  EXPECT_EQ(call.refused->rule, "ect-level");
  EXPECT_EQ(desk.rig.text(*call.record, {"ect_ext", "pol"}), "ect-level");
}

TEST(ParentTokens, WhereTheyMustBeRecordedOnlyOurOwnCount) {
  Desk desk({.minimum = ect::Level::kL3});
  const CallView& foreign = desk.call({desk.signed_by_planner(desk.claims())});
  ASSERT_TRUE(foreign.refused);
  EXPECT_EQ(foreign.refused->rule, "ect-level");
  const CallView& first = desk.call({});
  const CallView& next = desk.call({first.record->token});
  EXPECT_TRUE(next.released);
  EXPECT_EQ(desk.level(next), "");
}

// A signed token, or a record, does not lift what it came from.
TEST(ParentTokens, ARecordSaysTheWeakestLevelItCameFromAndSoDoesWhatComesFromIt) {
  Desk desk({.minimum = ect::Level::kL1});
  const CallView& from_signed = desk.call({desk.signed_by_planner(desk.claims())});
  EXPECT_EQ(desk.level(from_signed), "L2");
  const CallView& from_plain = desk.call({Desk::plain(desk.claims(kAgent))});
  EXPECT_EQ(desk.level(from_plain), "L1");
  EXPECT_EQ(desk.level(desk.call({from_signed.record->token, from_plain.record->token})), "L1");
  EXPECT_EQ(desk.level(desk.call({from_signed.record->token})), "L2");
  EXPECT_EQ(desk.level(desk.call({})), "");
  desk.rig.token_rules = {};
  desk.rig.open();
  const CallView& later = desk.call({from_plain.record->token});
  ASSERT_TRUE(later.refused) << "the minimum holds for the chain, too";
  EXPECT_EQ(later.refused->rule, "ect-level");
}

TEST(ParentTokens, AnUnsignedTokenCountsFromItsOwnIssuerOnly) {
  Desk desk({.minimum = ect::Level::kL1});
  for (const std::string_view iss : {std::string_view("spiffe://example.org/agent/other"), kPlanner,
                                     std::string_view("spiffe://example.org/pawl/gw1")}) {
    const CallView& call = desk.call({Desk::plain(desk.claims(iss))});
    ASSERT_TRUE(call.refused) << iss;
    EXPECT_TRUE(call.refused->reason.starts_with("wrong_presenter:")) << call.refused->reason;
  }
  ect::Claims words = desk.claims(kAgent);
  EXPECT_TRUE(desk.call({Desk::plain(words)}).released);
  EXPECT_TRUE(desk.call({Desk::plain(words)}).released) << "presented again";
  words.exec_act = "plan.other";
  const CallView& twisted = desk.call({Desk::plain(words)});
  ASSERT_TRUE(twisted.refused);
  EXPECT_EQ(twisted.refused->rule, "ect-replay");
}

// What nobody vouches for must not become known: it would lock out the true token.
TEST(ParentTokens, AnothersUnsignedTokenDoesNotTakeTheId) {
  Desk desk({.minimum = ect::Level::kL1});
  ect::Claims words = desk.claims();
  ect::Claims forged = words;
  forged.exec_act = "plan.forged";
  EXPECT_TRUE(desk.call({Desk::plain(forged)}).refused);
  EXPECT_TRUE(desk.call({desk.signed_by_planner(words)}).released);
}

TEST(ParentTokens, OnlyAdmittedAlgorithmsCount) {
  Desk desk({});
  desk.key = *SigningKey::generate(KeyKind::kEd25519);
  const std::string token = desk.signed_by_planner(desk.claims());
  const CallView& refused = desk.call({token});
  ASSERT_TRUE(refused.refused);
  EXPECT_TRUE(refused.refused->reason.starts_with("bad_alg:")) << refused.refused->reason;
  EXPECT_EQ(refused.refused->rule, "ect-invalid");
  desk.rig.token_rules = {.algorithms = {"ES256", "EdDSA"}};
  desk.rig.open();
  EXPECT_TRUE(desk.call({token}).released);
}

TEST(ParentTokens, TheCborFormCountsOnlyWhereItIsAdmitted) {
  Desk desk({});
  const Result<std::string> bytes = ect::issue_cbor(desk.key, "planner-1", desk.claims());
  ASSERT_TRUE(bytes) << bytes.error().message;
  const std::string token = base64url_encode(*bytes);
  const CallView& refused = desk.call({token});
  ASSERT_TRUE(refused.refused);
  EXPECT_TRUE(refused.refused->reason.starts_with("bad_form:")) << refused.refused->reason;
  EXPECT_EQ(refused.refused->rule, "ect-invalid");
  desk.rig.token_rules = {.accept_cbor = true};
  desk.rig.open();
  EXPECT_TRUE(desk.call({token}).released);
}

TEST(ParentTokens, NothingInCborFormIsOurOwn) {
  const SigningKey own = *SigningKey::generate(KeyKind::kP256);
  const Instance instance{"example.org", "gw1"};
  ParentTokens tokens(instance, own.public_key(), "own", {}, {.accept_cbor = true}, 10);
  Desk desk({});
  const ect::Claims claims = desk.claims(instance.spiffe());
  Action action;
  action.caller.agent = "triage";
  action.parent_tokens = {base64url_encode(*ect::issue_cbor(own, "own", claims))};
  const auto taken = tokens.resolve(action, desk.rig.clock.wall());
  ASSERT_FALSE(taken);
  EXPECT_TRUE(taken.error().message.starts_with("unknown_key:")) << taken.error().message;
  const ect::Claims others = desk.claims(instance.spiffe());
  action.parent_tokens = {*ect::issue(own, "own", others)};
  const auto json_form = tokens.resolve(action, desk.rig.clock.wall());
  EXPECT_TRUE(json_form) << json_form.error().message;
}

TEST(ParentTokens, AParentThatNobodyHasRefusesTheCallWhereAllMustBeKnown) {
  Desk desk({.graph = {.allow_partial = false}});
  const ect::Claims parent = desk.claims();
  const std::string child = desk.signed_by_planner(desk.claims(kPlanner, {parent.jti}));
  const CallView& partial = desk.call({child});
  ASSERT_TRUE(partial.refused);
  EXPECT_EQ(partial.refused->rule, "parent-unknown");
  EXPECT_TRUE(desk.call({child, desk.signed_by_planner(parent)}).released);
}

TEST(ParentTokens, AParentThatWasNotApprovedRefusesTheCallWhereItMustBe) {
  Desk desk({.graph = {.refuse_unapproved = true}});
  ect::Claims rejected = desk.claims();
  rejected.ext["pol"] = "p";
  rejected.ext["pol_decision"] = "rejected";
  const CallView& call = desk.call({desk.signed_by_planner(rejected)});
  ASSERT_TRUE(call.refused);
  EXPECT_TRUE(call.refused->reason.starts_with("parent_refused:")) << call.refused->reason;
  ect::Claims repair = desk.claims(kPlanner, {rejected.jti});
  repair.ext["compensation_required"] = true;
  EXPECT_TRUE(
      desk.call({desk.signed_by_planner(repair), desk.signed_by_planner(rejected)}).released);
}

// Of what is recorded, too, only "approved" is approved.
TEST(ParentTokens, ARecordThatWaitsForAPersonIsNotApproved) {
  Desk desk({.graph = {.refuse_unapproved = true}});
  for (const auto& [decision, passes] :
       {std::pair{"approved", true}, {"pending_human_review", false}, {"a later value", false}}) {
    ect::Claims record = desk.claims("spiffe://example.org/pawl/gw1");
    record.ext["pol"] = "p";
    record.ext["pol_decision"] = decision;
    desk.rig.parents->memory().recorded(record);
    const CallView& call = desk.call({desk.signed_by_planner(desk.claims(kPlanner, {record.jti}))});
    EXPECT_EQ(call.released, passes) << decision;
  }
}

// A call with a request state has a cause before its tokens are looked at; a record with 101 could
// not be signed, so that a call would be forwarded and never recorded.
TEST(ParentTokens, WithACauseThatIsThereAlreadyTheyAreAHundredAtMost) {
  Desk desk({});
  for (const std::size_t count : {ect::kMaxParents - 1, ect::kMaxParents}) {
    Action action = desk.rig.action("tool.call", "read");
    action.causes = {{Uuid::v7(desk.rig.clock.wall(), desk.rig.random), Basis::kDeclared}};
    for (std::size_t i = 0; i < count; ++i) {
      action.parent_tokens.push_back(desk.signed_by_planner(desk.claims()));
    }
    CallView& call = desk.rig.submit(std::move(action));
    ASSERT_TRUE(desk.rig.run_until([&] { return call.forwarded || call.ended(); }));
    if (count == ect::kMaxParents) {
      ASSERT_TRUE(call.refused);
      EXPECT_TRUE(call.refused->reason.starts_with("too_many_parents:")) << call.refused->reason;
    } else {
      ASSERT_TRUE(call.forwarded);
      call.events->answered({true, "{}"});
      ASSERT_TRUE(desk.rig.run_until([&] { return call.released; }));
    }
    EXPECT_FALSE(call.record->token.empty()) << "it is recorded";
  }
}

// At each presentation until it is recorded, whether or not its signature was looked at before.
// Whoever may not present it makes it no record.
TEST(ParentTokens, AForeignTokenIsJudgedByTheClockEachTime) {
  Desk desk({});
  struct Case {
    const char* name;
    std::int64_t iat, exp;  // against now
    std::int64_t later;     // until it is presented by its audience
    const char* first;
    const char* again;
  };
  const Case cases[] = {
      {"until exp", -10, 10, 9, "wrong_presenter", ""},
      {"at exp", -10, 10, 10, "wrong_presenter", "expired"},
      {"30 s ahead", 30, 300, 0, "wrong_presenter", ""},
      {"31 s ahead", 31, 300, 1, "not_yet", ""},
      {"900 s old", -900, 300, 1, "wrong_presenter", "too_old"},
  };
  for (const Case& c : cases) {
    ect::Claims words = desk.claims();
    words.exp = words.iat + c.exp;
    words.iat += c.iat;
    const std::string token = desk.signed_by_planner(words);
    for (const auto& [agent, expect] : {std::pair{"thief", c.first}, {"triage", c.again}}) {
      Action action = desk.rig.action("tool.call", "read");
      action.caller.agent = agent;
      action.parent_tokens = {token};
      const CallView& call = desk.rig.submit(std::move(action));
      ASSERT_TRUE(desk.rig.run_until([&] { return call.forwarded || call.ended(); }));
      const std::string reason = call.refused ? call.refused->reason : "";
      EXPECT_EQ(reason.substr(0, reason.find(':')), expect) << c.name;
      desk.rig.clock.step(std::chrono::seconds(c.later));
    }
  }
}

// What was verified before stays verified only as long as its key does.
TEST(ParentTokens, AKeyThatWentTakesWhatItVerifiedAlong) {
  Desk desk({});
  const std::string token = desk.signed_by_planner(desk.claims());
  EXPECT_TRUE(desk.call({token}).released);
  desk.rig.foreign = {};
  EXPECT_TRUE(desk.call({token}).released) << "kept: nothing says that a key changed";
  ++desk.rig.foreign_generation;
  const CallView& later = desk.call({token});
  ASSERT_TRUE(later.refused);
  EXPECT_TRUE(later.refused->reason.starts_with("unknown_key:")) << later.refused->reason;
}

// A parent of a hundred calls, alone and among others.
TEST(ParentTokens, AVerifiedTokenIsNeverVerifiedTwice) {
  Desk desk({});
  const std::string token = desk.signed_by_planner(desk.claims());
  Verifications::counted().forget();
  constexpr std::size_t kCalls = 100;
  for (std::size_t i = 0; i < kCalls; ++i) {
    EXPECT_TRUE(desk.call({token, desk.signed_by_planner(desk.claims()), token}).released);
  }
  EXPECT_EQ(Verifications::counted().texts("ES256"), 1 + kCalls);
  EXPECT_EQ(Verifications::counted().most_often("ES256"), 1U);
}

}  // namespace
}  // namespace pawl
