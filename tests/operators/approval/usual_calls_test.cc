// What is usual of a tool's calls, and in what another call differs.
#include <gtest/gtest.h>

#include "operators/approval/usual_differences.h"

namespace pawl::approval {
namespace {

UsualCalls learned(const std::vector<std::string>& calls) {
  UsualCalls out;
  for (const std::string& text : calls) {
    const Result<json::Parsed> parsed = json::parse(text);
    EXPECT_TRUE(parsed) << text;
    learn(out, &parsed->value);
  }
  return out;
}

// "out_of_range /amount 125000 [3..99] {} 2", one a line.
std::string unlike(const UsualCalls& usual, const std::string& text) {
  const Result<json::Parsed> parsed = json::parse(text);
  EXPECT_TRUE(parsed) << text;
  const Differences found = differences(usual, &parsed->value);
  std::string out;
  for (const Difference& one : found.list) {
    out += std::string(unusual_name(one.what)) + " " + one.pointer;
    out += one.now.empty() ? "" : " " + one.now;
    out += one.lowest.empty() ? "" : " [" + one.lowest + ".." + one.highest + "]";
    for (const std::string& value : one.usual) {
      out += " " + value;
    }
    out += (one.varies ? " varies" : "") + std::string(" in ") + std::to_string(one.seen) + "\n";
  }
  out += found.more > 0 ? "more " + std::to_string(found.more) + "\n" : "";
  return out + (found.not_compared > 0 ? "not compared " + std::to_string(found.not_compared) : "");
}

struct Case {
  const char* name;
  std::vector<std::string> calls;
  std::string now, expected;
};

TEST(UsualCalls, ACallIsComparedPlaceByPlace) {
  const std::vector<Case> cases = {
      {"the same", {R"({"a":1,"b":"x"})"}, R"({"b":"x","a":1.0})", ""},
      {"within the range", {R"({"n":3})", R"({"n":99})"}, R"({"n":50.5})", ""},
      {"above",
       {R"({"n":3})", R"({"n":99})"},
       R"({"n":125000})",
       "out_of_range /n 125000 [3..99] in 2\n"},
      {"below", {R"({"n":0})"}, R"({"n":-0.5})", "out_of_range /n -0.5 [0..0] in 1\n"},
      {"beyond what a double holds",
       {R"({"n":9007199254740992})"},
       R"({"n":9007199254740993})",
       "out_of_range /n 9007199254740993 [9007199254740992..9007199254740992] in 1\n"},
      {"the largest numbers",
       {R"({"n":18446744073709551614})", R"({"n":-9223372036854775808})"},
       R"({"n":18446744073709551615})",
       "out_of_range /n 18446744073709551615 [-9223372036854775808..18446744073709551614] in 2\n"},
      {"a double above integers",
       {R"({"n":18446744073709551615})"},
       R"({"n":1e300})",
       "out_of_range /n 1e+300 [18446744073709551615..18446744073709551615] in 1\n"},
      {"a new value",
       {R"({"to":"a"})", R"({"to":"b"})", R"({"to":"b"})"},
       R"({"to":"x"})",
       "new_value /to \"x\" \"b\" \"a\" in 3\n"},
      {"the order is what is out of range or new, new places, what is missing, what varies",
       {R"({"id":"1","to":"a","limit":1,"n":1})", R"({"id":"2","to":"a","limit":1,"n":1})",
        R"({"id":"3","to":"a","limit":1,"n":1})", R"({"id":"4","to":"a","limit":1,"n":1})",
        R"({"id":"5","to":"a","limit":1,"n":1})", R"({"id":"6","to":"a","limit":1,"n":1})",
        R"({"id":"7","to":"a","limit":1,"n":1})", R"({"id":"8","to":"a","limit":1,"n":1})",
        R"({"id":"9","to":"a","limit":1,"n":1})"},
       R"({"id":"x","note":"hi","n":2,"to":"b"})",
       "out_of_range /n 2 [1..1] in 9\nnew_value /to \"b\" \"a\" in 9\nnew_place /note \"hi\" in "
       "0\n"
       "missing /limit [1..1] in 9\nnew_value /id \"x\" \"9\" \"8\" \"7\" \"6\" \"5\" \"4\" \"3\" "
       "\"2\" varies in 9\n"},
      {"only what every call has is missing",
       {R"({"a":1,"b":1})", R"({"a":1})"},
       "{}",
       "missing /a [1..1] in 2\n"},
      {"another type", {R"({"n":1})"}, R"({"n":"1"})", "new_value /n \"1\" [1..1] in 1\n"},
      {"a number where there was a text",
       {R"({"n":"1"})"},
       R"({"n":1})",
       "new_value /n 1 \"1\" in 1\n"},
      {"truth and null",
       {R"({"a":true,"b":null})"},
       R"({"a":false,"b":true})",
       "new_value /a false true in 1\nnew_value /b true null in 1\n"},
      {"of a list the item that is furthest off, under its own pointer",
       {R"({"items":[{"n":5},{"n":7}]})"},
       R"({"items":[{"n":8},{"n":900},{"n":6},{"n":-1},{"n":9}]})",
       "out_of_range /items/1/n 900 [5..7] in 1\nout_of_range /items/3/n -1 [5..7] in 1\nmore 2\n"},
      {"empty ones are values",
       {R"({"a":[],"b":{}})"},
       R"({"a":{},"b":[1]})",
       "new_value /a {} [] in 1\nnew_place /b/0 1 in 0\nmissing /b {} in 1\n"},
      {"a member named * is no list",
       {R"({"a":[1]})"},
       R"({"a":{"*":1}})",
       "new_place /a/* 1 in 0\nmissing /a/* [1..1] in 1\n"},
      {"names are escaped", {R"({"a/b":1})"}, R"({"a/b":2})", "out_of_range /a~1b 2 [1..1] in 1\n"},
      {"only long values: nothing to compare with",
       {R"({"c":")" + std::string(65, 'x') + "\"}"},
       R"({"c":"y"})",
       "not compared 1"},
      {"too deep to compare",
       {R"({"a":{"a":{"a":{"a":{"a":{"a":1}}}}}})"},
       R"({"a":{"a":{"a":{"a":{"a":{"a":2,"b":{"c":1}}}}}}})",
       "out_of_range /a/a/a/a/a/a 2 [1..1] in 1\nnot compared 1"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(unlike(learned(one.calls), one.now), one.expected) << one.name;
  }
}

TEST(UsualCalls, WithoutCallsNothingDiffers) {
  EXPECT_EQ(unlike({}, R"({"a":1})"), "");
}

TEST(UsualCalls, ACallWithoutArgumentsIsACall) {
  UsualCalls usual = learned({R"({"a":1})"});
  EXPECT_EQ(differences(usual, nullptr).list.size(), 1u);
  learn(usual, nullptr);
  EXPECT_EQ(usual.calls, 2u);
  EXPECT_TRUE(differences(usual, nullptr).list.empty()) << "not every call has it";
}

TEST(UsualCalls, MorePlacesThanAreKeptAreNotCalledNew) {
  std::string many = "{\"p0\":0";
  for (std::size_t i = 1; i <= kMostPlaces; ++i) {
    many += ",\"p" + std::to_string(i) + "\":0";
  }
  const UsualCalls usual = learned({many + "}"});
  EXPECT_EQ(usual.places.size(), kMostPlaces);
  EXPECT_EQ(unlike(usual, many + "}"), "not compared 1");
}

TEST(UsualCalls, NewPlacesPushOutNothing) {
  std::string now = "{";
  for (int i = 0; i < 500; ++i) {
    now += "\"new" + std::to_string(i) + "\":1,";
  }
  const UsualCalls usual = learned({R"({"amount":5,"limit":1})"});
  const Result<json::Parsed> parsed = json::parse(now + "\"amount\":125000}");
  const Differences found = differences(usual, &parsed->value);
  EXPECT_EQ(found.list.front().pointer, "/amount");
  EXPECT_EQ(found.list.back().pointer, "/limit");
  EXPECT_EQ(found.list.size(), kMostNewPlaces + 2);
  EXPECT_EQ(found.more, 500 - kMostNewPlaces);
}

}  // namespace
}  // namespace pawl::approval
