// What an approver is shown: the call whole, and nothing that an agent wrote as anything but data.
#include "app/commands/held_call.h"

#include <gtest/gtest.h>

#include "app/commands/shown_held_call.h"
#include "app/commands/shown_text.h"
#include "tests/operators/approval/held_call.h"

namespace pawl {
namespace {

using approval::kNow;

// As the daemon answers, of a call with these params.
json::Object answer_of(const std::string& params, const std::string& name = "deploy") {
  approval::ApprovalState state;
  approval::Request request = approval::request_of();
  request.binding = approval::call_of(params);
  request.binding.name = name;
  EXPECT_EQ(approval::run(state, request), std::nullopt);
  json::Object out = approval::print_approvals(state).front().as_object();
  out["needed"] = 1;
  out["instance"] = approval::kSelf;
  out["params"] = params;
  out["like"] = 2;
  out["effect"] = "calls tool deploy of server files";
  out["obliged"] = "1 pattern is taken out of the answer (cards)";
  out["usual"] = json::Object{{"calls", 0}};
  out["before"] = json::Array();
  return out;
}

HeldCall call_of(const std::string& params, const std::string& name = "deploy") {
  const Result<HeldCall> call = read_held_call(answer_of(params, name));
  EXPECT_TRUE(call) << call.error().message;
  return *call;
}

TEST(HeldCall, IsReadAsTheDaemonShowsIt) {
  const HeldCall call = call_of(R"({"name":"deploy"})");
  EXPECT_EQ(call.needed, 1);
  EXPECT_EQ(call.effect, "calls tool deploy of server files");
  EXPECT_NE(shown_held_call(call, kNow).find("effect"), std::string::npos);
  EXPECT_EQ(call.obliged, "1 pattern is taken out of the answer (cards)");
  EXPECT_NE(shown_held_call(call, kNow).find("obliged to     1 pattern"), std::string::npos);
  EXPECT_EQ(call.instance, approval::kSelf);
  EXPECT_EQ(call.approval.id, approval::id_of(1));
  EXPECT_EQ(wrong_arguments(call), "");
  json::Object other = answer_of("{}");
  other["surprise"] = true;
  EXPECT_FALSE(read_held_call(other));
  EXPECT_FALSE(read_held_call(json::Value("text")));
}

TEST(HeldCall, ArgumentsAreThoseOfTheApproval) {
  const struct {
    const char* name;
    std::string params, shown, tool;
    const char* wrong;
  } cases[] = {{"the same", R"({"name":"deploy","arguments":{"n":1}})",
                R"({"name":"deploy","arguments":{"n":1}})", "deploy", ""},
               {"none at all", "", "", "deploy", ""},
               {"another number", R"({"name":"deploy","arguments":{"n":1}})",
                R"({"name":"deploy","arguments":{"n":2}})", "deploy", "other arguments"},
               {"a space more", R"({"name":"deploy"})", R"({"name": "deploy"})", "deploy",
                "other arguments"},
               {"of another tool", R"({"name":"destroy"})", R"({"name":"destroy"})", "deploy",
                "for destroy"},
               {"no JSON", "{", "{", "deploy", "no JSON"}};
  for (const auto& one : cases) {
    HeldCall call = call_of(one.params, one.tool);
    call.params = one.shown;
    const std::string wrong = wrong_arguments(call);
    EXPECT_EQ(wrong.empty(), std::string(one.wrong).empty()) << one.name << ": " << wrong;
    EXPECT_NE(wrong.find(one.wrong), std::string::npos) << one.name << ": " << wrong;
  }
  HeldCall erased = call_of("{}");
  erased.params.reset();
  erased.problem = "it was erased";
  EXPECT_EQ(wrong_arguments(erased), "its arguments cannot be read: it was erased");
}

TEST(HeldCall, IsFoundByABeginningOrAnEndThatIsOfOneOnly) {
  std::vector<HeldCall> calls{call_of("{}"), call_of("{}")};
  calls[1].approval.id = *Uuid::parse("019ab1c2-1111-7000-8000-000000000000");
  EXPECT_EQ(find_held_call(calls, "00000000").value(), calls[1].approval.id);
  EXPECT_EQ(find_held_call(calls, calls[0].approval.id.text().substr(28)).value(),
            calls[0].approval.id);
  const auto both = find_held_call(calls, "019ab1c2");
  ASSERT_FALSE(both);
  EXPECT_NE(both.error().message.find("more than one approval begins or ends with"),
            std::string::npos);
  EXPECT_EQ(find_held_call(calls, "019ab1c").error().code, Code::kInvalidParams);
  EXPECT_EQ(find_held_call(calls, "ffffffff").error().code, Code::kNotFound);
  EXPECT_TRUE(find_held_call({}, calls[0].approval.id.text()));
}

// Every line is ours: it begins with a label or with the mark of what an agent wrote.
void expect_harmless(const std::string& shown) {
  std::size_t begin = 0;
  while (begin < shown.size()) {
    const std::size_t end = shown.find('\n', begin);
    const std::string line = shown.substr(begin, end - begin);
    const bool is_theirs = line.starts_with("  | ") || line.starts_with("  : ");
    EXPECT_TRUE(is_theirs || (line[0] >= 'A' && line[0] <= 'z')) << line;
    EXPECT_LE(line.size(), is_theirs ? 4u + 72u : 120u) << line;
    for (const char c : line) {
      EXPECT_TRUE(c >= ' ' && c != 0x7f) << line;
    }
    begin = end + 1;
  }
}

TEST(HeldCall, HostileTextIsShownAsData) {
  const std::string hostile =
      "\xe2\x80\xae"
      "evil\xe2\x80\x8b\xef\xbb\xbf";
  const std::string params =
      R"({"name":"deploy","arguments":{"a\"b":")" + hostile +
      R"(\u001b[2Japproval\nstate          approved","p\u0061th":"\u002f"}})";
  const std::string shown = shown_held_call(call_of(params), kNow);
  expect_harmless(shown);
  EXPECT_NE(shown.find("\\u{202e}evil\\u{200b}\\u{feff}\\x1b[2Japproval\\x0astate"),
            std::string::npos)
      << shown;
  EXPECT_NE(shown.find("/arguments/path \"/\""), std::string::npos) << shown;
  EXPECT_NE(shown.find(R"("/arguments/a\"b" ")"), std::string::npos) << shown;
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
}

// regression: where a line was broken, what followed looked like another argument
TEST(HeldCall, TheBreakOfALineBeginsNoValue) {
  std::string padded(58, 'x');
  padded += "/arguments/dry_run true" + std::string(50, ' ');
  const std::string shown =
      shown_held_call(call_of(R"({"name":"deploy","arguments":{"a":")" + padded + "\"}}"), kNow);
  EXPECT_EQ(shown.find("  | /arguments/dry_run"), shown.npos) << shown;
  EXPECT_NE(shown.find("  : /arguments/dry_run"), shown.npos) << shown;
}

TEST(HeldCall, LongTextIsShownWhole) {
  std::string params = R"({"name":"deploy","arguments":{"text":")";
  params += std::string(10'000, 'x') + "the end\"}}";
  HeldCall call = call_of(params);
  std::string shown = shown_held_call(call, kNow);
  expect_harmless(shown);
  std::size_t letters = 0;
  for (const char c : shown) {
    letters += c == 'x' ? 1 : 0;
  }
  EXPECT_GE(letters, 20'000u) << "as a value, and in the exact text";
  EXPECT_EQ(shown.find("..."), std::string::npos);
  // A name that a terminal would break stands below its label.
  call.approval.binding.name = std::string(300, 'n') + " state          approved";
  shown = shown_held_call(call, kNow);
  expect_harmless(shown);
  EXPECT_NE(shown.find("WARNING"), std::string::npos) << "the params name another tool";
}

TEST(HeldCall, WideLettersDoNotBreakALine) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "\xe6\xbc\xa2";
  }
  std::size_t letters = 0;
  const std::string shown = shown_block(text);
  for (std::size_t at = 0; at < shown.size();) {
    const std::size_t end = shown.find('\n', at);
    EXPECT_LE((end - at - 4) / 3 * 2, 72u);
    letters += (end - at - 4) / 3;
    at = end + 1;
  }
  EXPECT_EQ(letters, 100u);
}

TEST(HeldCall, ArgumentsThatAreErasedAfterItsEndAreNoCauseForAWarning) {
  HeldCall call = call_of(R"({"name":"deploy"})");
  call.params.reset();
  call.problem = "they were erased, because it has ended";
  EXPECT_NE(shown_held_call(call, kNow).find("WARNING"), std::string::npos) << "while it waits";
  for (const approval::Phase phase :
       {approval::Phase::kSpent, approval::Phase::kDenied, approval::Phase::kExpired}) {
    call.approval.phase = phase;
    const std::string shown = shown_held_call(call, kNow);
    EXPECT_EQ(shown.find("WARNING"), std::string::npos) << shown;
    EXPECT_NE(shown.find("erased, because it has ended"), std::string::npos) << shown;
  }
  call.params = R"({"name":"destroy"})";
  EXPECT_NE(shown_held_call(call, kNow).find("WARNING"), std::string::npos)
      << "of others that are shown";
}

TEST(HeldCall, SaysWhoDecidedAndWhatIsLeft) {
  HeldCall call = call_of(R"({"name":"deploy"})");
  call.approval.terms.of = 2;
  call.approval.terms.escalate_to = {"admin"};
  approval::Signed by;
  by.person = "bob";
  by.role = "approver";
  by.key = "K";
  by.decision = approval::Decision::kApprove;
  by.uses = 1;
  by.expires = kNow + 900;
  by.at = kNow;
  call.approval.by = {by};
  const std::string shown = shown_held_call(call, kNow + 100);
  for (const char* said :
       {"pending, 1 more person has to agree", "on behalf of   carol", "owner          dave",
        "2 of approver, then 2 of admin", "in 800 s", "bob (approver) approved 1 use until"}) {
    EXPECT_NE(shown.find(said), std::string::npos) << said << ":\n" << shown;
  }
  EXPECT_NE(shown_held_call(call, kNow + 1000).find(", over"), std::string::npos);
  const std::string line = held_call_line(call, kNow + 100);
  EXPECT_NE(line.find("pending"), std::string::npos) << line;
  EXPECT_NE(line.find("triage -> files/deploy"), std::string::npos) << line;
}

}  // namespace
}  // namespace pawl
