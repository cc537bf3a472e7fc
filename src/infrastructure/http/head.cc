#include "infrastructure/http/head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <ctime>

namespace pawl::http {

namespace {

// RFC 9110, section 5.6.2: visible ASCII but these. A table, because every header name passes here.
constexpr std::string_view kDelimiters = "\"(),/:;<=>?@[\\]{}";
constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> out{};
  for (int c = 0x21; c < 0x7f; ++c) {
    out[static_cast<std::size_t>(c)] =
        kDelimiters.find(static_cast<char>(c)) == std::string_view::npos;
  }
  return out;
}();

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

// True: none of eight bytes at once is a control character. False says nothing: a tab may be one.
bool are_plain(std::string_view eight) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x80 * kEach;
  std::uint64_t word = 0;
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): its size is the contract above.
  std::memcpy(&word, eight.data(), sizeof word);
  const std::uint64_t low = (word | kHigh) - 0x20 * kEach;  // high bit gone: below 0x20
  const std::uint64_t deleted = ((word ^ 0x7f * kEach) | kHigh) - kEach;  // or 0x7f
  return ((~low | ~deleted) & ~word & kHigh) == 0;
}

bool written_here(std::string_view name) {
  return equal_ignoring_case(name, "Content-Length") ||
         equal_ignoring_case(name, "Transfer-Encoding") ||
         equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Date");
}

template <class Number>
void append_number(std::string& out, Number number, int base = 10) {
  std::array<char, 24> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  out.append(digits.data(), result.ptr);
}

// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
std::string_view date_line() {
  thread_local std::time_t written_at = 0;
  thread_local std::array<char, 64> line;
  thread_local std::size_t size = 0;
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != written_at || size == 0) {
    std::tm utc{};
    gmtime_r(&now.tv_sec, &utc);
    size = std::strftime(line.data(), line.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    written_at = now.tv_sec;
  }
  return {line.data(), size};
}

void append_value(std::string& out, std::string_view value) {
  const std::size_t begin = out.size();
  out.append(value);
  if (!is_field_value(value)) {
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), is_control, ' ');
  }
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kTokenCharacters[static_cast<unsigned char>(c)];
  });
}

bool is_field_value(std::string_view text) {
  while (text.size() >= 8 && are_plain(text)) {
    text.remove_prefix(8);
  }
  return std::none_of(text.begin(), text.end(), is_control);
}

void append_response_head(std::string& out, const ResponseHead& head, const Headers& headers) {
  out.append("HTTP/1.1 ");
  append_number(out, head.status);
  out.push_back(' ');
  out.append(reason_phrase(head.status)).append("\r\n").append(date_line());
  for (const Field& field : headers) {
    if (!is_token(field.name) || written_here(field.name)) {
      continue;
    }
    out.append(field.name).append(": ");
    append_value(out, field.value);
    out.append("\r\n");
  }
  if (head.framing == Framing::kLength) {
    out.append("Content-Length: ");
    append_number(out, head.length);
    out.append("\r\n");
  } else if (head.framing == Framing::kChunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (!head.keep_alive) {
    out.append("Connection: close\r\n");
  }
  out.append("\r\n");
}

std::string encode_chunk(std::string_view bytes) {
  std::string chunk;
  chunk.reserve(bytes.size() + 20);
  append_number(chunk, bytes.size(), 16);
  chunk.append("\r\n").append(bytes).append("\r\n");
  return chunk;
}

}  // namespace pawl::http
