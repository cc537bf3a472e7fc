#include "infrastructure/http/parser.h"

// Beast asserts what it believes of the bytes of a peer; here such a belief that fails refuses the
// message instead of ending the process.
#define BOOST_ENABLE_ASSERT_HANDLER

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

namespace pawl::http {

namespace {

struct BeastAssertion {};

}  // namespace

}  // namespace pawl::http

namespace boost {

void assertion_failed(char const*, char const*, char const*, long) {
  throw pawl::http::BeastAssertion{};
}

void assertion_failed_msg(char const*, char const*, char const*, char const*, long) {
  throw pawl::http::BeastAssertion{};
}

}  // namespace boost

namespace pawl::http {

namespace {

namespace beast = boost::beast;
using beast::error_code;
using Text = beast::string_view;

constexpr std::size_t kMaxReserve = 64 * 1024;  // of a body, on the client's word alone

std::string_view view(Text text) {
  return {text.data(), text.size()};
}

std::uint32_t header_limit(std::size_t bytes) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(bytes, std::numeric_limits<std::uint32_t>::max()));
}

ParseState state_of(const error_code& error) {
  namespace http = beast::http;
  if (error == http::error::need_more) {
    return ParseState::kNeedMore;
  }
  if (error == http::error::header_limit) {
    return ParseState::kHeaderTooLarge;
  }
  if (error == http::error::body_limit) {
    return ParseState::kBodyTooLarge;
  }
  const bool unsupported = error == http::error::bad_version;
  return unsupported ? ParseState::kUnsupported : ParseState::kMalformed;
}

// Collects fields, and refuses what two readers of the same bytes could frame differently.
template <bool kIsRequest>
class Collector : public beast::http::basic_parser<kIsRequest> {
 public:
  Headers headers;
  int version = 11;
  std::size_t max_header_bytes = 0;
  std::size_t header_bytes = 0;  // consumed so far
  bool has_expect = false;
  const char* input_end = nullptr;  // of the bytes being fed

 protected:
  void on_field_impl(beast::http::field name, Text name_text, Text value, error_code& ec) final {
    ec = {};
    if (this->is_header_done()) {
      return;  // a trailer: never merged into the header (RFC 9110, 6.5.1)
    }
    if (is_folded(view(name_text), view(value))) {
      ec = beast::http::error::bad_obs_fold;
      return;
    }
    const bool digits = view(value).find_first_not_of("0123456789") == std::string_view::npos;
    if (name == beast::http::field::content_length && (++content_lengths_ > 1 || !digits)) {
      ec = beast::http::error::multiple_content_length;
      return;
    }
    if (name == beast::http::field::transfer_encoding &&
        (content_lengths_ > 0 || version < 11 || !equal_ignoring_case(view(value), "chunked"))) {
      ec = beast::http::error::bad_transfer_encoding;
      return;
    }
    has_expect = has_expect || (name == beast::http::field::expect &&
                                equal_ignoring_case(view(value), "100-continue"));
    headers.add(view(name_text), view(value));
  }
  void on_chunk_header_impl(std::uint64_t, Text, error_code& ec) final { ec = {}; }
  void on_finish_impl(error_code& ec) final { ec = {}; }

 private:
  // A folded value was joined outside of the input, or has a line break before it.
  bool is_folded(std::string_view name, std::string_view value) const {
    const std::less<const char*> before;
    const char* const name_end = name.data() + name.size();
    const char* const begin = value.data();
    if (before(begin, name_end) || before(input_end, begin + value.size())) {
      return true;
    }
    return std::find(name_end, begin, '\r') != begin;
  }
  int content_lengths_ = 0;
};

class RequestCollector final : public Collector<true> {
 public:
  std::string method;
  std::string target;
  std::string body;
  bool head_checked = false;

 protected:
  void on_request_impl(beast::http::verb, Text method_text, Text target_text, int http_version,
                       error_code& ec) override {
    ec = {};
    version = http_version;
    method = view(method_text);
    target = view(target_text);
  }
  void on_response_impl(int, Text, int, error_code&) override {}
  void on_header_impl(error_code& ec) override { ec = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override {
    ec = {};
    body.reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(length.value_or(0), kMaxReserve)));
  }
  std::size_t on_body_impl(Text bytes, error_code& ec) override {
    ec = {};
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, error_code& ec) override {
    return on_body_impl(bytes, ec);
  }
};

class ResponseCollector final : public Collector<false> {
 public:
  int status = 0;
  const FunctionRef<void(std::string_view)>* sink = nullptr;

 protected:
  void on_request_impl(beast::http::verb, Text, Text, int, error_code&) override {}
  void on_response_impl(int code, Text, int http_version, error_code& ec) override {
    ec = {};
    if (code < 100) {
      ec = beast::http::error::bad_status;
      return;
    }
    version = http_version;
    status = code;
  }
  void on_header_impl(error_code& ec) override { ec = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& ec) override {
    ec = {};
  }
  std::size_t on_body_impl(Text bytes, error_code& ec) override {
    ec = {};
    if (!bytes.empty()) {
      (*sink)(view(bytes));
    }
    return bytes.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, error_code& ec) override {
    return on_body_impl(bytes, ec);
  }
};

// Beast believes that a body's last chunk comes with at least five bytes once its line was seen.
// With four of them ("0", a line end and one byte) it is not asked: the fifth always follows.
bool is_cut_last_chunk(std::string_view bytes) {
  return bytes.size() == 4 && bytes.starts_with("0\r\n");
}

// One step: up to the head's end, or as far as it goes.
template <class Parser>
Fed feed_once(Parser& parser, std::string_view bytes) {
  parser.input_end = bytes.data() + bytes.size();
  const bool in_header = !parser.is_header_done();
  if (!in_header && parser.chunked() && is_cut_last_chunk(bytes)) {
    return {0, ParseState::kNeedMore};
  }
  error_code error;
  std::size_t used = 0;
  try {
    used = parser.put({bytes.data(), bytes.size()}, error);
  } catch (const BeastAssertion&) {
    return {0, ParseState::kMalformed};
  }
  if (in_header) {
    // The parser's own limit sees only what it has not consumed yet.
    parser.header_bytes += used;
    const std::size_t pending = parser.is_header_done() ? 0 : bytes.size() - used;
    const bool fine_so_far = !error || error == beast::http::error::need_more;
    if (fine_so_far && parser.header_bytes + pending > parser.max_header_bytes) {
      return {used, ParseState::kHeaderTooLarge};
    }
  }
  if (error) {
    return {used, state_of(error)};
  }
  return {used, parser.is_done() ? ParseState::kDone : ParseState::kNeedMore};
}

template <class Parser>
Fed feed_all(Parser& parser, std::string_view bytes) {
  Fed all;
  while (all.consumed < bytes.size() && !parser.is_done()) {
    const Fed fed = feed_once(parser, bytes.substr(all.consumed));
    all.consumed += fed.consumed;
    all.state = fed.state;
    if (fed.state != ParseState::kNeedMore || fed.consumed == 0) {
      return all;
    }
  }
  all.state = parser.is_done() ? ParseState::kDone : ParseState::kNeedMore;
  return all;
}

// Absolute form (RFC 9112, 3.2.2): the authority is dropped, Host speaks for it.
void split_target(const std::string& target, Request& request) {
  std::string_view rest = target;
  const std::size_t scheme = rest.find("://");
  if (rest.front() != '/' && scheme != std::string_view::npos) {
    rest.remove_prefix(scheme + 3);
    rest.remove_prefix(std::min(rest.find_first_of("/?"), rest.size()));
  }
  const std::size_t question = rest.find('?');
  request.path = rest.substr(0, question);
  if (question != std::string_view::npos) {
    request.query = rest.substr(question + 1);
  }
  if (request.path.empty()) {
    request.path = "/";
  }
}

}  // namespace

struct RequestParser::Impl {
  ParserLimits limits;
  std::optional<RequestCollector> collector;
};

RequestParser::RequestParser(const ParserLimits& limits) : impl_(new Impl{limits, {}}) {
  reset();
}

RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  RequestCollector& collector = impl_->collector.emplace();
  collector.header_limit(header_limit(impl_->limits.max_header_bytes));
  collector.body_limit(impl_->limits.max_body_bytes);
  collector.max_header_bytes = impl_->limits.max_header_bytes;
}

Fed RequestParser::feed(std::string_view bytes) {
  // A method is letters: a TLS greeting or other binary talk is refused at its first byte.
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  RequestCollector& collector = *impl_->collector;
  if (!collector.is_header_done() && !bytes.empty() && !is_letter(bytes.front()) &&
      collector.method.empty()) {
    return {0, ParseState::kMalformed};
  }
  Fed fed = feed_all(collector, bytes);
  const bool header_done = collector.is_header_done() && fed.state <= ParseState::kDone;
  if (header_done && !std::exchange(collector.head_checked, true)) {
    const std::string& target = collector.target;
    const std::size_t hosts = collector.headers.count("Host");
    const bool has_form =
        target.front() == '/' || target == "*" || target.find("://") != std::string::npos;
    if (hosts > 1 || (hosts == 0 && collector.version >= 11) || !has_form) {
      fed.state = ParseState::kMalformed;
    }
  }
  return fed;
}

bool RequestParser::header_done() const {
  return impl_->collector->is_header_done();
}

bool RequestParser::expects_continue() const {
  const RequestCollector& collector = *impl_->collector;
  return collector.has_expect && collector.version >= 11 && collector.is_header_done() &&
         !collector.is_done() && collector.body.empty();
}

bool RequestParser::keep_alive() const {
  return impl_->collector->keep_alive();
}

bool RequestParser::speaks_1_1() const {
  return impl_->collector->version >= 11;
}

Request RequestParser::head() const {
  const RequestCollector& collector = *impl_->collector;
  Request request;
  request.method = collector.method;
  request.target = collector.target;
  split_target(request.target, request);
  request.headers = collector.headers;
  return request;
}

std::size_t RequestParser::body_bytes() const {
  return impl_->collector->body.size();
}

Request RequestParser::take() {
  RequestCollector& collector = *impl_->collector;
  Request request;
  request.method = std::move(collector.method);
  request.target = std::move(collector.target);
  split_target(request.target, request);
  request.headers = std::move(collector.headers);
  request.body = std::move(collector.body);
  return request;
}

struct ResponseParser::Impl {
  std::size_t max_header_bytes;
  std::optional<ResponseCollector> collector;
};

ResponseParser::ResponseParser(std::size_t max_header_bytes)
    : impl_(new Impl{max_header_bytes, {}}) {
  reset(false);
}

ResponseParser::~ResponseParser() = default;

void ResponseParser::reset(bool to_head) {
  ResponseCollector& collector = impl_->collector.emplace();
  collector.header_limit(header_limit(impl_->max_header_bytes));
  collector.body_limit(boost::none);
  collector.max_header_bytes = impl_->max_header_bytes;
  collector.skip(to_head);
}

Fed ResponseParser::feed(std::string_view bytes, FunctionRef<void(std::string_view)> body) {
  constexpr std::string_view kStart = "HTTP/1.";
  ResponseCollector& collector = *impl_->collector;
  if (collector.status == 0 &&
      bytes.substr(0, kStart.size()) != kStart.substr(0, std::min(bytes.size(), kStart.size()))) {
    return {0, ParseState::kMalformed};
  }
  collector.sink = &body;
  return feed_once(collector, bytes);
}

ParseState ResponseParser::end_of_stream() {
  ResponseCollector& collector = *impl_->collector;
  if (collector.is_done()) {
    return ParseState::kDone;
  }
  if (!collector.is_header_done()) {
    return ParseState::kMalformed;
  }
  error_code error;
  collector.put_eof(error);
  return !error && collector.is_done() ? ParseState::kDone : ParseState::kMalformed;
}

bool ResponseParser::header_done() const {
  return impl_->collector->is_header_done();
}
int ResponseParser::status() const {
  return impl_->collector->status;
}
const Headers& ResponseParser::headers() const {
  return impl_->collector->headers;
}
bool ResponseParser::keep_alive() const {
  return impl_->collector->keep_alive();
}

}  // namespace pawl::http
