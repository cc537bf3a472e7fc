// Digests that nobody guesses: what records and intents have in place of plain ones.
#include "gateway/salted_digests.h"

#include <gtest/gtest.h>

#include "foundation/crypto/salted_digest.h"
#include "foundation/records/names.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

constexpr const char* kParams = R"({"name":"deploy","arguments":{"env":"production"}})";
constexpr const char* kResult = R"({"content":[]})";
constexpr const char* kAllowAll = "rules: [{id: all, when: {agent: '**'}, then: allow, reason: t}]";

class Salts final : public DigestSalts {
 public:
  Result<std::string> key_for(WallTime) override {
    return key.empty() ? Result<std::string>(fail(Code::kIo, "the disk is broken")) : key;
  }
  Result<std::string> salt(const std::string& of_key, const Uuid& record,
                           std::string_view of) override {
    if (of_key == erased) {
      return fail(Code::kNotFound, "was erased");
    }
    return std::string(view(sha256(of_key + record.text() + std::string(of))));
  }
  std::string key = "key1", erased;
};

class Salted : public ::testing::Test {
 protected:
  Salted() { rig.recorder->salt_digests_with(&salts, true); }

  Action deploy() { return rig.action("tool.call", "deploy", kParams); }
  RecordRef call(Action action) {
    CallView& view = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return view.forwarded; }));
    view.events->event("one");
    view.events->answered({.success = true, .body = kResult, .repeatable = true});
    EXPECT_TRUE(rig.run_until([&] { return view.released; }));
    return *view.record;
  }
  std::string salted(const std::string& key, const Uuid& record, std::string_view of,
                     std::string_view bytes) {
    return digest_text(salted_digest(*salts.salt(key, record, of), sha256(bytes)));
  }
  std::string member(const RecordRef& record, std::string_view name) {
    return rig.text(record, {"ect_ext", names::kExtSalted, name});
  }
  Salts salts;
  GatewayRig rig{kAllowAll};
};

TEST_F(Salted, OfTheSameInputIsAnotherInEachRecordAndNoClaimOfTheDraft) {
  const RecordRef one = call(deploy()), two = call(deploy());
  for (const RecordRef& record : {one, two}) {
    EXPECT_EQ(member(record, "key"), "key1");
    EXPECT_EQ(member(record, "inp"), salted("key1", record.id, "inp", kParams));
    EXPECT_EQ(member(record, "out"), salted("key1", record.id, "out", kResult));
    EXPECT_EQ(member(record, "events"), salted("key1", record.id, "events", "one"));
    const json::Value payload = rig.payload(record);
    EXPECT_EQ(json::find(payload, {"inp_hash"}), nullptr);
    EXPECT_EQ(json::find(payload, {"out_hash"}), nullptr);
    EXPECT_EQ(json::print(*json::find(payload, {"ect_ext", "pawl.tool", "events"})),
              R"({"count":1})");
    for (const std::string_view said : {std::string_view(kParams), std::string_view(kResult)}) {
      EXPECT_EQ(json::print(payload).find(digest_text(sha256(said))), std::string::npos);
    }
  }
  EXPECT_NE(member(one, "inp"), member(two, "inp"));
}

TEST_F(Salted, OfAnIntentIsThatOfTheRecordThatARestartMakesOfIt) {
  Action action = deploy();
  action.id = rig.recorder->new_id();
  const Uuid id = action.id;
  CallView& view = rig.submit(std::move(action));
  ASSERT_TRUE(rig.run_until([&] { return view.forwarded; }));
  const std::vector<ledger::Intent> open = rig.ledger->open_intents();
  ASSERT_EQ(open.size(), 1u);
  const json::Value body = json::parse(open[0].body)->value;
  EXPECT_EQ(json::find(body, {"inp_hash"}), nullptr);
  EXPECT_EQ(json::find_string(body, {"salted", "key"}), "key1");
  EXPECT_EQ(json::find_string(body, {"salted", "inp"}), salted("key1", id, "inp", kParams));

  salts.key = "key2";  // and another month
  std::optional<std::uint64_t> index;
  rig.recorder->on_recorded(
      [&](std::uint64_t at, const RecordDraft&, std::string_view) { index = at; });
  record_unknowns(*rig.recorder, open, {}, [](const Result<std::size_t>&) {});
  ASSERT_TRUE(rig.run_until([&] { return index.has_value(); }));
  const RecordRef record{id, *index, ""};
  EXPECT_EQ(member(record, "key"), "key1");
  EXPECT_EQ(member(record, "inp"), salted("key1", id, "inp", kParams));
}

TEST_F(Salted, AnIntentOfBeforeTheyWereAskedForIsSaltedNow) {
  rig.recorder->salt_digests_with(&salts, false);
  Action action = deploy();
  action.id = rig.recorder->new_id();
  const Uuid id = action.id;
  CallView& view = rig.submit(std::move(action));
  ASSERT_TRUE(rig.run_until([&] { return view.forwarded; }));
  const std::vector<ledger::Intent> open = rig.ledger->open_intents();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_NE(open[0].body.find(digest_text(sha256(kParams))), std::string::npos);
  rig.recorder->salt_digests_with(&salts, true);
  bool done = false;
  record_unknowns(*rig.recorder, open, {}, [&](const Result<std::size_t>&) { done = true; });
  ASSERT_TRUE(rig.run_until([&] { return done; }));
  EXPECT_EQ(member({id, 0, ""}, "inp"), salted("key1", id, "inp", kParams));
  EXPECT_EQ(rig.text({id, 0, ""}, {"inp_hash"}), "");
}

TEST_F(Salted, WithoutAKeyNothingIsForwardedAndARunningCallHasNoDigest) {
  CallView& running = rig.submit(deploy());
  ASSERT_TRUE(rig.run_until([&] { return running.forwarded; }));
  salts.key.clear();
  for (const bool reads : {false, true}) {
    Action action = deploy();
    action.read_only = reads;
    CallView& refused = rig.submit(std::move(action));
    ASSERT_TRUE(rig.run_until([&] { return refused.ended(); }));
    EXPECT_FALSE(refused.forwarded);
    ASSERT_TRUE(refused.refused);
    EXPECT_EQ(refused.refused->code, Code::kEvidenceUnavailable);
    EXPECT_NE(refused.refused->reason.find("cannot be salted: the disk is broken"),
              std::string::npos)
        << refused.refused->reason;
  }
  running.events->answered({true, kResult});
  ASSERT_TRUE(rig.run_until([&] { return running.released; }));
  const json::Value payload = rig.payload(*running.record);
  EXPECT_EQ(json::print(*json::find(payload, {"ect_ext", "pawl.salted"})), "{}");
  EXPECT_EQ(json::print(payload).find(digest_text(sha256(kParams))), std::string::npos);
}

TEST_F(Salted, ARefusedCallAndASummaryHaveThemToo) {
  rig.set_rules("rules: []");
  CallView& denied = rig.submit(deploy());
  ASSERT_TRUE(rig.run_until([&] { return denied.ended(); }));
  EXPECT_EQ(member(*denied.record, "inp"), salted("key1", denied.record->id, "inp", kParams));

  RecordDraft draft;
  draft.id = rig.recorder->new_id();
  draft.kind = "notice.summary";
  draft.root = sha256("all of it");
  std::optional<RecordRef> record;
  rig.recorder->record(std::move(draft), [&](const Result<RecordRef>& made) { record = *made; });
  ASSERT_TRUE(rig.run_until([&] { return record.has_value(); }));
  EXPECT_EQ(member(*record, "root"), salted("key1", record->id, "root", "all of it"));
  EXPECT_EQ(json::find(rig.payload(*record), {"ect_ext", "pawl.notice", "root"}), nullptr);
}

TEST_F(Salted, TheDigestOfABodyThatDoesNotFitStandsBesideIt) {
  RecordDraft draft;
  draft.id = rig.recorder->new_id();
  draft.kind = "task.denied";
  draft.body.text("agent", "triage");
  draft.body.text("detail", std::string(5000, 'x'));
  json::ObjectText same = draft.body;
  const std::string whole = same.take();
  std::optional<RecordRef> record;
  rig.recorder->record(std::move(draft), [&](const Result<RecordRef>& made) { record = *made; });
  ASSERT_TRUE(rig.run_until([&] { return record.has_value(); }));
  EXPECT_EQ(json::print(*json::find(rig.payload(*record), {"ect_ext", "pawl.task"})),
            R"({"agent":"triage"})");
  EXPECT_EQ(member(*record, "body"), salted("key1", record->id, "body", whole));
}

TEST_F(Salted, RecordsOfOurOwnStateHaveNone) {
  RecordDraft draft;
  draft.id = rig.recorder->new_id();
  draft.kind = "node.started";
  std::optional<RecordRef> record;
  rig.recorder->record(std::move(draft), [&](const Result<RecordRef>& made) { record = *made; });
  ASSERT_TRUE(rig.run_until([&] { return record.has_value(); }));
  EXPECT_EQ(json::find(rig.payload(*record), {"ect_ext", "pawl.salted"}), nullptr);
}

// After a restart only the record is there: its digest is compared with its salt.
TEST_F(Salted, ARepeatIsKnownByItsRecordAndRefusedOnceTheSaltIsErased) {
  const RecordRef one = call(deploy());
  const std::string digest = member(one, "inp");
  rig.gateway.reset();
  rig.ledger.reset();
  rig.open();
  rig.recorder->salt_digests_with(&salts, true);
  rig.lookup = [&](const std::string&, const Uuid& id) {
    auto kept = std::make_unique<KeptAnswer>();
    kept->record = id;
    kept->outcome = Outcome::kConfirmed;
    kept->verb = "tool.call";
    kept->server = "files";
    kept->tool = "deploy";
    kept->protocol = "mcp/2025-11-25";
    kept->salted_input = {"key1", digest};
    return kept;
  };
  const auto repeat = [&](const char* params) {
    Action action = rig.action("tool.call", "deploy", params);
    action.repeat_of = one.id;
    CallView& view = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return view.ended(); }));
    EXPECT_FALSE(view.forwarded);
    return view.refused->code;
  };
  EXPECT_EQ(repeat(kParams), Code::kConflict) << "it was made, and the answer is not kept";
  EXPECT_EQ(repeat(R"({"name":"deploy","arguments":{"env":"test"}})"), Code::kNotFound);
  rig.recorder->salt_digests_with(&salts, false);
  EXPECT_EQ(repeat(kParams), Code::kConflict) << "also where new ones are plain";
  salts.erased = "key1";
  EXPECT_EQ(repeat(kParams), Code::kNotFound);
}

}  // namespace
}  // namespace pawl
