// Witnesses of our log: real witnesses (foundation/witness) behind a played network, a real ledger.
#include "app/daemon/witnessed_log.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "foundation/ledger/equivocation.h"
#include "foundation/ledger/verify.h"
#include "foundation/ledger/witness_check.h"
#include "foundation/witness/witness_desk.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl {
namespace {

using ledger::LedgerRig;
using Done = std::function<void(Result<http::Response>)>;

struct Played {
  FaultFiles files;
  std::optional<witness::WitnessDesk> desk;
  enum { kUp, kDown, kSlow } network = kUp;
  std::function<http::Response(const http::ClientRequest&)> lie;  // instead of the desk
  std::vector<std::pair<http::ClientRequest, Done>> waiting;
  int asked = 0;

  void open() {
    const auto log = *ledger::VerifierKey::parse(LedgerRig::vkey());
    desk.reset();
    desk = *witness::WitnessDesk::open(files, "w", {log});
  }
  http::Response answer(const http::ClientRequest& request, Clock& clock) {
    if (lie) {
      return lie(request);
    }
    const std::string path = request.url.substr(request.url.find('/', 8));
    if (path == "/add-checkpoint") {
      const witness::Decision decision =
          desk->add_checkpoint(request.body, clock.wall().seconds()).decision;
      return {decision.status, {{"Content-Type", decision.content_type}}, decision.body};
    }
    const Result<std::string> note = desk->checkpoint(path.substr(1, 64));
    return note ? http::Response{200, {}, *note} : http::Response{404, {}, "none\n"};
  }
};

struct WitnessedLogTest : testing::Test {
  WitnessedLogTest() {
    rig.settings.threads = false;
    rig.settings.publish_every = std::chrono::milliseconds(0);
    ledger = *rig.open(files);
    EXPECT_TRUE(files.make_directory("."));
    EXPECT_TRUE(files.make_directory("./ledger"));
    for (int i = 0; i < 3; ++i) {
      const std::string name = "w" + std::to_string(i);
      const std::string vkey = *witness::WitnessState::make(witnesses[i].files, "w", name);
      witnesses[i].open();
      policy += "witness " + name + " " + vkey + " http://" + name + ".example/\n";
    }
    policy += "group g 2 w0 w1 w2\nquorum g\n";
    files.put("policy", policy);
    config.witnesses = WitnessConfig{"policy", true, 60, 10};
  }
  void open() {
    log.reset();
    Result<std::unique_ptr<WitnessedLog>> opened = WitnessedLog::open(
        {files, rig.clock, config, DataFolder{"."},
         [this]() -> const ledger::Ledger& { return *ledger; },
         [this](http::ClientRequest request, Done done) { send(std::move(request), done); }});
    ASSERT_TRUE(opened) << opened.error().message;
    log = *std::move(opened);
  }
  void send(http::ClientRequest request, const Done& done) {
    Played& to = witnesses[static_cast<std::size_t>(request.url.at(8) - '0')];
    ++to.asked;
    EXPECT_EQ(request.timeouts.total, std::chrono::seconds(10));
    if (to.network == Played::kDown) {
      done(fail(Code::kUpstreamUnavailable, "refused"));
    } else if (to.network == Played::kSlow) {
      to.waiting.emplace_back(std::move(request), done);
    } else {
      done(to.answer(request, rig.clock));
    }
  }
  void answer_late(Played& from) {
    for (auto& [request, done] : std::exchange(from.waiting, {})) {
      done(from.answer(request, rig.clock));
    }
  }
  void grow(std::uint64_t count, const std::string& outcome = "confirmed") {
    for (; count > 0; --count) {
      const std::uint64_t next = ledger->size();
      ledger->append_entry({LedgerRig::token(next, outcome), ledger::test_id(next), false},
                           [](const Result<ledger::EntryRef>& ref) { ASSERT_TRUE(ref); });
      ledger->pump();
    }
  }
  void round() {
    rig.clock.step(std::chrono::seconds(60));
    log->tick();
  }
  std::string said(std::size_t witness, const char* member = "trouble") {
    const json::Value status = log->status();
    const auto& one = json::find(status, {"witnesses"})->get_array()[witness];
    return std::string(json::find_string(one, {member}).value_or(""));
  }
  const json::Value* conflict(const json::Value& status, std::size_t witness) {
    return json::find(json::find(status, {"witnesses"})->get_array()[witness], {"conflict"});
  }
  // What an auditor with the policy says of a receipt.
  ledger::Verdict audited(std::uint64_t index, const std::string& proof) {
    const ledger::Trust trust = LedgerRig::trust();
    const ledger::Report report = ledger::verify_receipt(*ledger->entry(index), proof, trust);
    EXPECT_EQ(report.verdict, ledger::Verdict::kGood) << report.reason;
    return ledger::check_witnesses(report, &trust, *ledger::WitnessPolicy::parse(policy)).verdict;
  }

  FaultFiles files;
  LedgerRig rig;
  std::unique_ptr<ledger::Ledger> ledger;
  std::array<Played, 3> witnesses;
  std::string policy;
  Config config = default_config(".");
  std::unique_ptr<WitnessedLog> log;
};

TEST_F(WitnessedLogTest, SpeaksOfTheNewestCheckpointThatMeetsThePolicy) {
  open();
  grow(3);
  for (const std::uint64_t index : {0, 2}) {
    const Result<std::string> early = log->receipt(index);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, Code::kEvidenceUnavailable);
  }
  EXPECT_EQ(log->checkpoint().error().code, Code::kEvidenceUnavailable);
  EXPECT_EQ(log->retry_after_s(), 60);
  log->tick();
  ASSERT_TRUE(log->receipt(2));
  EXPECT_EQ(audited(2, *log->receipt(2)), ledger::Verdict::kGood);
  EXPECT_TRUE(log->receipt(2)->ends_with(*log->checkpoint()));
  grow(2);
  EXPECT_EQ(log->receipt(4).error().code, Code::kEvidenceUnavailable) << "no witness saw it yet";
  EXPECT_EQ(audited(1, *log->receipt(1)), ledger::Verdict::kGood);
  EXPECT_EQ(log->receipt(5).error().code, Code::kNotFound) << "it is not in the log at all";
  round();
  EXPECT_EQ(audited(4, *log->receipt(4)), ledger::Verdict::kGood);
}

TEST_F(WitnessedLogTest, WhereItIsNotRequiredTheRestIsShownToo) {
  config.witnesses->is_required = false;
  open();
  grow(3);
  EXPECT_EQ(audited(2, *log->receipt(2)), ledger::Verdict::kUnknown);
  EXPECT_EQ(*log->checkpoint(), *ledger->resource("checkpoint"));
  log->tick();
  EXPECT_EQ(audited(2, *log->receipt(2)), ledger::Verdict::kGood);
  EXPECT_NE(log->checkpoint()->find("w1"), std::string::npos) << "the same head, with its lines";
  grow(1);
  EXPECT_EQ(audited(2, *log->receipt(2)), ledger::Verdict::kGood);
  EXPECT_EQ(audited(3, *log->receipt(3)), ledger::Verdict::kUnknown);
  EXPECT_EQ(*log->checkpoint(), *ledger->resource("checkpoint"));
}

TEST_F(WitnessedLogTest, ADeadAndASlowWitnessCostTheirOwnLineOnly) {
  witnesses[0].network = Played::kDown;
  open();
  grow(3);
  log->tick();
  EXPECT_TRUE(log->receipt(2));
  EXPECT_EQ(said(0), "refused");
  witnesses[1].network = Played::kSlow;
  grow(1);
  round();
  EXPECT_FALSE(log->receipt(3)) << "one of two";
  round();
  EXPECT_EQ(witnesses[1].waiting.size(), 1u) << "it is not asked again while it is being asked";
  answer_late(witnesses[1]);
  EXPECT_TRUE(log->receipt(3)) << "its answer is taken when it comes";
  witnesses[0].network = Played::kUp;
  round();
  EXPECT_EQ(said(0), "");
}

TEST_F(WitnessedLogTest, WhoCosignedTheNewestIsNotAskedAgain) {
  open();
  grow(3);
  log->tick();
  EXPECT_EQ(witnesses[0].asked, 1);
  round();
  EXPECT_EQ(witnesses[0].asked, 1);
  grow(1);
  log->tick();
  EXPECT_EQ(witnesses[0].asked, 1) << "a round is a minute";
  round();
  EXPECT_EQ(witnesses[0].asked, 2);
}

TEST_F(WitnessedLogTest, AfterARestartItLearnsWhatEachKnowsAndKeepsWhatItHas) {
  open();
  grow(3);
  log->tick();
  grow(2);
  open();
  EXPECT_TRUE(log->receipt(2)) << "kept";
  EXPECT_FALSE(log->receipt(4));
  log->tick();
  EXPECT_TRUE(log->receipt(4)) << "409 says 3, and the proof begins there";
  EXPECT_EQ(witnesses[0].asked, 3);
}

http::Response with(int status, const std::string& body) {
  return {status, {}, body};
}

TEST_F(WitnessedLogTest, ALyingWitnessIsFoundOut) {
  const struct {
    const char* name;
    std::function<http::Response(const http::ClientRequest&)> lie;
    const char* trouble;
    bool is_conflict;
  } cases[] = {
      {"words", [](const auto&) { return with(200, "cosigned\n"); }, "no cosignature", false},
      {"nothing", [](const auto&) { return with(200, ""); }, "no cosignature", false},
      {"it does not know us", [](const auto&) { return with(404, "who?\n"); }, "404: who?", false},
      {"an old size that is none", [](const auto&) { return with(409, "many\n"); }, "409", false},
      {"a longer log", [](const auto&) { return with(409, "99\n"); }, "99 entries", true},
      {"no proof is good", [](const auto&) { return with(422, "no\n"); }, "another history", true},
      {"always the same size", [](const auto&) { return with(409, "0\n"); }, "another history",
       true},
  };
  for (const auto& one : cases) {
    open();
    grow(1);
    witnesses[2].lie = one.lie;
    log->tick();
    EXPECT_NE(said(2).find(one.trouble), std::string::npos) << one.name << ": " << said(2);
    const json::Value status = log->status();
    EXPECT_EQ(conflict(status, 2) != nullptr, one.is_conflict) << one.name;
    if (one.is_conflict && conflict(status, 2) != nullptr) {
      EXPECT_FALSE(json::find(*conflict(status, 2), {"proven"})->get_bool()) << one.name;
    }
    EXPECT_TRUE(log->receipt(ledger->size() - 1)) << one.name << ": two of three";
    witnesses[2].lie = nullptr;
    round();
    EXPECT_EQ(said(2), "") << one.name;
    EXPECT_EQ(conflict(log->status(), 2), nullptr) << one.name << ": it cosigned, and was wrong";
  }
}

TEST_F(WitnessedLogTest, TheLineOfAnotherCheckpointIsNoCosignature) {
  open();
  grow(2);
  std::string before;
  witnesses[2].lie = [&](const http::ClientRequest& request) {
    return with(200, std::exchange(
                         before, witnesses[2].desk->add_checkpoint(request.body, 1).decision.body));
  };
  log->tick();
  grow(1);
  round();
  EXPECT_NE(said(2).find("does not verify"), std::string::npos) << said(2);
}

// The same key went on elsewhere, or here before a backup was put back.
TEST_F(WitnessedLogTest, AWitnessThatKnowsMoreOrAnotherHistoryProvesIt) {
  for (const bool is_longer : {true, false}) {
    open();
    grow(2);
    {
      FaultFiles elsewhere;
      LedgerRig other;
      other.settings = rig.settings;
      auto twin = *other.open(elsewhere);
      log.reset();
      std::swap(twin, ledger);
      (void)files.remove("./ledger/cosigned");  // it is of the log here
      grow(is_longer ? 40 : 1, "failed");
      open();
      witnesses[0].network = witnesses[1].network = Played::kDown;
      log->tick();
      log.reset();
      std::swap(twin, ledger);
    }
    witnesses[0].network = witnesses[1].network = Played::kUp;
    open();
    log->tick();
    const json::Value status = log->status();
    ASSERT_NE(conflict(status, 2), nullptr) << is_longer << ": " << said(2);
    EXPECT_TRUE(json::find(*conflict(status, 2), {"proven"})->get_bool()) << is_longer;
    const std::string evidence(*json::find_string(*conflict(status, 2), {"evidence"}));
    const auto head =
        ledger::open_checkpoint(evidence, *ledger::VerifierKey::parse(LedgerRig::vkey()));
    ASSERT_TRUE(head) << "it is signed by the log";
    EXPECT_TRUE(head->size > ledger->size() || head->root != *ledger->root_at(head->size));
    // A longer log may be the same one; another history is proven to anybody.
    const json::Array kept = log->equivocations();
    EXPECT_EQ(kept.size(), is_longer ? 0u : 1u);
    for (const json::Value& path : kept) {
      EXPECT_EQ(json::find_string(*conflict(status, 2), {"file"}),
                std::string_view(path.get_string()));
      const auto read = ledger::parse_equivocation(*files.contents(path.get_string().c_str()));
      EXPECT_TRUE(
          ledger::check_equivocation(*read, *ledger::VerifierKey::parse(LedgerRig::vkey())));
    }
    EXPECT_TRUE(log->receipt(0)) << "two of three";
    round();
    EXPECT_NE(conflict(log->status(), 2), nullptr) << "what is proven stays";
    witnesses[2].files.put("w/heads.json", R"({"format":"pawl.witness/1","heads":[]})");
    witnesses[2].open();
  }
}

TEST_F(WitnessedLogTest, APolicyThatCannotBeAskedIsRefusedAtTheStart) {
  const std::string key = policy.substr(11, policy.find(" http") - 11);  // of w0
  const std::string other_log =
      ledger::NoteSigner::make("example.org/other", *SigningKey::generate(KeyKind::kEd25519))
          ->vkey();
  const struct {
    const char* name;
    std::string text;
    const char* expect;
  } cases[] = {
      {"no policy", "nonsense\n", "line 1"},
      {"no URL", "witness w " + key + "\nquorum w\n", "no URL"},
      {"no good URL", "witness w " + key + " ftp://w\nquorum w\n", "http://"},
      {"nothing is required", "witness w " + key + " http://w\nquorum none\n", "none"},
      {"another log", "log " + other_log + "\nwitness w " + key + " http://w\nquorum w\n",
       "not this one"},
  };
  for (const auto& one : cases) {
    files.put("policy", one.text);
    const auto opened =
        WitnessedLog::open({files, rig.clock, config, DataFolder{"."},
                            [this]() -> const ledger::Ledger& { return *ledger; }, nullptr});
    ASSERT_FALSE(opened) << one.name;
    EXPECT_NE(opened.error().message.find(one.expect), std::string::npos)
        << one.name << ": " << opened.error().message;
    EXPECT_NE(opened.error().message.find("witnesses."), std::string::npos) << one.name;
  }
}

TEST_F(WitnessedLogTest, WithoutWitnessesTheLogSpeaksForItself) {
  config.witnesses.reset();
  open();
  grow(2);
  log->tick();
  EXPECT_TRUE(log->status().is_null());
  EXPECT_EQ(audited(1, *log->receipt(1)), ledger::Verdict::kUnknown);
  EXPECT_EQ(*log->checkpoint(), *ledger->resource("checkpoint"));
}

}  // namespace
}  // namespace pawl
