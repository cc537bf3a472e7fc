// HTTP responses as a client reads them, and the heads and chunks that we write.
#include <algorithm>
#include <string>

#include "fuzz/support/fuzz.h"
#include "infrastructure/http/head.h"
#include "infrastructure/http/parser.h"

namespace pawl::http {
namespace {

constexpr std::size_t kMaxHeader = 1024;

struct Read {
  ParseState state = ParseState::kNeedMore;
  int status = 0;
  std::string fields;
  std::size_t field_count = 0;
  std::string body;
  std::size_t consumed = 0;
};

Read read(std::string_view text, std::size_t piece, bool to_head) {
  ResponseParser parser(kMaxHeader);
  parser.reset(to_head);
  Read read;
  std::size_t given = 0;
  while (read.state == ParseState::kNeedMore) {
    const std::string_view pending = text.substr(read.consumed, given - read.consumed);
    const auto body = [&](std::string_view bytes) { read.body += bytes; };
    const Fed fed = pending.empty() ? Fed{} : parser.feed(pending, body);
    FUZZ_CHECK(fed.consumed <= pending.size(), "no more is consumed than was given");
    read.consumed += fed.consumed;
    read.state = fed.state;
    if (fed.state == ParseState::kNeedMore && fed.consumed == 0) {
      if (given == text.size()) {
        read.state = parser.end_of_stream();
        break;
      }
      given = std::min(given + piece, text.size());
    }
  }
  if (parser.header_done()) {
    read.status = parser.status();
    read.field_count = parser.headers().size();
    for (const Field& field : parser.headers()) {
      FUZZ_CHECK(is_token(field.name), "a field name is a token");
      FUZZ_CHECK(is_field_value(field.value), "a field value has no control character");
      read.fields.append(field.name).append(":").append(field.value).append("\n");
    }
  }
  return read;
}

void check_reading(std::string_view text, bool to_head) {
  const Read whole = read(text, text.size(), to_head);
  for (const std::size_t piece : {1, 5}) {
    const Read pieces = read(text, piece, to_head);
    FUZZ_CHECK((whole.state == ParseState::kDone) == (pieces.state == ParseState::kDone),
               "the pieces of a response do not change whether it is whole");
    if (whole.state == ParseState::kDone) {
      FUZZ_CHECK(whole.body == pieces.body && whole.fields == pieces.fields &&
                     whole.status == pieces.status && whole.consumed == pieces.consumed,
                 "pieces read as the whole");
    }
  }
  if (whole.state == ParseState::kDone) {
    FUZZ_CHECK(!to_head || whole.body.empty(), "the answer to HEAD has no body");
    FUZZ_CHECK(whole.status >= 100 && whole.status <= 999, "a status has three digits");
  }
}

// What we write with any text in it is read as one message with just that body.
void check_writing(std::string_view text) {
  const std::string_view name = text.substr(0, text.find('\n'));
  Headers headers{{"X-Text", std::string(text.substr(0, 200))}};
  if (name.size() < 100) {
    headers.add(name, "value");
  }
  const bool counted =
      is_token(name) && name.size() < 100 && !equal_ignoring_case(name, "Content-Length") &&
      !equal_ignoring_case(name, "Transfer-Encoding") && !equal_ignoring_case(name, "Connection") &&
      !equal_ignoring_case(name, "Date");
  for (const Framing framing : {Framing::kLength, Framing::kChunked, Framing::kUntilClose}) {
    std::string out;
    append_response_head(out, {200, framing, text.size(), framing != Framing::kUntilClose},
                         headers);
    if (framing == Framing::kChunked) {
      const std::size_t half = text.size() / 2;
      for (const std::string_view piece : {text.substr(0, half), text.substr(half)}) {
        out += piece.empty() ? "" : encode_chunk(piece);
      }
      out += kLastChunk;
    } else {
      out += text;
    }
    const Read back = read(out, out.size(), false);
    FUZZ_CHECK(back.state == ParseState::kDone, "what we write is a whole message");
    FUZZ_CHECK(back.consumed == out.size() && back.body == text, "what we write keeps its body");
    const std::size_t ours = 2;  // Date, and what frames the body or closes
    FUZZ_CHECK(back.field_count == 1 + ours + (counted ? 1 : 0), "no text becomes a field");
  }
}

}  // namespace
}  // namespace pawl::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const std::string_view text = fuzz::view(data, size);
  http::check_reading(text, false);
  http::check_reading(text, true);
  http::check_writing(text);
  return 0;
}
