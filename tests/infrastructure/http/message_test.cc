#include "infrastructure/http/message.h"

#include <gtest/gtest.h>

#include "infrastructure/http/head.h"
#include "infrastructure/http/url.h"

namespace pawl::http {
namespace {

TEST(Headers, CompareNamesWithoutCaseAndKeepOrder) {
  Headers headers{{"Accept", "a"}, {"X-One", "1"}};
  headers.add("accept", "b");
  EXPECT_EQ(headers.get("ACCEPT"), "a");
  EXPECT_EQ(headers.get_all("Accept"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(headers.count("accept"), 2u);
  EXPECT_EQ(headers.get("absent"), std::nullopt);
  headers.set("ACCEPT", "c");
  EXPECT_EQ(headers.get_all("accept"), std::vector<std::string_view>{"c"});
  EXPECT_EQ(headers.size(), 2u);
  headers.set("X-Copy", *headers.get("X-One"));
  EXPECT_EQ(headers.get("x-copy"), "1");
  headers.remove("x-one");
  EXPECT_FALSE(headers.has("X-One"));
}

TEST(Headers, FindTokensInLists) {
  EXPECT_TRUE(has_list_token("keep-alive, Close", "close"));
  EXPECT_TRUE(has_list_token(" a ,, b", "b"));
  EXPECT_FALSE(has_list_token("closed", "close"));
  EXPECT_FALSE(has_list_token("", "close"));
}

TEST(ResponseHead, LetsNoLineBreakOutAndWritesItsOwnFraming) {
  std::string out;
  append_response_head(out, {200, Framing::kLength, 5, false},
                       {{"X-Evil", "a\r\nSet-Cookie: b"},
                        {"Bad Name", "x"},
                        {"content-length", "99"},
                        {"Transfer-Encoding", "chunked"}});
  EXPECT_NE(out.find("X-Evil: a  Set-Cookie: b\r\n"), std::string::npos);
  EXPECT_EQ(out.find("Bad Name"), std::string::npos);
  EXPECT_EQ(out.find("99"), std::string::npos);
  EXPECT_EQ(out.find("chunked"), std::string::npos);
  EXPECT_NE(out.find("Content-Length: 5\r\nConnection: close\r\n\r\n"), std::string::npos);
  EXPECT_EQ(encode_chunk("0123456789abcdef"), "10\r\n0123456789abcdef\r\n");
}

TEST(Url, ReadsWhatAClientMayCall) {
  const struct {
    const char* text;
    const char* host;  // null: refused
    int port;
    const char* target;
    const char* authority;
  } cases[] = {
      {"http://h", "h", 80, "/", "h"},
      {"HTTPS://h/a?b=c", "h", 443, "/a?b=c", "h"},
      {"http://h:8080?x", "h", 8080, "/?x", "h:8080"},
      {"https://h:443/", "h", 443, "/", "h"},
      {"http://[::1]:3001/mcp", "::1", 3001, "/mcp", "[::1]:3001"},
      {"ftp://h/", nullptr, 0, "", ""},
      {"h/path", nullptr, 0, "", ""},
      {"http://", nullptr, 0, "", ""},
      {"http:///x", nullptr, 0, "", ""},
      {"http://user:pw@h/", nullptr, 0, "", ""},
      {"http://h/#f", nullptr, 0, "", ""},
      {"http://h:0/", nullptr, 0, "", ""},
      {"http://h:99999/", nullptr, 0, "", ""},
      {"http://h:80x/", nullptr, 0, "", ""},
      {"http://h /", nullptr, 0, "", ""},
      {"http://h/\r\nX: y", nullptr, 0, "", ""},
      {"http://[::1/", nullptr, 0, "", ""},
      {"http://[host]/", nullptr, 0, "", ""},
  };
  for (const auto& c : cases) {
    const Result<Url> url = parse_url(c.text);
    ASSERT_EQ(url.has_value(), c.host != nullptr) << c.text;
    if (url) {
      EXPECT_EQ(url->host, c.host);
      EXPECT_EQ(url->port, c.port) << c.text;
      EXPECT_EQ(url->target, c.target);
      EXPECT_EQ(url->authority, c.authority);
    }
  }
}

}  // namespace
}  // namespace pawl::http
