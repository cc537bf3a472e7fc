// Readers of events: in order, resumed, bounded; who sees what.
#include "app/api/event_hub.h"

#include <gtest/gtest.h>

#include "app/api/events_api.h"
#include "infrastructure/http/sse.h"
#include "tests/support/stepped_clock.h"

namespace pawl {
namespace {

class FakeWriter final : public http::ResponseWriter {
 public:
  void send(http::Response) override { open = false; }
  void send_gated(http::Response, std::shared_ptr<WriteGate>) override { open = false; }
  void start_stream(int status, http::Headers) override { started = status; }
  void write(std::string bytes, std::shared_ptr<WriteGate>) override {
    (reads ? read : queued) += bytes;
  }
  void finish() override { open = false; }
  void abort() override { open = false; }
  bool charge(const std::string&) override { return true; }
  bool is_open() const override { return open; }
  std::size_t queued_bytes() const override { return queued.size(); }
  void on_drained(std::function<void()>) override {}
  void on_disconnect(std::function<void()>) override {}

  std::vector<http::sse::Event> events() const {
    std::vector<http::sse::Event> out;
    http::sse::Decoder decoder(1 << 24);
    const Status fed =
        decoder.feed(read, [&](http::sse::Event event) { out.push_back(std::move(event)); });
    EXPECT_TRUE(fed.has_value());
    return out;
  }
  std::vector<std::string> data() const {
    std::vector<std::string> out;
    for (const http::sse::Event& event : events()) {
      if (!event.event.empty()) {
        out.push_back(event.event == "reload" ? "reload" : event.data);
      }
    }
    return out;
  }
  std::string last_id() const { return events().back().id.value_or(""); }

  bool open = true, reads = true;
  int started = 0;
  std::string read, queued;
};

class EventHubTest : public testing::Test {
 protected:
  std::shared_ptr<FakeWriter> join(std::string_view last = "", bool reads = true) {
    auto writer = std::make_shared<FakeWriter>();
    writer->reads = reads;
    const Status added = hub.add(
        {writer, [](const EventSubject&) { return true; }, [this] { return may_stay; }}, last);
    EXPECT_TRUE(added.has_value());
    return writer;
  }
  void publish(int number, const EventSubject& subject = {}) {
    hub.publish("record", subject, {{"n", number}});
  }

  SteppedClock clock;
  bool may_stay = true;
  EventHub hub{clock};
};

using Data = std::vector<std::string>;

TEST_F(EventHubTest, ReadersGetEventsInOrderWithRisingIds) {
  const auto one = join();
  publish(1);
  const auto two = join();
  publish(2);
  EXPECT_EQ(one->data(), (Data{R"({"n":1})", R"({"n":2})"}));
  EXPECT_EQ(two->data(), (Data{R"({"n":2})"}));
  std::uint64_t before = 0;
  for (const http::sse::Event& event : one->events()) {
    const std::uint64_t id = std::stoull(event.id.value_or("0"));
    EXPECT_GT(id, before);
    before = id;
  }
}

TEST_F(EventHubTest, WhoComesBackGetsWhatItMissed) {
  const auto one = join();
  publish(1);
  one->open = false;
  hub.tick();
  publish(2);
  publish(3);
  EXPECT_EQ(join(one->last_id())->data(), (Data{R"({"n":2})", R"({"n":3})"}));
  // Also who had no event yet.
  const auto idle = join();
  const std::string stands_at = idle->last_id();
  publish(4);
  EXPECT_EQ(join(stands_at)->data(), (Data{R"({"n":4})"}));
}

TEST_F(EventHubTest, WhatIsNotKnownAnyMoreIsReload) {
  const auto one = join();
  publish(1);
  const std::string last = one->last_id();
  for (std::size_t i = 0; i <= EventHub::kMostKept; ++i) {
    publish(2);
  }
  for (const std::string& id : {last, std::string("17"), std::string("x"),
                                std::string("99999999999999999999"), std::string("-1")}) {
    const auto back = join(id);
    EXPECT_EQ(back->data(), Data{"reload"}) << id;
    publish(3);
    EXPECT_EQ(back->data(), (Data{"reload", R"({"n":3})"})) << id;
  }
}

TEST_F(EventHubTest, WithoutReadersNothingIsKept) {
  const std::string last = [&] {
    const auto one = join();
    publish(1);
    one->open = false;
    return one->last_id();
  }();
  for (int i = 0; i < 62; ++i) {
    clock.step(std::chrono::seconds(1));
    hub.tick();
  }
  EXPECT_FALSE(hub.is_heard());
  EXPECT_EQ(join(last)->data(), Data{}) << "nothing happened meanwhile";
  clock.step(std::chrono::seconds(120));
  hub.tick();
  const std::string again = join()->last_id();
  may_stay = false;
  for (int i = 0; i < 62; ++i) {
    clock.step(std::chrono::seconds(1));
    hub.tick();
  }
  publish(2);
  may_stay = true;
  EXPECT_EQ(join(again)->data(), Data{"reload"});
}

TEST_F(EventHubTest, ASlowReaderIsDroppedAndOthersAreNot) {
  const auto slow = join("", false);
  const auto quick = join();
  const std::string text(1024, 'x');
  for (std::size_t i = 0; i < 300; ++i) {
    hub.publish("record", {}, {{"text", text}});
  }
  EXPECT_FALSE(slow->open);
  EXPECT_TRUE(quick->open);
  EXPECT_LE(slow->queued.size(), EventHub::kMostQueued);
  EXPECT_EQ(quick->data().size(), 300u);
  EXPECT_EQ(hub.readers(), 1u);
}

TEST_F(EventHubTest, ReadersAreBoundedAndLeaveWhenTheyMayNotStay) {
  std::vector<std::shared_ptr<FakeWriter>> all;
  for (std::size_t i = 0; i < EventHub::kMostReaders; ++i) {
    all.push_back(join());
  }
  const auto more = std::make_shared<FakeWriter>();
  const Status added =
      hub.add({more, [](const EventSubject&) { return true; }, [] { return true; }}, "");
  ASSERT_FALSE(added.has_value());
  EXPECT_EQ(added.error().code, Code::kOverloaded);
  may_stay = false;
  hub.tick();
  EXPECT_EQ(hub.readers(), 0u);
  EXPECT_FALSE(all.front()->open);
}

TEST_F(EventHubTest, SaysSomethingEachFifteenSeconds) {
  const auto one = join();
  const std::size_t before = one->read.size();
  for (int i = 0; i < 31; ++i) {
    clock.step(std::chrono::seconds(1));
    hub.tick();
  }
  EXPECT_GE(one->read.size(), before + 2 * std::string(": \n\n").size());
  EXPECT_EQ(one->data(), Data{});
}

TEST(EventsApi, WhoIsSignedInSeesWhatIsInTheirScopes) {
  const struct {
    const char* grant;
    EventSubject subject;
    bool sees;
  } cases[] = {
      {"viewer", {"a", "files", "read"}, true},
      {"admin", {}, true},
      {"viewer@server:files", {"a", "files", "read"}, true},
      {"viewer@server:files", {"a", "files", ""}, true},
      {"viewer@server:files", {"a", "bank", "pay"}, false},
      {"viewer@server:files", {}, false},
      {"approver@tool:bank/pay", {"a", "bank", "pay"}, true},
      {"approver@tool:bank/pay", {"a", "bank", "list"}, false},
      {"viewer@agent:a", {"a", "bank", "pay"}, true},
      {"viewer@agent:a", {"b", "bank", "pay"}, false},
      {"viewer@agent:a", {"", "", "", "agent:a"}, true},
      {"viewer@agent:a", {"", "", "", "all"}, false},
  };
  for (const auto& one : cases) {
    const Viewer viewer(std::vector<sign_in::Grant>{*sign_in::parse_grant(one.grant)});
    EXPECT_EQ(may_see(viewer, one.subject), one.sees) << one.grant << " " << one.subject.name;
  }
  EXPECT_FALSE(may_see(Viewer(std::vector<sign_in::Grant>{}), {"a", "files", "read"}));
}

}  // namespace
}  // namespace pawl
