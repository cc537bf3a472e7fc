// A second reader of HTTP/1.1 framing, written from RFC 9112 alone (sections 6 and 7).
//
// Purpose:    to compare where a message ends and what its body is. It frames only messages that it
//             has no doubt about.
// Threading:  pure functions.
// Not errors: a message that is cut off, or that could be read in two ways: nullopt.
#pragma once

#include <cctype>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pawl::fuzz {

struct Framed {
  std::size_t size = 0;  // of the whole message
  std::string body;
};

inline std::string lower_text(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

inline std::string_view trimmed_text(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

inline std::optional<std::size_t> read_size(std::string_view digits, unsigned base) {
  std::size_t size = 0;
  for (const char c : lower_text(digits)) {
    const unsigned digit =
        c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10 : static_cast<unsigned>(c - '0');
    if (digit >= base || size > (std::size_t{1} << 40)) {
      return std::nullopt;
    }
    size = size * base + digit;
  }
  return digits.empty() ? std::nullopt : std::optional(size);
}

// The chunks from `at` on; `at` is moved behind the trailer section.
inline std::optional<std::string> read_chunks(std::string_view text, std::size_t& at) {
  std::string body;
  while (true) {
    const std::size_t end = text.find("\r\n", at);
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view line = text.substr(at, end - at);
    const auto size = read_size(trimmed_text(line.substr(0, line.find(';'))), 16);
    at = end + 2;
    if (!size || *size > text.size() - at) {
      return std::nullopt;
    }
    if (*size == 0) {
      break;
    }
    body += text.substr(at, *size);
    at += *size;
    if (text.substr(at, 2) != "\r\n") {
      return std::nullopt;
    }
    at += 2;
  }
  while (true) {  // trailers, up to an empty line
    const std::size_t end = text.find("\r\n", at);
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const bool last = end == at;
    at = end + 2;
    if (last) {
      return body;
    }
  }
}

// A request that starts at the first byte of `text`.
inline std::optional<Framed> frame(std::string_view text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) {
    return std::nullopt;
  }
  std::optional<std::size_t> length;
  bool chunked = false;
  for (std::size_t at = text.find("\r\n") + 2; at < head;) {
    const std::size_t end = text.find("\r\n", at);
    const std::string_view line = text.substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string name = lower_text(line.substr(0, colon));
    const std::string_view value = trimmed_text(line.substr(colon + 1));
    if (name == "content-length") {
      if (length || !(length = read_size(value, 10))) {
        return std::nullopt;
      }
    } else if (name == "transfer-encoding") {
      if (chunked || lower_text(value) != "chunked") {
        return std::nullopt;
      }
      chunked = true;
    }
    at = end + 2;
  }
  if (chunked && length) {
    return std::nullopt;
  }
  std::size_t at = head + 4;
  if (chunked) {
    const std::optional<std::string> body = read_chunks(text, at);
    return body ? std::optional(Framed{at, *body}) : std::nullopt;
  }
  const std::size_t size = length.value_or(0);
  if (size > text.size() - at) {
    return std::nullopt;
  }
  return Framed{at + size, std::string(text.substr(at, size))};
}

}  // namespace pawl::fuzz
