#include "app/commands/status_troubles.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "base/files.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

// An id of 2026-03-07T09:00:00Z; `now_us` of the cases is an hour later.
constexpr const char* kId = "019cc786-6680-7000-8000-000000000001";

struct Case {
  const char* id;      // the trouble that is expected, alone
  const char* status;  // JSON
};

const Case kCases[] = {
    {"down", R"({"down":"no daemon runs on x"})"},
    {"not_permitted", R"({"down":"not permitted: x/run/addresses.json: cannot open"})"},
    {"ledger_closed", R"({"ledger":{"writable":false}})"},
    {"ledger_closed", R"({"ledger":{"writable":true,"closed_because":"sync failed"}})"},
    {"disk_full", R"({"disk":{"free_bytes":10,"reserve_bytes":11}})"},
    {"disk_nearly_full", R"({"disk":{"free_bytes":30,"reserve_bytes":10}})"},
    {"stopped", R"({"stops":[{"scope":"agent:a","by":"ann","reason":"r"}]})"},
    {"unknown_outcomes", R"({"now_us":1772877600000000,"unknown_outcomes":{"newest":["@ID@"]}})"},
    {"approvals_waiting", R"({"approvals":{"pending":2,"first_expires":1772877600}})"},
    {"upstream_down",
     R"({"upstreams":[{"server":"s","state":"down","since":"t","last_error":"gone"}]})"},
    {"upstream_restarts",
     R"({"upstreams":[{"server":"s","state":"up","closed":2,"not_started":1,"last_error":"e"}]})"},
    {"agent_shed", R"({"noisy_agents":[{"agent":"a","shed":1,"flooded":0}]})"},
    {"agent_flooding", R"({"noisy_agents":[{"agent":"a","shed":0,"flooded":5}]})"},
    {"clock_stepped", R"({"clock_steps":1})"},
    {"rules_not_reloaded", R"({"rules":{"reload_error":"rules.yaml:1:1: no"}})"},
    {"rules_not_signed", R"({"rules":{"signatures":"required","signed":false}})"},
    {"recovered", R"({"ledger":{"recovered_unknowns":2}})"},
    {"telemetry_failing",
     R"({"telemetry":{"state":"failing","last_error":"HTTP 500","dropped":3}})"},
    {"nobody_is_told", R"({"notices":{"nobody_told":"no channel"}})"},
    {"notices_failing",
     R"({"notices":{"webhooks":[{"webhook":"https://x","owed":1,"failures_in_turn":2,"error":"HTTP 500"}]}})"},
    {"scrub_bad", R"({"scrub":{"result":"bad"}})"},
    {"scrub_old", R"({"scrub":{"result":"good","age_s":604801}})"},
    {"bugs", R"({"bugs":1})"},
    {"equivocation", R"({"equivocations":["d/evidence/0123456789abcdef-7.equivocation"]})"},
    {"key_compromised",
     R"({"compromised_keys":[{"kid":"K","state":"compromised","compromised_since":1772877600}]})"},
    {"trust_bundle_not_taken",
     R"({"trust_bundles_not_taken":[{"domain":"p.example","reason":"r","since":"t"}]})"},
    {"vault_unusable",
     R"({"vault":{"objects":2,"unusable":[{"object":"secret/a","reason":"its key is lost"}]}})"},
    {"vault_came_back",
     R"({"vault":{"came_back":[{"object":"secret/a","key":"K","record":"R"}]}})"},
    {"witness_conflict",
     R"({"witnesses":{"every_s":60,"uncovered":0,"age_s":1,"witnesses":[
         {"witness":"w","trouble":"t","conflict":{"what":"it knows more","evidence":""}}]}})"},
    {"witnesses_missing",
     R"({"witnesses":{"every_s":60,"uncovered":1,"witnesses":[{"witness":"w","trouble":"t"}]}})"},
    {"witnesses_missing",
     R"({"witnesses":{"every_s":60,"uncovered":1,"age_s":181,"witnesses":[
         {"witness":"w","trouble":"t"},{"witness":"v"}]}})"},
    {"journal_damaged",
     R"({"stops":[{"scope":"all","by":"pawl","reason":"the override journal is damaged at slot 3"}]})"},
};

json::Value status_of(std::string text) {
  const std::size_t at = text.find("@ID@");
  if (at != std::string::npos) {
    text.replace(at, 4, kId);
  }
  return json::parse(text)->value;
}

TEST(StatusTroubles, EachAloneWithWhatToDo) {
  for (const Case& each : kCases) {
    const std::vector<Trouble> troubles = troubles_of(status_of(each.status));
    ASSERT_EQ(troubles.size(), 1u) << each.status;
    EXPECT_EQ(troubles[0].id, each.id) << each.status;
    EXPECT_FALSE(troubles[0].what.empty());
    EXPECT_FALSE(troubles[0].todo.empty());
  }
}

TEST(StatusTroubles, NoneWhenAllIsWellOrNothingIsKnown) {
  for (const char* status :
       {"{}", R"({"ledger":{"writable":true,"closed_because":"","recovered_unknowns":0},
                  "disk":{"free_bytes":1000,"reserve_bytes":10},"stops":[],
                  "upstreams":[{"server":"s","state":"up","closed":1,"not_started":0},
                               {"server":"t","state":"unused","closed":0,"not_started":0}],
                  "noisy_agents":[],"clock_steps":0,"bugs":0,
                  "rules":{"reload_error":""},"telemetry":{"state":"good"},
                  "scrub":{"result":"good","age_s":60}})",
        R"({"disk":{"free_bytes":5,"reserve_bytes":0}})"}) {
    EXPECT_TRUE(troubles_of(json::parse(status)->value).empty()) << status;
  }
}

TEST(StatusTroubles, AnOldUnknownOutcomeIsNoTroubleAnyMore) {
  json::Value status = status_of(kCases[7].status);
  status.as_object()["now_us"] = 1'772'877'600'000'000 + 25LL * 3600 * 1'000'000;
  EXPECT_TRUE(troubles_of(status).empty());
}

// A start, or a new log, is given the rounds that a checkpoint needs.
TEST(StatusTroubles, WitnessesHaveThreeRoundsBeforeTheyAreMissing) {
  for (const auto& [asking_s, is_trouble] : {std::pair{180, false}, std::pair{181, true}}) {
    const auto troubles = troubles_of(
        status_of(R"({"witnesses":{"every_s":60,"uncovered":1,"age_s":9000,"asking_s":)" +
                  std::to_string(asking_s) + R"(,"witnesses":[{"witness":"w","trouble":"t"}]}})"));
    EXPECT_EQ(!troubles.empty(), is_trouble) << asking_s;
  }
}

// It goes on by itself when the key is back: nobody is sent to the disk, or told to restart.
TEST(StatusTroubles, AKeyThatDoesNotSignSendsToWhoHasIt) {
  const auto troubles = troubles_of(status_of(
      R"({"ledger":{"writable":false,"closed_because":"the key of the log does not sign: x"}})"));
  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_NE(troubles[0].todo.find("look at the signer"), std::string::npos) << troubles[0].todo;
  EXPECT_EQ(troubles[0].todo.find("restart"), std::string::npos);
  EXPECT_EQ(troubles[0].todo.find("disk"), std::string::npos);
}

TEST(StatusTroubles, ATrustBundleThatIsNotTakenSaysWhetherOneStillCounts) {
  for (const auto& [until, said] :
       {std::pair{"", "p.example was taken since t: r; none counts, so nobody of that domain"},
        std::pair{R"(,"counts_until":"u")",
                  "p.example was taken since t: r; the one in use counts until u"}}) {
    const auto troubles = troubles_of(
        status_of(R"({"trust_bundles_not_taken":[{"domain":"p.example","reason":"r","since":"t")" +
                  std::string(until) + "}]}"));
    ASSERT_EQ(troubles.size(), 1u);
    EXPECT_NE(troubles[0].what.find(said), std::string::npos) << troubles[0].what;
    EXPECT_NE(troubles[0].todo.find("`trust_domains.p.example`"), std::string::npos);
  }
}

TEST(StatusTroubles, WordsOfOthersAreShownAsData) {
  const auto troubles = troubles_of(
      status_of(R"({"stops":[{"scope":"agent:a","by":"b","reason":"x\u001b[2J\ny"}]})"));
  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].what.find('\x1b'), std::string::npos);
  EXPECT_EQ(troubles[0].what.find('\n'), std::string::npos);
}

TEST(StatusTroubles, ThePageListsExactlyTheseIds) {
  const std::string page = *read_file(system_files(), source_dir() + "/docs/operations/status.md");
  const std::size_t begin = page.find("## Every trouble");
  const std::string text = page.substr(begin, page.find("\n## ", begin + 3) - begin);
  std::set<std::string> on_page, in_code;
  const std::regex row("\n\\| `([a-z_]+)` \\|");
  for (auto hit = std::sregex_iterator(text.begin(), text.end(), row);
       hit != std::sregex_iterator(); ++hit) {
    on_page.insert((*hit)[1]);
  }
  on_page.erase("id");
  for (const Case& each : kCases) {
    in_code.insert(each.id);
  }
  EXPECT_EQ(on_page, in_code);
  const std::string source =
      *read_file(system_files(), source_dir() + "/src/app/commands/status_troubles.cc");
  std::set<std::string> made;
  const std::regex push("push_back\\(\\s*\\{\"([a-z_]+)\"");
  for (auto hit = std::sregex_iterator(source.begin(), source.end(), push);
       hit != std::sregex_iterator(); ++hit) {
    made.insert((*hit)[1]);
  }
  EXPECT_EQ(made, in_code) << "each trouble has its case";
}

}  // namespace
}  // namespace pawl
