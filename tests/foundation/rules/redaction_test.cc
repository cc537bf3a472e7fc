// What is taken out of an answer, and that everything else stays byte for byte.
#include "foundation/rules/redaction.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pawl::rules {
namespace {

using Texts = std::vector<std::string>;

std::string run(const std::string& body, const Texts& pointers, const Texts& patterns,
                Answered answered = Answered::kResult) {
  const auto made = Redaction::make(pointers, patterns);
  if (!made) {
    return made.error().message;
  }
  const Result<std::string> out = redacted(body, answered, {made->get()});
  return out ? *out : "!" + out.error().message;
}

TEST(Redaction, TakesOutWhatIsNamedOrMatches) {
  struct {
    const char* name;
    const char* body;
    Texts pointers, patterns;
    const char* out;
  } const cases[] = {
      {"nothing asked",
       R"({"a" : 9007199254740993, "b":1e400})",
       {},
       {},
       R"({"a" : 9007199254740993, "b":1e400})"},
      {"spelling stays",
       "{ \"a\":\"x\",\t\"n\" : 9007199254740993 ,\"e\":\"\\u0041\\/\"}",
       {"/a"},
       {},
       "{ \"a\":\"[redacted]\",\t\"n\" : 9007199254740993 ,\"e\":\"\\u0041\\/\"}"},
      {"a number, a truth, a null",
       R"({"a":12,"b":true,"c":null})",
       {"/a", "/b", "/c"},
       {},
       R"({"a":"[redacted]","b":"[redacted]","c":"[redacted]"})"},
      {"an element", R"({"a":[1,2,3]})", {"/a/1"}, {}, R"({"a":[1,"[redacted]",3]})"},
      {"every element",
       R"({"a":[{"k":1,"l":2},{"k":3}]})",
       {"/a/*/k"},
       {},
       R"({"a":[{"k":"[redacted]","l":2},{"k":"[redacted]"}]})"},
      {"every member",
       R"({"a":{"x":1,"y":[2]}})",
       {"/a/*"},
       {},
       R"({"a":{"x":"[redacted]","y":["[redacted]"]}})"},
      {"escaped steps",
       R"({"a/b":1,"c~d":2,"\u0065":3})",
       {"/a~1b", "/c~0d", "/e"},
       {},
       R"({"a/b":"[redacted]","c~d":"[redacted]","\u0065":"[redacted]"})"},
      {"an object", R"({"a":{"x":1}})", {"/a"}, {}, R"({"a":{"[redacted]":"[redacted]"}})"},
      {"content keeps its shape",
       R"({"content":[{"type":"image","data":"aGk="}]})",
       {"/content/0"},
       {},
       R"({"content":[{"type":"text","text":"[redacted]"}]})"},
      {"an array of content",
       R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})",
       {"/content"},
       {},
       R"({"content":[{"type":"text","text":"[redacted]"}]})"},
      {"an empty array", R"({"a":[]})", {"/a"}, {}, R"({"a":[]})"},
      {"what is not there", R"({"a":1})", {"/b", "/a/0", "/a/*"}, {}, R"({"a":1})"},
      {"a pattern within a text",
       R"({"a":"card 4111111111111111 ok"})",
       {},
       {"[0-9]{16}"},
       R"({"a":"card [redacted] ok"})"},
      {"a pattern sees through escapes",
       R"({"a":"k\u0065y=\u0031"})",
       {},
       {"key=[0-9]"},
       R"({"a":"[redacted]"})"},
      {"a pattern matches a number",
       R"({"a":4111111111111111,"b":5})",
       {},
       {"^[0-9]{16}$"},
       R"({"a":"[redacted]","b":5})"},
      {"two patterns", R"(["kb","qd"])", {}, {"k", "q"}, R"(["[redacted]b","[redacted]d"])"},
      {"what matches only beside a mark",
       R"({"a":"xxsecret"})",
       {},
       {"xx", "^.redacted.secret"},
       R"({"a":"[redacted]"})"},
      {"the name of a member",
       R"({"a":{"ann@example.org":1}})",
       {},
       {"@example"},
       R"({"a":{"[redacted]":"[redacted]"}})"},
      {"a text that is JSON",
       R"({"a":"{\"k\":\"a\\u0062c\"}"})",
       {},
       {"abc"},
       R"({"a":"{\"k\":\"[redacted]\"}"})"},
      {"content says what structuredContent says",
       R"({"content":[{"type":"text","text":"{\"id\":7,\"name\":\"Ann\"}"}],"structuredContent":{"id":7,"name":"Ann"}})",
       {"/structuredContent/name"},
       {},
       R"({"content":[{"type":"text","text":"{\"id\":7,\"name\":\"[redacted]\"}"}],"structuredContent":{"id":7,"name":"[redacted]"}})"},
      {"and in prose",
       R"({"content":[{"type":"text","text":"She is called Anna B."}],"structuredContent":{"name":"Anna B."}})",
       {"/structuredContent/name"},
       {},
       R"({"content":[{"type":"text","text":"She is called [redacted]"}],"structuredContent":{"name":"[redacted]"}})"},
      {"a short value only in its place",
       R"({"t":"of age 42","age":42})",
       {"/age"},
       {},
       R"({"t":"of age 42","age":"[redacted]"})"},
      {"the kind of content is no content",
       R"({"a":{"type":"image","x":"text"},"content":[{"type":"text","text":"z"}]})",
       {"/a"},
       {},
       R"({"a":{"type":"text","text":"[redacted]"},"content":[{"type":"text","text":"z"}]})"},
      {"bytes cannot be searched",
       R"({"content":[{"type":"image","data":"aGk=","mimeType":"a/b"}]})",
       {},
       {"zz"},
       "!it holds bytes (`data`), which no pattern can search"},
      {"bytes of a resource",
       R"({"contents":[{"uri":"a","blob":"aGk="}]})",
       {},
       {"zz"},
       "!it holds bytes (`blob`), which no pattern can search"},
      {"but go when they are named",
       R"({"contents":[{"uri":"a","blob":"aGk="}]})",
       {"/contents/*/blob"},
       {"zz"},
       R"({"contents":[{"uri":"a","blob":"[redacted]"}]})"},
      {"and are no matter to pointers",
       R"({"contents":[{"uri":"a","blob":"aGk="}]})",
       {"/x"},
       {},
       R"({"contents":[{"uri":"a","blob":"aGk="}]})"},
      {"a name at the top",
       R"({"secret":1})",
       {},
       {"secret"},
       "!the name of a member at its top matches a pattern"},
      {"no JSON", R"({"a":1)", {"/a"}, {}, nullptr},
  };
  for (const auto& c : cases) {
    const std::string out = run(c.body, c.pointers, c.patterns);
    if (c.out == nullptr) {
      EXPECT_TRUE(out.starts_with("!it cannot be read: ")) << c.name << ": " << out;
    } else {
      EXPECT_EQ(out, c.out) << c.name;
    }
    if (!out.starts_with("!")) {
      EXPECT_EQ(run(out, c.pointers, c.patterns), out) << c.name << ", once more";
    }
  }
}

TEST(Redaction, KnowsErrorsAndTasks) {
  EXPECT_EQ(run(R"({"code":-1,"message":"no","data":{"row":"secret"}})", {"/structuredContent/x"},
                {}, Answered::kError),
            R"({"code":-1,"message":"no","data":{"[redacted]":"[redacted]"}})");
  EXPECT_EQ(
      run(R"({"code":-1,"message":"not secret","data":"secret"})", {"/x"}, {}, Answered::kError),
      R"({"code":-1,"message":"not [redacted]","data":"[redacted]"})");
  EXPECT_EQ(run(R"({"code":-1,"message":"a secret"})", {}, {"secret"}, Answered::kError),
            R"({"code":-1,"message":"a [redacted]"})");
  EXPECT_EQ(run(R"({"taskId":"t","result":{"a":1,"b":2}})", {"/a"}, {}, Answered::kTask),
            R"({"taskId":"t","result":{"a":"[redacted]","b":2}})");
  EXPECT_EQ(run(R"({"a":1,"b":2})", {"/a"}, {}, Answered::kTask), R"({"a":"[redacted]","b":2})");
  EXPECT_EQ(run(R"({"taskId":"t","error":{"code":1,"data":3}})", {"/a"}, {}, Answered::kTask),
            R"({"taskId":"t","error":{"code":1,"data":"[redacted]"}})");
}

TEST(Redaction, UnionsWhatSeveralAskFor) {
  const auto one = Redaction::make({"/a"}, {"k"});
  const auto other = Redaction::make({"/b"}, {"q"});
  EXPECT_EQ(*redacted(R"({"a":1,"b":2,"c":"kqz"})", Answered::kResult, {one->get(), other->get()}),
            R"({"a":"[redacted]","b":"[redacted]","c":"[redacted][redacted]z"})");
}

// More values than can be looked for: then no text beside them is left.
TEST(Redaction, LeavesNoProseWhenTooMuchIsNamed) {
  std::string rows = "[";
  for (int i = 0; i < 300; ++i) {
    rows += (i == 0 ? "\"" : ",\"") + std::to_string(100'000 + i) + "\"";
  }
  const std::string body =
      R"({"content":[{"type":"text","text":"last 100299"}],"structuredContent":{"rows":)" + rows +
      "]}}";
  EXPECT_EQ(
      run(body, {"/structuredContent/rows"}, {}),
      R"({"content":[{"type":"text","text":"[redacted]"}],"structuredContent":{"rows":["[redacted]"]}})");
}

TEST(Redaction, RefusesWhatItCannotDo) {
  for (const char* pointer : {"", "/", "a", "/a~2", "/a~", "#/a"}) {
    if (std::string(pointer) != "/") {  // the member with the empty name
      EXPECT_FALSE(Redaction::pointer(pointer)) << pointer;
    }
  }
  EXPECT_TRUE(Redaction::pointer("/a/*/b~0c"));
  for (const char* pattern : {"(", ".*", "x*", "redacted", "\\[", "^text$", "e", "(?=a)"}) {
    EXPECT_FALSE(Redaction::pattern(pattern)) << pattern;
  }
  EXPECT_TRUE(Redaction::pattern("[0-9]{16}"));
}

TEST(Redaction, ShowsWhatStandsBesideAnAnswerOnlyIfNothingMatches) {
  const auto pattern = Redaction::make({}, {"secret"});
  const auto pointer = Redaction::make({"/a"}, {});
  EXPECT_TRUE(may_be_shown(R"({"params":{"message":"half"}})", {pattern->get()}));
  EXPECT_FALSE(may_be_shown(R"({"params":{"message":"s\u0065cret"}})", {pattern->get()}));
  EXPECT_FALSE(may_be_shown(R"({"params":{"message":"half"}})", {pointer->get()}));
  EXPECT_TRUE(may_be_shown(R"({"a":1})", {}));
}

}  // namespace
}  // namespace pawl::rules
