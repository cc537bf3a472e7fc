// What each webhook gets, when it fails, and after a restart.
#include "app/daemon/notifier.h"

#include <deque>
#include <set>

#include "tests/operators/approval/held_call.h"
#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl {
namespace {

using approval::ApprovalState;
using approval::id_of;
using approval::kNow;

constexpr std::int64_t kSecond = 1'000'000;  // us

class NotifierTest : public testing::Test {
 protected:
  struct Sent {
    http::ClientRequest request;
    std::function<void(Result<http::Response>)> done;
    std::string id() const { return std::string(request.headers.get("webhook-id").value_or("")); }
    void answer(int status) const {
      http::Response out;
      out.status = status;
      done(std::move(out));
    }
  };

  NotifierTest() { clock.set_wall(WallTime{kNow * kSecond}); }

  // As after a start: nothing is known but the state.
  std::unique_ptr<Notifier> start(std::size_t webhooks = 1) {
    std::vector<notify::Webhook> list;
    for (std::size_t i = 0; i < webhooks; ++i) {
      list.push_back({"https://hook" + std::to_string(i) + ".example/x", std::string(24, 'k')});
    }
    return std::make_unique<Notifier>(
        Notifier::Parts{clock,
                        random,
                        metrics,
                        state,
                        [this] { return clock.wall(); },
                        {std::string(approval::kSelf), "", true},
                        [this](http::ClientRequest request, auto done) {
                          sent.push_back({std::move(request), std::move(done)});
                        }},
        std::move(list));
  }

  void ask(std::uint8_t number) {
    approval::Binding call = approval::call_of("{\"n\":" + std::to_string(number) + "}");
    ASSERT_EQ(run(state, approval::request_of(number, {{"approver"}, 1, 1, 900, {}}, call), now()),
              std::nullopt);
  }
  std::int64_t now() const { return clock.wall().seconds(); }

  ApprovalState state;
  SteppedClock clock;
  SeededRandom random{3};
  Metrics metrics;
  std::deque<Sent> sent;
};

TEST_F(NotifierTest, SendsOnceWhatIsTaken) {
  const auto notifier = start(2);
  ask(1);
  notifier->look();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].id(), "approval-" + id_of(1).text());
  EXPECT_EQ(sent[0].id(), sent[1].id());
  EXPECT_NE(sent[0].request.url, sent[1].request.url);
  sent[0].answer(204);
  sent[1].answer(200);
  for (int i = 0; i < 100; ++i) {
    clock.step(std::chrono::seconds(1));
    notifier->look();
  }
  EXPECT_EQ(sent.size(), 2u);
  EXPECT_EQ(notifier->owed(), 0u);
}

TEST_F(NotifierTest, TriesAgainWithTheSameIdAndBodyUntilItIsTaken) {
  const auto notifier = start();
  ask(1);
  notifier->look();
  std::vector<std::int64_t> waits;
  for (const int status : {500, 302, 404, 503, 429, 500, 500, 500}) {
    const std::size_t before = sent.size();
    sent.back().answer(status);
    std::int64_t waited = 0;
    for (; sent.size() == before && waited < 100; ++waited) {
      clock.step(std::chrono::seconds(1));
      notifier->look();
    }
    waits.push_back(waited);
  }
  for (const Sent& one : sent) {
    EXPECT_EQ(one.id(), sent.front().id());
    EXPECT_EQ(one.request.body, sent.front().request.body);
  }
  EXPECT_NE(sent.back().request.headers.get("webhook-timestamp"),
            sent.front().request.headers.get("webhook-timestamp"));
  EXPECT_LE(waits.front(), 2);
  EXPECT_GE(waits.back(), 30);
  EXPECT_LE(waits.back(), 61);
  sent.back().answer(200);
  EXPECT_EQ(notifier->owed(), 0u);
}

TEST_F(NotifierTest, OwesNothingOnceItIsDecided) {
  const auto notifier = start();
  ask(1);
  notifier->look();
  sent.back().answer(500);
  ASSERT_EQ(run(state, approval::decision_of(approval::first(state), "ada"), now()), std::nullopt);
  for (int i = 0; i < 10; ++i) {
    clock.step(std::chrono::seconds(1));
    notifier->look();
  }
  EXPECT_EQ(sent.size(), 1u);
  EXPECT_NE(metrics.text().find("pawl_notices_total{result=\"dropped\"} 1"), std::string::npos);
}

TEST_F(NotifierTest, ARestartOwesWhatIsStillPending) {
  ask(1);
  start()->look();
  ASSERT_EQ(sent.size(), 1u);
  const auto again = start();  // the first one died before its answer
  again->look();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].id(), sent[1].id());
  sent[0].answer(200);  // to nobody
  EXPECT_EQ(again->owed(), 1u);
  sent[1].answer(200);
  EXPECT_EQ(again->owed(), 0u);
}

TEST_F(NotifierTest, IsBoundedAndOneThatFailsHoldsUpNoOther) {
  const auto notifier = start();
  for (std::uint8_t i = 1; i <= 12; ++i) {
    ask(i);
  }
  notifier->look();
  EXPECT_EQ(sent.size(), Notifier::kMostAtOnce);
  const std::string bad = sent.front().id();
  std::set<std::string> taken;
  for (int i = 0; i < 200 && taken.size() < 11; ++i) {
    while (!sent.empty()) {
      const Sent one = sent.front();
      sent.pop_front();
      one.id() == bad ? one.answer(400) : one.answer(200);
      if (one.id() != bad) {
        taken.insert(one.id());
      }
      EXPECT_LE(sent.size(), Notifier::kMostAtOnce);
    }
    clock.step(std::chrono::seconds(1));
    notifier->look();
  }
  EXPECT_EQ(taken.size(), 11u);
  EXPECT_EQ(notifier->owed(), 1u);
}

TEST_F(NotifierTest, ADeadWebhookIsTriedWithOneNoticeAtATime) {
  const auto notifier = start();
  for (std::uint8_t i = 1; i <= 12; ++i) {
    ask(i);
  }
  notifier->look();
  std::size_t attempts = 0;
  for (int i = 0; i < 600; ++i) {
    while (!sent.empty()) {
      const Sent one = std::move(sent.front());
      sent.pop_front();
      ++attempts;
      one.done(fail(Code::kUpstreamUnavailable, "refused"));
    }
    clock.step(std::chrono::seconds(1));
    notifier->look();
  }
  EXPECT_LT(attempts, 40u);
  const json::Value status = notifier->status().front();
  EXPECT_EQ(json::find_string(status, {"error"}), "refused");
  EXPECT_EQ(json::find_string(status, {"webhook"}), "https://hook0.example");
}

TEST_F(NotifierTest, ATestSaysWhatCameBackFromEach) {
  const auto notifier = start(2);
  std::optional<json::Array> results;
  notifier->test([&](json::Array all) { results = std::move(all); });
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_TRUE(sent[0].id().starts_with("test-"));
  sent[1].answer(500);
  EXPECT_FALSE(results.has_value());
  sent[0].answer(200);
  ASSERT_TRUE(results.has_value());
  EXPECT_EQ(json::print(json::Value(*results)),
            R"([{"webhook":"https://hook0.example","delivered":true,"status":200},)"
            R"({"webhook":"https://hook1.example","delivered":false,"status":500,)"
            R"("error":"answers 500"}])");
  EXPECT_EQ(notifier->owed(), 0u);
}

}  // namespace
}  // namespace pawl
