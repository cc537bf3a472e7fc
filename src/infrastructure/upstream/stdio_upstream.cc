#include "infrastructure/upstream/stdio_upstream.h"

#include <utility>

#include "infrastructure/upstream/stdio_link.h"

namespace pawl::mcp {

namespace {

OpenTransport once(std::unique_ptr<LineTransport> attached) {
  auto kept = std::make_shared<std::unique_ptr<LineTransport>>(std::move(attached));
  return [kept]() -> Result<std::unique_ptr<LineTransport>> {
    if (*kept == nullptr) {
      return fail(Code::kUpstreamUnavailable, "its connection ended");
    }
    return std::move(*kept);
  };
}

}  // namespace

StdioUpstream::StdioUpstream(EventLoop& loop, StdioOptions options, OpenTransport open)
    : link_(std::make_shared<Link>(loop, std::move(options), std::move(open))) {}

StdioUpstream::StdioUpstream(EventLoop& loop, StdioOptions options,
                             std::unique_ptr<LineTransport> attached)
    : StdioUpstream(loop, std::move(options), once(std::move(attached))) {}

StdioUpstream::~StdioUpstream() {
  link_->unsolicited = nullptr;
  link_->closed = nullptr;
  link_->close(true);
}

void StdioUpstream::start(Opening opening, std::function<void(Result<UpstreamHello>)> done) {
  link_->start(std::move(opening), std::move(done));
}

std::unique_ptr<UpstreamExchange> StdioUpstream::request(const Request& request,
                                                         std::shared_ptr<WriteGate> gate,
                                                         std::shared_ptr<ExchangeEvents> events) {
  class Handle final : public UpstreamExchange {
   public:
    Handle(std::weak_ptr<Link> link, std::shared_ptr<StdioCall> call)
        : link_(std::move(link)), call_(std::move(call)) {}
    ~Handle() override {
      if (const auto link = link_.lock()) {
        link->abandon(call_);
      }
      call_->detach();
    }
    void timed_out() override {
      if (const auto link = link_.lock()) {
        link->timed_out(*call_);
      }
    }
    void pause() override { call_->pause(); }
    void resume() override { call_->resume(); }

   private:
    const std::weak_ptr<Link> link_;
    const std::shared_ptr<StdioCall> call_;
  };
  return std::make_unique<Handle>(link_,
                                  link_->request(request, std::move(gate), std::move(events)));
}

void StdioUpstream::notify(const jsonrpc::Message& message, std::shared_ptr<WriteGate> gate) {
  link_->notify(message, std::move(gate));
}

void StdioUpstream::answer(const std::string& id_text, std::string_view body, bool is_error,
                           std::shared_ptr<WriteGate> gate, std::function<void(bool sent)> sent) {
  link_->answer(id_text, body, is_error, std::move(gate), std::move(sent));
}

void StdioUpstream::on_unsolicited(std::function<void(jsonrpc::Message)> handler) {
  link_->unsolicited = std::move(handler);
}

void StdioUpstream::on_closed(std::function<void(std::string reason)> handler) {
  link_->closed = std::move(handler);
}

void StdioUpstream::close() {
  link_->close(true);
}

const UpstreamHello* StdioUpstream::hello() const {
  return link_->hello();
}

bool StdioUpstream::is_open() const {
  return link_->is_open();
}

const StdioCounters& StdioUpstream::counters() const {
  return link_->counters;
}

}  // namespace pawl::mcp
