#include "infrastructure/upstream/http_upstream.h"

#include <utility>

#include "infrastructure/upstream/http_call.h"
#include "infrastructure/upstream/http_link.h"

namespace pawl::mcp {

namespace {

class Handle final : public UpstreamExchange {
 public:
  Handle(std::weak_ptr<HttpLink> link, std::shared_ptr<HttpCall> call)
      : link_(std::move(link)), call_(std::move(call)) {}
  ~Handle() override {
    if (const auto link = link_.lock()) {
      call_->abandon();
    }
  }
  void pause() override { call_->pause(); }
  void resume() override { call_->resume(); }

 private:
  const std::weak_ptr<HttpLink> link_;
  const std::shared_ptr<HttpCall> call_;
};

}  // namespace

HttpUpstream::HttpUpstream(EventLoop& loop, http::ClientPool& pool, HttpOptions options)
    : link_(std::make_shared<HttpLink>(loop, pool, std::move(options))) {}

HttpUpstream::~HttpUpstream() {
  link_->unsolicited = nullptr;
  link_->closed = nullptr;
  link_->close();
}

void HttpUpstream::start(Opening opening, std::function<void(Result<UpstreamHello>)> done) {
  link_->start(std::move(opening), std::move(done));
}

std::unique_ptr<UpstreamExchange> HttpUpstream::request(const Request& request,
                                                        std::shared_ptr<WriteGate> gate,
                                                        std::shared_ptr<ExchangeEvents> events) {
  return std::make_unique<Handle>(link_,
                                  link_->request(request, std::move(gate), std::move(events)));
}

void HttpUpstream::notify(const jsonrpc::Message& message, std::shared_ptr<WriteGate> gate) {
  link_->notify(message, std::move(gate));
}

void HttpUpstream::answer(const std::string& id_text, std::string_view body, bool is_error,
                          std::shared_ptr<WriteGate> gate, std::function<void(bool sent)> sent) {
  link_->answer(id_text, body, is_error, std::move(gate), std::move(sent));
}

void HttpUpstream::on_unsolicited(std::function<void(jsonrpc::Message)> handler) {
  link_->unsolicited = std::move(handler);
}

void HttpUpstream::on_closed(std::function<void(std::string reason)> handler) {
  link_->closed = std::move(handler);
}

void HttpUpstream::close() {
  link_->close();
}

bool HttpUpstream::is_open() const {
  return link_->is_open();
}

const UpstreamHello* HttpUpstream::hello() const {
  return link_->hello();
}

const HttpCounters& HttpUpstream::counters() const {
  return link_->counters;
}

}  // namespace pawl::mcp
