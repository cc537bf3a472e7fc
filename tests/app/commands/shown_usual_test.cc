// What a held call's differences look like on a screen.
#include "app/commands/shown_usual.h"

#include <gtest/gtest.h>

#include "app/commands/shown_held_call.h"
#include "foundation/crypto/sha256.h"

namespace pawl {
namespace {

HeldCall call_with(const std::string& usual) {
  HeldCall out;
  out.params = R"({"name":"pay","arguments":{"amount":125000}})";
  out.approval.binding.verb = "tool.call";
  out.approval.binding.name = "pay";
  out.approval.binding.digest = digest_text(sha256(*out.params));
  const Result<json::Parsed> parsed = json::parse(usual);
  EXPECT_TRUE(parsed) << usual;
  out.usual = parsed->value;
  return out;
}

TEST(ShownUsual, LeadsWithWhatDiffers) {
  const HeldCall call = call_with(
      R"({"compared":50,"more":2,"not_compared":1,"differs":[)"
      R"({"pointer":"/arguments/amount","is":"out_of_range","now":"125000","seen":50,)"
      R"("lowest":"3","highest":"99"},)"
      R"({"pointer":"/arguments/to","is":"new_value","now":"\"x\"","seen":50,)"
      R"("values":["\"a\"","\"b\""]},)"
      R"({"pointer":"/arguments/note","is":"new_place","now":"\"hi\"","seen":0},)"
      R"({"pointer":"/arguments/limit","is":"missing","seen":50,"lowest":"1","highest":"1"},)"
      R"({"pointer":"/arguments/id","is":"new_value","now":"7","seen":50,"varies":true,)"
      R"("values":["\"6\""]}]})");
  EXPECT_EQ(shown_usual(call),
            "unusual        not as in 50 calls of this agent to this tool since the start\n"
            "  | /arguments/amount 125000, usually 3 to 99 (50 calls)\n"
            "  | /arguments/to \"x\", never seen; usually \"a\", \"b\" (50 calls)\n"
            "  | /arguments/note \"hi\", not in usual calls\n"
            "  | missing: /arguments/limit, in all 50 calls\n"
            "  | /arguments/id 7, new; it varies, lately \"6\" (50 calls)\n"
            "  | and 2 more values\n"
            "not compared   1 value or more: look at the arguments themselves\n");
  const std::string whole = shown_held_call(call, 0);
  EXPECT_LT(whole.find("unusual "), whole.find("exact text"));
  EXPECT_LT(whole.find("125000, usually"), whole.find("arguments "));
}

TEST(ShownUsual, SaysWhatIsNotKnown) {
  EXPECT_EQ(shown_usual(call_with(R"({"compared":0,"calls":7})")),
            "unusual        no call of this agent to this tool is known since the start\n");
  EXPECT_EQ(shown_usual(call_with(R"({"compared":1,"differs":[]})")),
            "unusual        nothing: as in 1 call of this agent to this tool since the start\n");
  EXPECT_EQ(shown_usual(call_with(R"({"compared":2,"differs":[],"not_compared":2})")),
            "unusual        what could be compared is as in 2 calls of this agent to this tool "
            "since the start\n"
            "not compared   2 values or more: look at the arguments themselves\n");
  EXPECT_EQ(shown_usual(call_with(R"({"calls":7,"first":false})")), "") << "it compared nothing";
  HeldCall other = call_with(R"({"compared":0})");
  other.params = "{}";
  EXPECT_EQ(shown_usual(other), "") << "other arguments than those that are signed";
  other.params.reset();
  EXPECT_EQ(shown_usual(other), "");
}

TEST(ShownUsual, ShowsNothingInPart) {
  const std::string now = R"("now":"\")" + std::string(500, 'x') + R"(\"")";
  EXPECT_EQ(shown_usual(call_with(R"({"compared":1,"differs":[{"pointer":"/arguments/a","seen":0,)"
                                  R"("is":"new_place",)" +
                                  now + "}]}")),
            "unusual        not as in 1 call of this agent to this tool since the start\n"
            "  | /arguments/a (502 bytes), not in usual calls\n");
}

TEST(ShownUsual, WordsOfAgentsLookLikeNothingElse) {
  const std::string shown = shown_usual(call_with(
      R"({"compared":2,"differs":[{"pointer":"/arguments/a \"b","is":"new_value",)"
      R"("now":"\"x\\\", usually \\\"x\\u001b[2J\\u202e\\nunusual        nothing\"","seen":2,)"
      R"("values":["\"\\u200b\""]},7,{"is":7}]})"));
  EXPECT_EQ(
      shown,
      "unusual        not as in 2 calls of this agent to this tool since the start\n"
      "  | \"/arguments/a \\\"b\" \"x\\\", usually \\\"x\\x1b[2J\\u{202e}\\x0aunusual        no\n"
      "  : thing\", never seen; usually \"\\u{200b}\" (2 calls)\n");
}

}  // namespace
}  // namespace pawl
