// HTTP requests: the same however they are cut, framed as a second reader frames them, and not to
// be told apart once written again.
#include <algorithm>
#include <optional>
#include <string>

#include "fuzz/support/framing.h"
#include "fuzz/support/fuzz.h"
#include "infrastructure/http/head.h"
#include "infrastructure/http/parser.h"

namespace pawl::http {
namespace {

constexpr ParserLimits kLimits{.max_header_bytes = 1024, .max_body_bytes = 512};

struct Read {
  ParseState state = ParseState::kNeedMore;
  Request request;
  std::size_t consumed = 0;
};

Read read(std::string_view text, std::size_t piece) {
  RequestParser parser(kLimits);
  Read read;
  std::size_t given = 0;
  while (read.state == ParseState::kNeedMore && given < text.size()) {
    given = std::min(given + piece, text.size());
    const std::string_view pending = text.substr(read.consumed, given - read.consumed);
    const Fed fed = parser.feed(pending);
    FUZZ_CHECK(fed.consumed <= pending.size(), "no more is consumed than was given");
    read.consumed += fed.consumed;
    read.state = fed.state;
  }
  if (read.state == ParseState::kDone) {
    read.request = parser.take();
  }
  return read;
}

std::string written(const Request& request) {
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
  for (const Field& field : request.headers) {
    const bool framing = equal_ignoring_case(field.name, "Content-Length") ||
                         equal_ignoring_case(field.name, "Transfer-Encoding");
    if (!framing) {
      out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
  }
  return out + "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
}

void check_same(const Read& a, const Read& b) {
  // A reader that has all of the bytes may wait for more where another already refuses.
  FUZZ_CHECK((a.state == ParseState::kDone) == (b.state == ParseState::kDone),
             "the pieces of a request do not change its reading");
  if (a.state == ParseState::kDone) {
    FUZZ_CHECK(a.consumed == b.consumed, "a request ends at one place");
    FUZZ_CHECK(written(a.request) == written(b.request), "pieces read as the whole");
  }
}

void check_request(std::string_view text, const Read& read) {
  const Request& request = read.request;
  FUZZ_CHECK(request.body.size() <= kLimits.max_body_bytes, "a body keeps its limit");
  FUZZ_CHECK(is_token(request.method), "a method is a token");
  FUZZ_CHECK(request.path == "*" || request.path.find('?') == std::string::npos, "path is a path");
  for (const Field& field : request.headers) {
    FUZZ_CHECK(is_token(field.name), "a field name is a token");
    FUZZ_CHECK(is_field_value(field.value), "a field value has no control character");
  }
  const std::optional<fuzz::Framed> framed = fuzz::frame(text);
  FUZZ_CHECK(framed, "a second reader sees a whole message");
  FUZZ_CHECK(framed->size == read.consumed, "two readers see one end");
  FUZZ_CHECK(framed->body == request.body, "two readers see one body");
}

}  // namespace
}  // namespace pawl::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::http;
  const std::string_view text = fuzz::view(data, size);
  const Read whole = read(text, text.size());
  check_same(whole, read(text, 1));
  check_same(whole, read(text, 7));
  if (whole.state != ParseState::kDone) {
    return 0;
  }
  check_request(text, whole);
  const std::string again = written(whole.request);
  if (again.size() > kLimits.max_header_bytes || !whole.request.headers.has("Host")) {
    return 0;  // written with more spaces, and as 1.1, which needs a Host
  }
  const Read second = read(again, again.size());
  FUZZ_CHECK(second.state == ParseState::kDone && second.consumed == again.size(),
             "a request written again is one request");
  FUZZ_CHECK(written(second.request) == again, "a request written again is the same");
  return 0;
}
