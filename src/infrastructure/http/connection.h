// One server connection: the state machine between a socket and the handler.
//
// Purpose:    reads one request at a time, hands it on, writes the answer, reads the next.
// Threading:  the loop's own thread.
// Ownership:  kept alive by its server's list until it closes; writers hold weak references. The
//             context outlives it, so that a handler may destroy the server.
// Not errors: the peer's end in any state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "infrastructure/http/head.h"
#include "infrastructure/http/parser.h"
#include "infrastructure/http/read_buffer.h"
#include "infrastructure/http/server.h"
#include "infrastructure/http/unfinished_bodies.h"
#include "infrastructure/net/deadlines.h"
#include "infrastructure/net/gated_queue.h"
#include "infrastructure/net/send_round.h"
#include "infrastructure/net/stream.h"

namespace pawl::http {

class Connection;
using Connections = std::list<std::shared_ptr<Connection>>;

// What a connection needs of its server.
struct ServerContext {
  ServerContext(EventLoop& event_loop, const ServerOptions& server_options, Handler handle)
      : loop(event_loop),
        options(server_options),
        handler(std::move(handle)),
        deadlines(event_loop),
        bodies(server_options.max_unfinished_bytes) {}

  EventLoop& loop;
  const ServerOptions options;
  const Handler handler;
  Deadlines deadlines;
  ServerCounters counters;
  UnfinishedBodies bodies;
  std::map<UnfinishedBodies::Ticket, Connection*> reading;  // by body
  std::map<std::string, std::size_t> answering;             // connections, by their holder
  bool stopping = false;
  Connections fresh;     // the head of a request is awaited, by one that sent none yet, or read
  Connections idle;      // between two requests
  Connections arriving;  // a body is read; these three oldest first
  Connections busy;      // an answer is under way
  Connections leaving;   // told to go: a last answer is being written or the peer's end awaited

  std::size_t served() const { return fresh.size() + idle.size() + arriving.size() + busy.size(); }
};

class Connection final : public FdEvents,
                         public Sender,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerContext> server, int fd, Peer peer);

  // Joins the server's list; `tls` may be null.
  void start(std::unique_ptr<TlsSession> tls);
  void refuse();  // answers 503 without reading and closes
  void close();   // at once; the server forgets it
  bool is_waiting() const { return state_ == State::kHandshake || state_ == State::kIdle; }

  // The writer's side; `answer` is the request's number, an old one is ignored.
  void send(std::uint64_t answer, Response response, std::shared_ptr<WriteGate> gate);
  void start_stream(std::uint64_t answer, int status, const Headers& headers);
  void write(std::uint64_t answer, std::string bytes, std::shared_ptr<WriteGate> gate);
  void finish(std::uint64_t answer);
  void abort(std::uint64_t answer);
  void dropped(std::uint64_t answer);  // the last reference to the writer is gone
  bool charge(std::uint64_t answer, const std::string& holder);
  bool is_open(std::uint64_t answer) const;
  std::size_t queued_bytes(std::uint64_t answer) const {
    return current(answer) ? queue_.size() : 0;
  }
  void on_drained(std::uint64_t answer, std::function<void()> handler);
  void on_disconnect(std::uint64_t answer, std::function<void()> handler);

 private:
  enum class State { kHandshake, kIdle, kHeader, kBody, kAnswering, kLingering, kClosed };
  enum class Answer { kNone, kStreaming, kComplete };  // what the writer gave so far

  void on_readable() override;
  void on_writable() override;
  void on_deadline();
  void handshake();
  void read_some();
  void discard_input();
  void process();
  bool parse();       // false: wait for more bytes, or the connection ended
  bool begin_body();  // false: refused
  void count_body();
  void leave_body();
  void shed();
  void dispatch();
  void enter(State state);
  void place_in(Connections& list);
  bool refuse_request(ParseState state);  // always false
  void answer_and_close(int status, std::string_view text);
  void answer_and_close(Response response);
  void push_head(int status, Framing framing, std::size_t length, const Headers& headers,
                 const std::shared_ptr<WriteGate>& gate);
  Socket to_send() override;
  void flush() override;
  void sent(GatedQueue::Flushed flushed, std::uint64_t before) override;
  void leave_holder();
  void count_output();
  void leave_output();
  void cut_off(OutputBudget::Ticket over);
  void answer_written();
  void linger();
  void broken();  // the answer can't be finished: close and tell
  void tell_disconnect();
  void check_drained();
  bool waits_for_request() const {
    return state_ == State::kIdle || state_ == State::kHeader || state_ == State::kBody;
  }
  bool current(std::uint64_t answer) const {
    return answer == answer_ && state_ == State::kAnswering;
  }

  const std::shared_ptr<ServerContext> server_;
  Stream stream_;
  Peer peer_;
  ReadBuffer input_;
  RequestParser parser_;
  GatedQueue queue_;
  Deadlines::Entry deadline_;
  Connections* list_ = nullptr;  // null: not in one
  Connections::iterator place_;

  State state_ = State::kIdle;
  UnfinishedBodies::Ticket body_ = 0;  // while one is read
  Answer answer_state_ = Answer::kNone;
  std::uint64_t answer_ = 0;         // number of the current request
  std::string holder_;               // whom it serves; empty: nobody was named
  OutputBudget::Ticket output_ = 0;  // while bytes wait for the reader
  bool head_request_ = false;
  bool chunked_ = false;
  bool keep_alive_ = true;
  bool peer_ended_ = false;  // FIN seen
  bool told_disconnect_ = false;
  bool processing_ = false;
  std::function<void()> drained_;
  std::function<void()> disconnected_;
};

}  // namespace pawl::http
