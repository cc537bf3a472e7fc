#include "infrastructure/http/client.h"

#include <list>
#include <utility>

#include "infrastructure/http/client_exchange.h"

namespace pawl::http {

namespace {

class ExchangeHandle final : public ClientExchange {
 public:
  explicit ExchangeHandle(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~ExchangeHandle() override { exchange_->abort(); }
  void pause_reading() override { exchange_->pause(); }
  void resume_reading() override { exchange_->resume(); }

 private:
  const std::shared_ptr<Exchange> exchange_;
};

}  // namespace

struct ClientPool::Impl {
  struct Fetch {
    std::unique_ptr<ClientExchange> exchange;
    Response response;
    std::function<void(Result<Response>)> done;
  };
  using Place = std::list<Fetch>::iterator;

  Impl(EventLoop& loop, const ClientOptions& options)
      : context(std::make_shared<ClientContext>(loop, options)) {}

  std::shared_ptr<ClientContext> context;
  std::list<Fetch> fetches;

  void finish(Place place, Result<Response> result) {
    const Fetch fetch = std::move(*place);
    fetches.erase(place);
    fetch.done(std::move(result));
  }
};

ClientPool::ClientPool(EventLoop& loop, const ClientOptions& options)
    : impl_(std::make_shared<Impl>(loop, options)) {}

ClientPool::~ClientPool() = default;

std::unique_ptr<ClientExchange> ClientPool::start(ClientRequest request,
                                                  std::shared_ptr<WriteGate> gate,
                                                  ClientEvents events) {
  auto exchange = std::make_shared<Exchange>(impl_->context, std::move(request), std::move(gate),
                                             std::move(events));
  exchange->start();
  return std::make_unique<ExchangeHandle>(std::move(exchange));
}

void ClientPool::fetch(ClientRequest request, std::function<void(Result<Response>)> done,
                       std::size_t max_body) {
  Impl* impl = impl_.get();
  const Impl::Place place =
      impl->fetches.insert(impl->fetches.end(), Impl::Fetch{nullptr, {}, std::move(done)});
  ClientEvents events;
  events.on_head = [place](int status, const Headers& headers) {
    place->response.status = status;
    place->response.headers = headers;
  };
  events.on_body = [impl, place, max_body](std::string_view bytes) {
    std::string& body = place->response.body;
    if (body.size() + bytes.size() > max_body) {
      impl->finish(place, fail(Code::kTooLarge,
                               "the answer is larger than " + std::to_string(max_body) + " bytes"));
      return;
    }
    body.append(bytes);
  };
  events.on_complete = [impl, place] { impl->finish(place, std::move(place->response)); };
  events.on_error = [impl, place](const ClientError& error) {
    impl->finish(place, fail(error.error));
  };
  place->exchange = start(std::move(request), nullptr, std::move(events));
}

std::size_t ClientPool::idle_connections() const {
  return impl_->context->idle.size();
}

const ClientCounters& ClientPool::counters() const {
  return impl_->context->counters;
}

}  // namespace pawl::http
