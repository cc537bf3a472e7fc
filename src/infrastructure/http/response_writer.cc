#include "infrastructure/http/response_writer.h"

#include <utility>

#include "infrastructure/http/connection.h"

namespace pawl::http {

namespace {

class ConnectionWriter final : public ResponseWriter {
 public:
  ConnectionWriter(EventLoop& loop, std::weak_ptr<Connection> connection, std::uint64_t answer)
      : loop_(loop), connection_(std::move(connection)), answer_(answer) {}

  ~ConnectionWriter() override {
    if (const auto connection = connection_.lock()) {
      connection->dropped(answer_);
    }
  }
  void send(Response response) override { send_gated(std::move(response), nullptr); }
  void send_gated(Response response, std::shared_ptr<WriteGate> gate) override {
    ended_ = true;
    if (const auto connection = connection_.lock()) {
      connection->send(answer_, std::move(response), std::move(gate));
    }
  }
  void start_stream(int status, Headers headers) override {
    if (const auto connection = connection_.lock()) {
      connection->start_stream(answer_, status, headers);
    }
  }
  void write(std::string bytes, std::shared_ptr<WriteGate> gate) override {
    if (const auto connection = connection_.lock()) {
      connection->write(answer_, std::move(bytes), std::move(gate));
    }
  }
  void finish() override {
    ended_ = true;
    if (const auto connection = connection_.lock()) {
      connection->finish(answer_);
    }
  }
  void abort() override {
    ended_ = true;
    if (const auto connection = connection_.lock()) {
      connection->abort(answer_);
    }
  }
  bool charge(const std::string& holder) override {
    const auto connection = connection_.lock();
    return connection == nullptr || connection->charge(answer_, holder);
  }
  bool is_open() const override {
    const auto connection = connection_.lock();
    return connection != nullptr && connection->is_open(answer_);
  }
  std::size_t queued_bytes() const override {
    const auto connection = connection_.lock();
    return connection == nullptr ? 0 : connection->queued_bytes(answer_);
  }
  void on_drained(std::function<void()> handler) override {
    if (const auto connection = connection_.lock()) {
      connection->on_drained(answer_, std::move(handler));
    }
  }
  void on_disconnect(std::function<void()> handler) override {
    if (const auto connection = connection_.lock()) {
      connection->on_disconnect(answer_, std::move(handler));
    } else if (!ended_) {
      loop_.post(std::move(handler));  // it had left before anyone asked
    }
  }

 private:
  EventLoop& loop_;
  const std::weak_ptr<Connection> connection_;
  const std::uint64_t answer_;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<ResponseWriter> make_response_writer(EventLoop& loop,
                                                     std::weak_ptr<Connection> connection,
                                                     std::uint64_t answer) {
  return std::make_shared<ConnectionWriter>(loop, std::move(connection), answer);
}

}  // namespace pawl::http
