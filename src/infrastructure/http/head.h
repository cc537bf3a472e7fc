// Message heads as text: the writing half of HTTP/1.1 framing.
//
// Purpose:    one place that decides Content-Length, Transfer-Encoding and Connection, and that
//             lets no header smuggle a line break out.
// Threading:  pure functions, except the Date text, which is cached per thread for a second.
// Source:     RFC 9112, sections 3 to 6.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "infrastructure/http/message.h"

namespace pawl::http {

enum class Framing {
  kLength,      // Content-Length: `length`
  kChunked,     // Transfer-Encoding: chunked
  kUntilClose,  // neither: the end of the connection ends the body
  kNoBody,      // 204, 304: neither
};

struct ResponseHead {
  int status = 200;
  Framing framing = Framing::kLength;
  std::size_t length = 0;
  bool keep_alive = true;
};

// Appends the head to `out`. Line breaks and NUL in values become spaces; a field whose name is not
// a token is left out.
void append_response_head(std::string& out, const ResponseHead& head, const Headers& headers);

bool is_token(std::string_view text);        // RFC 9110, 5.6.2
bool is_field_value(std::string_view text);  // no control characters except tab
// "1a\r\n<bytes>\r\n"; `bytes` is not empty.
std::string encode_chunk(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace pawl::http
