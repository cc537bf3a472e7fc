#include "app/api/noted_writer.h"

#include <utility>

namespace pawl {
namespace {

class NotedWriter final : public http::ResponseWriter {
 public:
  NotedWriter(std::shared_ptr<http::ResponseWriter> writer, Noted noted)
      : writer_(std::move(writer)), noted_(std::move(noted)) {}

  void send(http::Response response) override {
    noted_(response);
    writer_->send(std::move(response));
  }
  void send_gated(http::Response response, std::shared_ptr<WriteGate> gate) override {
    noted_(response);
    writer_->send_gated(std::move(response), std::move(gate));
  }
  void start_stream(int status, http::Headers headers) override {
    writer_->start_stream(status, std::move(headers));
  }
  void write(std::string bytes, std::shared_ptr<WriteGate> gate) override {
    writer_->write(std::move(bytes), std::move(gate));
  }
  void finish() override { writer_->finish(); }
  void abort() override { writer_->abort(); }
  bool charge(const std::string& holder) override { return writer_->charge(holder); }
  bool is_open() const override { return writer_->is_open(); }
  std::size_t queued_bytes() const override { return writer_->queued_bytes(); }
  void on_drained(std::function<void()> handler) override {
    writer_->on_drained(std::move(handler));
  }
  void on_disconnect(std::function<void()> handler) override {
    writer_->on_disconnect(std::move(handler));
  }

 private:
  const std::shared_ptr<http::ResponseWriter> writer_;
  const Noted noted_;
};

}  // namespace

std::shared_ptr<http::ResponseWriter> noted_writer(std::shared_ptr<http::ResponseWriter> writer,
                                                   Noted noted) {
  return std::make_shared<NotedWriter>(std::move(writer), std::move(noted));
}

}  // namespace pawl
