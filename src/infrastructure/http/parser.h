// Incremental HTTP/1.1 message parsers; the only user of Boost.Beast.
//
// Purpose:    bytes in, Request or Response parts out, with limits and the smuggling checks.
// Threading:  plain objects. Ownership: feed() keeps no view into its argument, but needs bytes it
//             did not consume offered again, followed by new ones, in one piece.
// Source:     RFC 9112.
//
// Example:
//   RequestParser parser(limits);
//   Fed fed = parser.feed(bytes);     // again until kDone
//   Request request = parser.take();  // then parser.reset()
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/write_gate.h"
#include "infrastructure/http/message.h"

namespace pawl::http {

struct ParserLimits {
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_body_bytes = 4 * 1024 * 1024;  // requests only
};

enum class ParseState {
  kNeedMore,     // consumed what it could
  kDone,         // the message is complete; bytes after it were not consumed
  kMalformed,    // not HTTP/1.x, or framing that two readers could see differently
  kUnsupported,  // a protocol version not spoken here
  kHeaderTooLarge,
  kBodyTooLarge,
};

struct Fed {
  std::size_t consumed = 0;
  ParseState state = ParseState::kNeedMore;
};

class RequestParser {
 public:
  explicit RequestParser(const ParserLimits& limits);
  ~RequestParser();
  Fed feed(std::string_view bytes);
  bool header_done() const;
  bool expects_continue() const;  // Expect: 100-continue, and a body that has not begun
  bool keep_alive() const;        // valid once done
  bool speaks_1_1() const;        // the client understands chunked answers
  Request head() const;           // valid once header_done; without a body; the peer is not set
  std::size_t body_bytes() const;
  Request take();  // the peer is not set
  void reset();    // for the next message

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class ResponseParser {
 public:
  explicit ResponseParser(std::size_t max_header_bytes);
  ~ResponseParser();
  // Before each message. Trailers are skipped. `to_head`: the answer to a HEAD request has no body.
  void reset(bool to_head);
  // One element: the head, a chunk's line, or a piece of body (at most one call of `body`).
  Fed feed(std::string_view bytes, FunctionRef<void(std::string_view)> body);
  // The connection ended in order: kDone when that ends the body, else kMalformed.
  ParseState end_of_stream();
  bool header_done() const;
  int status() const;
  const Headers& headers() const;
  bool keep_alive() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl::http
