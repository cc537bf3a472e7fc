#include "infrastructure/http/parser.h"

#include <gtest/gtest.h>

namespace pawl::http {
namespace {

struct Parsed {
  ParseState state = ParseState::kNeedMore;
  Request request;
  std::string rest;
};

// Feeds `text` in pieces, as a connection would.
Parsed parse(const std::string& text, std::size_t piece, const ParserLimits& limits = {}) {
  RequestParser parser(limits);
  Parsed parsed;
  std::size_t given = 0;
  while (parsed.state == ParseState::kNeedMore && given < text.size()) {
    const std::string more = text.substr(given, piece);
    given += more.size();
    parsed.rest += more;
    const Fed fed = parser.feed(parsed.rest);
    parsed.rest.erase(0, fed.consumed);
    parsed.state = fed.state;
  }
  parsed.rest += text.substr(given);
  if (parsed.state == ParseState::kDone) {
    parsed.request = parser.take();
  }
  return parsed;
}

TEST(RequestParser, ReadsRequestsWhereverTheyAreCut) {
  const std::string text =
      "POST /a/b?c=d?e HTTP/1.1\r\nHost: h\r\nX-Test:  padded \r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\nGET /next";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
    const Parsed parsed = parse(text, piece);
    ASSERT_EQ(parsed.state, ParseState::kDone) << piece;
    EXPECT_EQ(parsed.request.method, "POST");
    EXPECT_EQ(parsed.request.path, "/a/b");
    EXPECT_EQ(parsed.request.query, "c=d?e");
    EXPECT_EQ(parsed.request.headers.get("x-test"), "padded");
    EXPECT_FALSE(parsed.request.headers.has("X-Trailer")) << "a trailer is not a header";
    EXPECT_EQ(parsed.request.body, "abcde");
    EXPECT_EQ(parsed.rest, "GET /next");
  }
}

// A first chunk that is the last, cut behind its line end: the library's own assertion ended the
// process there.
TEST(RequestParser, ReadsALastChunkWhereverItIsCut) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string body : {"0\r\n\r\n", "00\r\n\r\n", "0\r\nT: v\r\n\r\n", "0;x\r\n\r\n",
                                 "1\r\n0\r\n0\r\n\r\n", "4\r\n0\r\n\r\r\n0\r\n\r\n"}) {
    const std::string text = head + body;
    const Parsed whole = parse(text, text.size());
    ASSERT_EQ(whole.state, ParseState::kDone) << body;
    for (std::size_t first = head.size(); first < text.size(); ++first) {
      for (std::size_t second = first + 1; second <= text.size(); ++second) {
        RequestParser parser({});
        std::size_t consumed = 0;
        Fed fed;
        for (const std::size_t end : {first, second, text.size()}) {
          fed = parser.feed(std::string_view(text).substr(consumed, end - consumed));
          consumed += fed.consumed;
          if (fed.state == ParseState::kDone) {
            break;
          }
        }
        ASSERT_EQ(fed.state, ParseState::kDone)
            << body << ", cut at " << first << " and " << second;
        EXPECT_EQ(parser.take().body, whole.request.body);
      }
    }
  }
}

TEST(RequestParser, SplitsTargets) {
  const struct {
    const char* target;
    const char* path;
    const char* query;
  } cases[] = {
      {"/", "/", ""},
      {"/x?", "/x", ""},
      {"/x?u=http://y/z", "/x", "u=http://y/z"},
      {"http://h/x?y", "/x", "y"},
      {"http://h?y", "/", "y"},
      {"http://h", "/", ""},
      {"*", "*", ""},
  };
  for (const auto& c : cases) {
    const Parsed parsed =
        parse("OPTIONS " + std::string(c.target) + " HTTP/1.1\r\nHost: h\r\n\r\n", 1000);
    ASSERT_EQ(parsed.state, ParseState::kDone) << c.target;
    EXPECT_EQ(parsed.request.path, c.path) << c.target;
    EXPECT_EQ(parsed.request.query, c.query) << c.target;
  }
}

TEST(RequestParser, RefusesWhatTwoReadersCouldFrameDifferently) {
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
  const struct {
    const char* name;
    std::string text;
    ParseState expected;
  } cases[] = {
      {"length and coding", start + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
       ParseState::kMalformed},
      {"coding and length", start + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
       ParseState::kMalformed},
      {"length twice", start + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
       ParseState::kMalformed},
      {"length list", start + "Content-Length: 3, 3\r\n\r\nabc", ParseState::kMalformed},
      {"length signed", start + "Content-Length: +3\r\n\r\nabc", ParseState::kMalformed},
      {"length empty", start + "Content-Length:\r\n\r\n", ParseState::kMalformed},
      {"length hex", start + "Content-Length: 0x3\r\n\r\nabc", ParseState::kMalformed},
      {"length overflow", start + "Content-Length: 99999999999999999999\r\n\r\n",
       ParseState::kMalformed},
      {"coding twice", start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       ParseState::kMalformed},
      {"coding list", start + "Transfer-Encoding: gzip, chunked\r\n\r\n", ParseState::kMalformed},
      {"coding identity", start + "Transfer-Encoding: identity\r\n\r\n", ParseState::kMalformed},
      {"coding look-alike", start + "Transfer-Encoding: xchunked\r\n\r\n", ParseState::kMalformed},
      {"coding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
       ParseState::kMalformed},
      {"folded line", start + "X-A: 1\r\n  2\r\n\r\n", ParseState::kMalformed},
      {"folded emptiness", start + "X-A:\r\n \r\n\r\n", ParseState::kMalformed},
      {"folded at the end", start + "X-A: 1\r\n \r\n\r\n", ParseState::kMalformed},
      {"folded coding", start + "Transfer-Encoding:\r\n chunked\r\n\r\n", ParseState::kMalformed},
      {"space before colon", start + "Content-Length : 3\r\n\r\nabc", ParseState::kMalformed},
      {"bare LF", "GET / HTTP/1.1\nHost: h\n\n\r\n\r\n", ParseState::kUnsupported},
      {"bare CR", start + "X: a\rb\r\n\r\n", ParseState::kMalformed},
      {"NUL", start + std::string("X: a\0b\r\n\r\n", 10), ParseState::kMalformed},
      {"no host", "GET / HTTP/1.1\r\n\r\n", ParseState::kMalformed},
      {"two hosts", start + "Host: other\r\n\r\n", ParseState::kMalformed},
      {"authority form", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", ParseState::kMalformed},
      {"no version", "GET /\r\nHost: h\r\n\r\n", ParseState::kMalformed},
      {"version 2", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", ParseState::kUnsupported},
      {"version 1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", ParseState::kUnsupported},
      {"TLS greeting", "\x16\x03\x01\x02", ParseState::kMalformed},
      {"chunk size", start + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", ParseState::kMalformed},
      {"chunk end", start + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
       ParseState::kMalformed},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(parse(c.text, c.text.size()).state, c.expected) << c.name;
    EXPECT_EQ(parse(c.text, 1).state, c.expected) << c.name << ", byte by byte";
  }
}

TEST(RequestParser, KeepsItsLimits) {
  const ParserLimits limits{.max_header_bytes = 200, .max_body_bytes = 10};
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
  std::string many_fields = start;
  for (int i = 0; i < 40; ++i) {
    many_fields += "A: b\r\n";
  }
  const struct {
    const char* name;
    std::string text;
    ParseState expected;
  } cases[] = {
      {"fits", start + "X: " + std::string(100, 'x') + "\r\nContent-Length: 10\r\n\r\n0123456789",
       ParseState::kDone},
      {"one long field", start + "X: " + std::string(300, 'x'), ParseState::kHeaderTooLarge},
      {"many fields", many_fields, ParseState::kHeaderTooLarge},
      {"complete but too long", many_fields + "\r\n", ParseState::kHeaderTooLarge},
      {"long target", "GET /" + std::string(300, 'x'), ParseState::kHeaderTooLarge},
      {"long body", start + "Content-Length: 11\r\n\r\n", ParseState::kBodyTooLarge},
      {"long chunks",
       start + "Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n",
       ParseState::kBodyTooLarge},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(parse(c.text, c.text.size(), limits).state, c.expected) << c.name;
    EXPECT_EQ(parse(c.text, 1, limits).state, c.expected) << c.name << ", byte by byte";
  }
}

TEST(ResponseParser, RefusesAStatusBelowAHundred) {
  const struct {
    const char* line;
    ParseState expected;
  } cases[] = {
      {"HTTP/1.1 200 OK", ParseState::kDone},      {"HTTP/1.1 999 Odd", ParseState::kDone},
      {"HTTP/1.1 099 No", ParseState::kMalformed}, {"HTTP/1.1 000 No", ParseState::kMalformed},
      {"HTTP/1.1 20 No", ParseState::kMalformed},
  };
  for (const auto& c : cases) {
    ResponseParser parser(1024);
    const std::string text = std::string(c.line) + "\r\nContent-Length: 0\r\n\r\n";
    const Fed fed = parser.feed(text, [](std::string_view) {});
    EXPECT_EQ(fed.state, c.expected) << c.line;
  }
}

}  // namespace
}  // namespace pawl::http
