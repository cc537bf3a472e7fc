#include "foundation/rules/proposed_change.h"

#include <gtest/gtest.h>

#include "foundation/rules/obligation.h"
#include "foundation/rules/rules.h"

namespace pawl::rules {
namespace {

AskedCall call_with(const json::Value& arguments) {
  return {"ask",       "triage", "",         "files",
          "tool.call", "pay",    &arguments, "019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11"};
}

Facts facts_with(const json::Value& arguments) {
  Facts facts;
  facts.agent = "triage";
  facts.server = "files";
  facts.verb = "tool.call";
  facts.tool = "pay";
  facts.arguments = &arguments;
  return facts;
}

TEST(ProposedChange, ItLoadsAndAllowsThatCallAndNoOtherValue) {
  const json::Value asked = json::parse(R"({"amount":9,"to":"acme # \"x\"\n","now":true})")->value;
  const std::string text = *proposed_change(call_with(asked));
  const auto loaded = RuleSet::load({{"proposed.yaml", text}});
  ASSERT_TRUE(loaded) << loaded.error().message << "\n" << text;
  EXPECT_EQ((*loaded)->decide(facts_with(asked), 0).effect, Effect::kAllow) << text;
  for (const std::string_view other :
       {R"({"amount":10,"to":"acme # \"x\"\n","now":true})", R"({"amount":9,"now":true})",
        R"({"amount":9,"to":"acme","now":true})", "{}"}) {
    const json::Value value = json::parse(other)->value;
    EXPECT_EQ((*loaded)->decide(facts_with(value), 0).effect, Effect::kDeny) << other;
  }
}

TEST(ProposedChange, WhatTheHoldObligesToIsKept) {
  const json::Value asked = json::parse(R"({"amount":9})")->value;
  AskedCall call = call_with(asked);
  call.obligations = R"({"redact":["/a",{"matches":"k+ \\d: {\"}"}],"limit":{"open":1}})";
  const std::string text = *proposed_change(call);
  const auto loaded = RuleSet::load({{"proposed.yaml", text}});
  ASSERT_TRUE(loaded) << loaded.error().message << "\n" << text;
  const Decision decision = (*loaded)->decide(facts_with(asked), 0);
  EXPECT_EQ(decision.effect, Effect::kAllow);
  EXPECT_EQ(json::print(print_obligations(joined_obligations(decision.obliged))), call.obligations);
  call.obligations.resize(kMaxProposal, ' ');
  EXPECT_EQ(proposed_change(call).error().code, Code::kUnsupported);
}

TEST(ProposedChange, TheHoldThatLeavesItOutHoldsTheOthers) {
  const json::Value asked = json::parse(R"({"amount":9})")->value;
  const std::string text = *proposed_change(call_with(asked));
  const std::size_t at = text.find("not: ");
  const std::string excepted = text.substr(at, text.find('\n', at) - at);
  const auto loaded =
      RuleSet::load({{"a.yaml", "rules:\n  - id: ask\n    when:\n      tool: pay\n      " +
                                    excepted + "\n    then: hold\n"},
                     {"b.yaml", text}});
  ASSERT_TRUE(loaded) << loaded.error().message;
  const json::Value other = json::parse(R"({"amount":10})")->value;
  EXPECT_EQ((*loaded)->decide(facts_with(asked), 0).effect, Effect::kAllow);
  EXPECT_EQ((*loaded)->decide(facts_with(other), 0).effect, Effect::kHold);
}

// regression: the words of an argument's name ended their quotes, and a name "**" allowed all tools
TEST(ProposedChange, NothingThatAnAgentWroteEndsItsQuotesOrIsAGlob) {
  for (const std::string_view key : {"x\" } } } # ", "a.b", "/srv/p\u0430y", "~1", "", "*",
                                     "line\nthen: allow", "\u202eevil", "\U000e0041tag", "\\x"}) {
    SCOPED_TRACE(key);
    json::Value asked = json::Object{}, other = json::Object{};
    asked.get_object()[key] = key;
    asked.get_object()["amount"] = 5;
    other.get_object()[key] = key;
    other.get_object()["amount"] = 999'999;
    const std::string text = *proposed_change(call_with(asked));
    EXPECT_EQ(text.find_first_of("\x1b\x9b"), text.npos);
    EXPECT_EQ(text.find("\u202e"), text.npos);
    const auto loaded = RuleSet::load({{"proposed.yaml", text}});
    ASSERT_TRUE(loaded) << loaded.error().message << "\n" << text;
    EXPECT_EQ((*loaded)->decide(facts_with(asked), 0).effect, Effect::kAllow) << text;
    EXPECT_EQ((*loaded)->decide(facts_with(other), 0).effect, Effect::kDeny) << text;
  }
  const json::Value none = json::Object{};
  AskedCall call = call_with(none);
  for (std::string AskedCall::*member : {&AskedCall::agent, &AskedCall::server, &AskedCall::name}) {
    AskedCall glob = call;
    glob.*member = "pay*";
    EXPECT_EQ(proposed_change(glob).error().code, Code::kUnsupported);
  }
}

// regression: a harmless call was proposed as a rule that allowed it with any further argument, and
// for anybody
TEST(ProposedChange, ItFitsNeitherMoreArgumentsNorOtherPeople) {
  for (const std::string_view asked : {"{}", R"({"a":{"b":[1,{"c":null}],"d":true},"e":"x"})"}) {
    const json::Value arguments = json::parse(asked)->value;
    json::Value more = arguments;
    more.get_object()["wipe"] = true;
    for (const std::string person : {"", "alice"}) {
      AskedCall call = call_with(arguments);
      call.on_behalf_of = person;
      const std::string text = *proposed_change(call);
      const auto loaded = RuleSet::load({{"proposed.yaml", text}});
      ASSERT_TRUE(loaded) << loaded.error().message << "\n" << text;
      for (const std::string_view who : {"", "alice", "mallory"}) {
        Facts facts = facts_with(arguments);
        facts.on_behalf_of = who;
        EXPECT_EQ((*loaded)->decide(facts, 0).effect,
                  who == person ? Effect::kAllow : Effect::kDeny)
            << who << "\n"
            << text;
        facts.arguments = &more;
        EXPECT_EQ((*loaded)->decide(facts, 0).effect, Effect::kDeny) << text;
        facts.arguments = nullptr;
        EXPECT_EQ((*loaded)->decide(facts, 0).effect, Effect::kDeny) << text;
      }
    }
  }
  AskedCall without = call_with(json::Value());
  without.arguments = nullptr;
  const std::string text = *proposed_change(without);
  const auto loaded = RuleSet::load({{"proposed.yaml", text}});
  ASSERT_TRUE(loaded) << loaded.error().message << "\n" << text;
  const json::Value some = json::parse(R"({"a":1})")->value;
  Facts facts = facts_with(some);
  EXPECT_EQ((*loaded)->decide(facts, 0).effect, Effect::kDeny) << text;
  facts.arguments = nullptr;
  EXPECT_EQ((*loaded)->decide(facts, 0).effect, Effect::kAllow) << text;
}

TEST(ProposedChange, WhatCannotBeNamedDoesNotLoadAsItIs) {
  for (const std::string& value : {std::string("1.5"), "\"" + std::string(1100, 'x') + "\"",
                                   std::string("18446744073709551615")}) {
    const json::Value asked = json::parse("{\"a\":" + value + "}")->value;
    const std::string text = *proposed_change(call_with(asked));
    EXPECT_NE(text.find("CANNOT BE NAMED HERE"), std::string::npos);
    EXPECT_FALSE(RuleSet::load({{"proposed.yaml", text}})) << text;
    EXPECT_LE(text.size(), kMaxProposal);
  }
}

}  // namespace
}  // namespace pawl::rules
