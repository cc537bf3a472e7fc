#include "infrastructure/http/sse.h"

#include <gtest/gtest.h>

#include <vector>

namespace pawl::http::sse {
namespace {

// "event|data|id|retry" with '-' for absent, events joined by ';'.
std::string describe(const std::vector<Event>& events) {
  std::string out;
  for (const Event& e : events) {
    out += (out.empty() ? "" : ";") + e.event + "|" + e.data + "|" + e.id.value_or("-") + "|" +
           (e.retry_ms ? std::to_string(*e.retry_ms) : "-");
  }
  return out;
}

std::string decode(std::string_view text, std::size_t piece) {
  Decoder decoder(1000);
  std::vector<Event> events;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const Status fed = decoder.feed(text.substr(at, piece),
                                    [&](Event event) { events.push_back(std::move(event)); });
    if (!fed) {
      return "failed";
    }
  }
  return describe(events);
}

TEST(SseDecoder, ReadsTheFormatWhereverTheBytesAreCut) {
  const struct {
    const char* name;
    std::string text;
    const char* expected;
  } cases[] = {
      {"one line", "data: x\n\n", "|x|-|-"},
      {"no space, two lines", "data:x\ndata: y\n\n", "|x\ny|-|-"},
      {"only one space is taken", "data:  x\n\n", "| x|-|-"},
      {"all fields", "event: e\nid: 7\nretry: 20\ndata: d\n\n", "e|d|7|20"},
      {"CR", "data: a\r\rdata: b\r\r", "|a|-|-;|b|-|-"},
      {"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", "|a|-|-;|b|-|-"},
      {"mixed", "data: a\r\ndata: b\rdata: c\n\n", "|a\nb\nc|-|-"},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "data: x\n\n",
       "|x|-|-"},
      {"mark only at the start",
       "data: x\n\n\xEF\xBB\xBF"
       "data: y\n\n",
       "|x|-|-"},
      {"comments", ": hi\n\n:\ndata: x\n: in between\n\n", "|x|-|-"},
      {"no colon", "data\n\n", "||-|-"},
      {"priming event", "id: 1\ndata:\n\n", "||1|-"},
      {"id alone", "id: 1\n\n", "||1|-"},
      {"empty id resets", "id\ndata: x\n\n", "|x||-"},
      {"event alone is none", "event: e\n\ndata: x\n\n", "|x|-|-"},
      {"bad retry", "retry: 1x\ndata: x\n\n", "|x|-|-"},
      {"unknown field", "foo: bar\ndata: x\n\n", "|x|-|-"},
      {"cut off", "data: x\n\ndata: y\n", "|x|-|-"},
      {"colon in data", "data: a: b\n\n", "|a: b|-|-"},
      {"NUL in id", std::string("id: a\0b\ndata: x\n\n", 17), "|x|-|-"},
      {"too large", "data: " + std::string(1000, 'x') + "\n\n", "failed"},
      {"too large without a line end", std::string(1001, 'x'), "failed"},
      {"too large in many lines",
       [] {
         std::string text;
         for (int i = 0; i < 200; ++i) {
           text += "data: x\n";
         }
         return text;
       }(),
       "failed"},
  };
  for (const auto& c : cases) {
    for (const std::size_t piece :
         {c.text.size(), std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
      EXPECT_EQ(decode(c.text, piece), c.expected) << c.name << " in pieces of " << piece;
    }
  }
}

TEST(SseDecoder, RemembersTheLastIdAndStaysFailed) {
  Decoder decoder(40);
  const auto ignore = [](Event) {};
  EXPECT_TRUE(decoder.feed("id: 5\ndata: x\n\ndata: y\n\n", ignore));
  EXPECT_EQ(decoder.last_event_id(), "5");
  const Status fed = decoder.feed(std::string(100, 'x'), ignore);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, Code::kTooLarge);
  EXPECT_FALSE(decoder.feed("data: z\n\n", ignore));
}

TEST(SseEncoder, IsReadBackByTheDecoder) {
  const Event events[] = {
      {},
      {.data = "x"},
      {.event = "message", .data = "a\nb\n", .id = "1", .retry_ms = 30},
      {.data = " leading", .id = ""},
      {.data = "\n"},
  };
  for (const Event& event : events) {
    EXPECT_EQ(decode(encode_comment("keep\nalive") + encode(event), 1000), describe({event}));
  }
  EXPECT_EQ(encode({.event = "a\nb", .data = "x\r\ny\rz", .id = "1\r\n2"}),
            "event: ab\nid: 12\ndata: x\ndata: y\ndata: z\n\n");
}

}  // namespace
}  // namespace pawl::http::sse
