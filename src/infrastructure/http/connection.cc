#include "infrastructure/http/connection.h"

#include <utility>

#include "infrastructure/http/response_writer.h"

namespace pawl::http {

namespace {

constexpr std::chrono::milliseconds kLinger{2'000};
constexpr int kDiscardsPerWake = 8;
constexpr std::size_t kBufferBeyondHeader = 8 * 1024;

}  // namespace

Connection::Connection(std::shared_ptr<ServerContext> server, int fd, Peer peer)
    : server_(std::move(server)),
      stream_(server_->loop, fd, *this),
      peer_(std::move(peer)),
      input_(server_->options.max_header_bytes + kBufferBeyondHeader),
      parser_({server_->options.max_header_bytes, server_->options.max_body_bytes}),
      deadline_(server_->deadlines, [this] { on_deadline(); }) {}

void Connection::start(std::unique_ptr<TlsSession> tls) {
  if (tls != nullptr) {
    stream_.start_tls(std::move(tls));
    enter(State::kHandshake);
  } else {
    enter(State::kIdle);
  }
  stream_.want_read();
}

void Connection::refuse() {
  place_in(server_->leaving);
  answer_and_close(503, "too many connections");
}

void Connection::close() {
  if (std::exchange(state_, State::kClosed) == State::kClosed) {
    return;
  }
  leave_body();
  leave_holder();
  deadline_.clear();
  queue_.clear();
  leave_output();
  drained_ = nullptr;
  disconnected_ = nullptr;
  stream_.close();
  if (list_ != nullptr) {
    std::exchange(list_, nullptr)->erase(place_);  // may be the last reference: nothing follows
  }
}

void Connection::place_in(Connections& list) {
  if (list_ == nullptr) {
    place_ = list.insert(list.end(), shared_from_this());
  } else {
    list.splice(list.end(), *list_, place_);
  }
  list_ = &list;
}

void Connection::enter(State state) {
  state_ = state;
  if (state != State::kBody) {
    leave_body();
  }
  if (state != State::kAnswering) {
    leave_holder();
  }
  const ServerOptions& options = server_->options;
  switch (state) {
    case State::kHandshake:
      place_in(server_->fresh);
      deadline_.set_in(options.header_timeout);
      return;
    case State::kIdle:
      place_in(answer_ == 0 ? server_->fresh : server_->idle);
      deadline_.set_in(options.idle_timeout);
      return;
    case State::kHeader:
      place_in(server_->fresh);
      deadline_.set_in(options.header_timeout);
      return;
    case State::kBody:
      place_in(server_->arriving);
      deadline_.set_in(options.body_timeout);
      return;
    case State::kAnswering:
      if (list_ != &server_->leaving) {
        place_in(server_->busy);
      }
      deadline_.clear();
      return;
    case State::kLingering:
      place_in(server_->leaving);
      deadline_.set_in(kLinger);
      return;
    case State::kClosed:
      return;
  }
}

void Connection::on_readable() {
  const auto self = shared_from_this();
  if (state_ == State::kHandshake) {
    handshake();
    return;
  }
  if (state_ == State::kLingering) {
    discard_input();
    return;
  }
  if (stream_.tls() != nullptr && !queue_.empty()) {
    flush();  // a TLS write may have waited for the peer
  }
  read_some();
  process();
}

void Connection::on_writable() {
  const auto self = shared_from_this();
  if (state_ == State::kHandshake) {
    handshake();
    return;
  }
  flush();
  if (stream_.tls() != nullptr && state_ != State::kClosed && state_ != State::kLingering) {
    read_some();  // a TLS read may have waited to write
    process();
  }
}

void Connection::on_deadline() {
  const auto self = shared_from_this();
  switch (state_) {
    case State::kHeader:
    case State::kBody:
      ++server_->counters.timeouts;
      answer_and_close(408, "the request did not arrive in time");
      return;
    case State::kAnswering:
      ++server_->counters.timeouts;
      stream_.reset_on_close();
      broken();
      return;
    default:
      close();
      return;
  }
}

void Connection::handshake() {
  TlsSession& tls = *stream_.tls();
  switch (tls.handshake().state) {
    case IoState::kDone:
      peer_.tls = true;
      peer_.client_certificate_pem = tls.peer_certificate_pem();
      peer_.uri_sans = tls.peer_uri_sans();
      enter(State::kIdle);
      read_some();
      process();
      return;
    case IoState::kBlocked:
    case IoState::kBlockedOnRead:
      stream_.want_read();
      return;
    case IoState::kBlockedOnWrite:
      stream_.want_write();
      return;
    case IoState::kEnd:
    case IoState::kFailed:
      ++server_->counters.tls_failures;
      close();
      return;
  }
}

void Connection::read_some() {
  if (state_ == State::kClosed || peer_ended_ || input_.full()) {
    return;
  }
  char* space = input_.space();
  const Io io = stream_.read(space, input_.space_size());
  switch (io.state) {
    case IoState::kDone:
      input_.added(io.bytes);
      return;
    case IoState::kBlocked:
    case IoState::kBlockedOnRead:
      return;
    case IoState::kBlockedOnWrite:
      stream_.want_write();
      return;
    case IoState::kEnd:
      peer_ended_ = true;
      if (state_ == State::kAnswering) {
        tell_disconnect();
      }
      return;
    case IoState::kFailed:
      broken();
      return;
  }
}

void Connection::discard_input() {
  for (int reads = 0; reads < kDiscardsPerWake; ++reads) {
    input_.clear();
    char* space = input_.space();
    const Io io = stream_.read(space, input_.space_size());
    if (io.state == IoState::kEnd || io.state == IoState::kFailed) {
      close();
      return;
    }
    if (io.state != IoState::kDone) {
      break;
    }
  }
  stream_.want_read();
}

void Connection::process() {
  if (processing_) {
    return;  // an answer given from within the handler: the loop below goes on
  }
  processing_ = true;
  while (waits_for_request() && !input_.empty() && parse()) {
  }
  processing_ = false;
  if (waits_for_request() && peer_ended_) {
    close();
    return;
  }
  const bool reads = waits_for_request() || state_ == State::kAnswering;
  if (reads && !peer_ended_ && !input_.full()) {
    stream_.want_read();  // also while answering: that is how a client's leaving is noticed
  }
}

bool Connection::parse() {
  const Fed fed = parser_.feed(input_.data());
  input_.consume(fed.consumed);
  if (fed.state == ParseState::kDone) {
    dispatch();
    return true;
  }
  if (fed.state != ParseState::kNeedMore) {
    return refuse_request(fed.state);
  }
  if (input_.full()) {
    return refuse_request(ParseState::kMalformed);  // a chunk's line without end
  }
  if (state_ == State::kIdle) {
    enter(State::kHeader);
  }
  if (state_ == State::kHeader && parser_.header_done()) {
    enter(State::kBody);
    if (!begin_body()) {
      return false;
    }
    if (parser_.expects_continue()) {
      queue_.push("HTTP/1.1 100 Continue\r\n\r\n", nullptr);
      flush();
    }
  }
  if (state_ == State::kBody) {
    count_body();
  }
  return false;
}

bool Connection::begin_body() {
  Entrance entrance;
  if (server_->options.head_check) {
    Request head = parser_.head();
    head.peer = peer_;
    entrance = server_->options.head_check(head);
  }
  if (entrance.refusal) {
    ++server_->counters.refused_at_header;
    parser_.reset();
    answer_and_close(*std::move(entrance.refusal));
    return false;
  }
  body_ = server_->bodies.open(entrance.holder);
  server_->reading.emplace(body_, this);
  return true;
}

void Connection::count_body() {
  for (const UnfinishedBodies::Ticket gone : server_->bodies.grow(body_, parser_.body_bytes())) {
    const auto found = server_->reading.find(gone);
    if (found != server_->reading.end()) {
      found->second->shed();
    }
  }
}

void Connection::leave_body() {
  if (body_ != 0) {
    server_->reading.erase(body_);
    server_->bodies.close(std::exchange(body_, 0));
  }
}

void Connection::shed() {
  const auto self = shared_from_this();
  ++server_->counters.unfinished_shed;
  parser_.reset();
  answer_and_close({503,
                    {{"Content-Type", "text/plain"}, {"Retry-After", "1"}},
                    "too many unfinished requests; send it again later\n"});
}

bool Connection::refuse_request(ParseState state) {
  ServerCounters& counters = server_->counters;
  if (state == ParseState::kHeaderTooLarge) {
    ++counters.header_too_large;
    answer_and_close(431, "the request's header is larger than " +
                              std::to_string(server_->options.max_header_bytes) + " bytes");
  } else if (state == ParseState::kBodyTooLarge) {
    ++counters.body_too_large;
    answer_and_close(413, "the request's body is larger than " +
                              std::to_string(server_->options.max_body_bytes) + " bytes");
  } else if (state == ParseState::kUnsupported) {
    ++counters.bad_request;
    answer_and_close(505, "expected HTTP/1.1");
  } else {
    ++counters.bad_request;
    answer_and_close(400, "not a valid HTTP/1.1 request");
  }
  return false;
}

void Connection::dispatch() {
  ++server_->counters.requests;
  keep_alive_ = parser_.keep_alive() && parser_.speaks_1_1();
  chunked_ = parser_.speaks_1_1();
  Request request = parser_.take();
  request.peer = peer_;
  head_request_ = request.method == "HEAD";
  parser_.reset();
  enter(State::kAnswering);
  answer_state_ = Answer::kNone;
  told_disconnect_ = false;
  ++answer_;
  server_->handler(std::move(request),
                   make_response_writer(server_->loop, weak_from_this(), answer_));
}

}  // namespace pawl::http
