#include "infrastructure/telemetry/span_exporter.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/support/seeded_random.h"

namespace pawl::telemetry {
namespace {

using namespace std::chrono_literals;

class ManualScheduler final : public Scheduler {
 public:
  void post(std::function<void()> task) override { task(); }
  std::unique_ptr<ScheduledTask> after(std::chrono::microseconds delay,
                                       std::function<void()> task) override {
    delays.push_back(delay);
    auto shared = std::make_shared<std::function<void()>>(std::move(task));
    tasks.push_back(shared);
    struct Held final : ScheduledTask {
      std::shared_ptr<std::function<void()>> task;
      ~Held() override { *task = nullptr; }
    };
    auto held = std::make_unique<Held>();
    held->task = shared;
    return held;
  }
  void fire() {
    for (const auto& task : std::exchange(tasks, {})) {
      if (const auto run = *task) {
        run();
      }
    }
  }
  std::vector<std::chrono::microseconds> delays;
  std::vector<std::shared_ptr<std::function<void()>>> tasks;
};

struct Rig {
  ManualScheduler scheduler;
  SeededRandom random{7};
  std::vector<std::string> bodies;
  std::vector<std::function<void(Result<PostAnswer>)>> waiting;
  std::unique_ptr<SpanExporter> exporter;

  explicit Rig(ExporterOptions options = {}) {
    options.resource = {{"service.name", "pawl"}};
    options.version = "1";
    exporter = std::make_unique<SpanExporter>(
        scheduler, random,
        [this](std::string body, std::function<void(Result<PostAnswer>)> done) {
          bodies.push_back(std::move(body));
          waiting.push_back(std::move(done));
        },
        std::move(options));
  }
  void answer(Result<PostAnswer> with) {
    const auto done = std::move(waiting.front());
    waiting.erase(waiting.begin());
    done(std::move(with));
  }
  static Span span(std::string name = "tools/call x") {
    Span out;
    out.trace_id = std::string(32, 'a');
    out.id = 1;
    out.name = std::move(name);
    out.began = WallTime{1'000'001};
    out.ended = WallTime{1'000'002};
    return out;
  }
  std::size_t spans_in(const std::string& body) {
    const json::Value value = json::parse(body)->value;
    return value.at("resourceSpans")
        .as_array()[0]
        .at("scopeSpans")
        .as_array()[0]
        .at("spans")
        .as_array()
        .size();
  }
};

TEST(SpanExporter, SamplesByTheCallersFlagElseByShare) {
  const std::string trace(32, 'b'), parent(16, 'c');
  for (const auto& [flags, traced] : {std::pair<std::string, bool>{"01", true},
                                      {"00", false},
                                      {"03", true},
                                      {"02", false},
                                      {"0f", true},
                                      {"0e", false}}) {
    Rig rig({.sample = 0});
    const auto start = rig.exporter->begin("00-" + trace + "-" + parent + "-" + flags);
    ASSERT_EQ(start.has_value(), traced) << flags;
    if (traced) {
      EXPECT_EQ(start->trace_id, trace);
      EXPECT_EQ(start->parent_id, parent);
      EXPECT_NE(start->first_id, 0u);
    }
  }
  for (const auto& [share, lowest, highest] :
       {std::tuple{0.0, 0, 0}, {0.25, 200, 300}, {1.0, 1000, 1000}}) {
    Rig rig({.sample = share});
    int traced = 0;
    for (int i = 0; i < 1000; ++i) {
      traced += rig.exporter->begin("").has_value();
    }
    EXPECT_GE(traced, lowest) << share;
    EXPECT_LE(traced, highest) << share;
  }
}

TEST(SpanExporter, AnInvalidTraceparentBeginsATraceOfItsOwn) {
  const std::string trace(32, 'b'), parent(16, 'c'), zeros(32, '0');
  for (const std::string& text :
       {std::string("x"), std::string(200, 'a'), "00-" + trace + "-" + parent,
        "00-" + trace + "-" + parent + "-01-more", "ff-" + trace + "-" + parent + "-01",
        "00-" + zeros + "-" + parent + "-01", "00-" + trace + "-" + zeros.substr(16) + "-01",
        "00-" + std::string(32, '"') + "-" + parent + "-01",
        "00-" + std::string(32, 'B') + "-" + parent + "-01"}) {
    Rig rig;
    const auto start = rig.exporter->begin(text);
    ASSERT_TRUE(start) << text;
    EXPECT_TRUE(start->parent_id.empty()) << text;
    EXPECT_NE(start->trace_id, trace);
    EXPECT_EQ(start->trace_id.size(), 32u);
  }
}

TEST(SpanExporter, BatchesOneRequestAtATime) {
  Rig rig;
  rig.exporter->ended({rig.span(), rig.span()});
  rig.exporter->ended({rig.span()});
  EXPECT_TRUE(rig.bodies.empty()) << "nothing is sent on the path";
  rig.scheduler.fire();
  ASSERT_EQ(rig.bodies.size(), 1u);
  EXPECT_EQ(rig.spans_in(rig.bodies[0]), 3u);
  rig.exporter->ended({rig.span()});
  rig.scheduler.fire();
  EXPECT_EQ(rig.bodies.size(), 1u) << "the first request is still under way";
  rig.answer(PostAnswer{200, "{}"});
  rig.scheduler.fire();
  ASSERT_EQ(rig.bodies.size(), 2u);
  rig.answer(PostAnswer{200, R"({"partialSuccess":{"rejectedSpans":"1"}})"});
  EXPECT_EQ(rig.exporter->stats().exported, 3u);
  EXPECT_EQ(rig.exporter->stats().dropped, 1u) << "what the receiver rejected";
  EXPECT_EQ(rig.exporter->stats().queued, 0u);
}

TEST(SpanExporter, TriesAgainWithBackOffAndDropsWhatIsRefused) {
  Rig rig;
  rig.exporter->ended({rig.span()});
  rig.scheduler.fire();
  rig.answer(fail(Code::kUpstreamUnavailable, "refused"));
  EXPECT_EQ(rig.exporter->stats().last_error, "refused");
  for (const int seconds : {2, 4, 8, 16, 30, 30}) {
    rig.scheduler.fire();
    rig.answer(PostAnswer{503, ""});
    EXPECT_EQ(rig.scheduler.delays.back(), std::chrono::seconds(seconds));
  }
  EXPECT_EQ(rig.exporter->stats().dropped, 0u);
  rig.scheduler.fire();
  rig.answer(PostAnswer{400, ""});
  EXPECT_EQ(rig.exporter->stats().dropped, 1u);
  EXPECT_EQ(rig.exporter->stats().failed_requests, 8u);
  EXPECT_EQ(rig.exporter->stats().last_error, "HTTP 400");
  EXPECT_EQ(rig.bodies.front(), rig.bodies.back()) << "the same batch each time";
}

TEST(SpanExporter, TheQueueIsBoundedAndDropsAreCounted) {
  Rig rig({.max_queued_bytes = 2'000, .max_batch_bytes = 1'000});
  for (int i = 0; i < 100; ++i) {
    rig.exporter->ended({rig.span()});
  }
  const ExporterStats full = rig.exporter->stats();
  EXPECT_GT(full.dropped, 0u);
  EXPECT_EQ(full.dropped + full.queued, 100u);
  while (rig.exporter->stats().queued > 0) {
    rig.scheduler.fire();
    rig.answer(PostAnswer{200, "{}"});
  }
  rig.exporter->ended({rig.span()});
  EXPECT_EQ(rig.exporter->stats().queued, 1u) << "there is room again";
}

TEST(SpanExporter, FlushSendsWhatIsQueuedButWaitsNoLongerThanToldTo) {
  Rig rig;
  bool done = false;
  rig.exporter->ended({rig.span()});
  rig.exporter->flush(2s, [&] { done = true; });
  ASSERT_EQ(rig.bodies.size(), 1u);
  EXPECT_FALSE(done);
  rig.answer(PostAnswer{200, ""});
  EXPECT_TRUE(done);

  Rig slow;
  done = false;
  slow.exporter->ended({slow.span()});
  slow.exporter->flush(2s, [&] { done = true; });
  slow.scheduler.fire();
  EXPECT_TRUE(done) << "a receiver that does not answer holds nobody";
  slow.exporter.reset();
  slow.answer(PostAnswer{200, ""});  // after its end: ignored
}

TEST(Otlp, AStringIsEscapedAndATimeIsNanosecondsInAString) {
  Span span = Rig::span("a\"b\n");
  span.failed = true;
  span.parent_id = std::string(16, 'd');
  span.attributes = {{"k", "v\\"}};
  EXPECT_EQ(print_span(span),
            R"({"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","spanId":"0000000000000001",)"
            R"("parentSpanId":"dddddddddddddddd","name":"a\"b\n","kind":1,)"
            R"("startTimeUnixNano":"1000001000","endTimeUnixNano":"1000002000",)"
            R"("attributes":[{"key":"k","value":{"stringValue":"v\\"}}],"status":{"code":2}})");
}

TEST(Otlp, RejectedSpansAsTextOrNumber) {
  for (const auto& [text, expected] : {std::pair<std::string_view, std::uint64_t>{"", 0},
                                       {"{}", 0},
                                       {R"({"partialSuccess":{}})", 0},
                                       {R"({"partialSuccess":{"rejectedSpans":"12"}})", 12},
                                       {R"({"partialSuccess":{"rejectedSpans":3}})", 3},
                                       {R"({"partialSuccess":{"rejectedSpans":-3}})", 0},
                                       {"not json", 0}}) {
    EXPECT_EQ(rejected_spans(text), expected) << text;
  }
}

}  // namespace
}  // namespace pawl::telemetry
