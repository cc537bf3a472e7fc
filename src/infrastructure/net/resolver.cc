#include "infrastructure/net/resolver.h"

#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <utility>

namespace pawl {

namespace {
using Tcp = boost::asio::ip::tcp;
}  // namespace

struct Lookup::Impl {
  explicit Impl(boost::asio::io_context& context) : resolver(context) {}
  Tcp::resolver resolver;
  Done done;  // empty: cancelled

  void finish(Result<std::vector<SocketAddress>> result) {
    if (Done call = std::exchange(done, nullptr)) {
      call(std::move(result));
    }
  }
};

Lookup::Lookup(EventLoop& loop, const std::string& host, std::uint16_t port, Done done)
    : impl_(std::make_shared<Impl>(loop.context())) {
  impl_->done = std::move(done);
  const SocketAddress literal = SocketAddress::ip(host, port);
  if (literal.size != 0) {
    loop.post([impl = impl_, literal] { impl->finish(std::vector<SocketAddress>{literal}); });
    return;
  }
  impl_->resolver.async_resolve(
      host, std::to_string(port), Tcp::resolver::numeric_service,
      [impl = impl_, host](boost::system::error_code error, Tcp::resolver::results_type found) {
        std::vector<SocketAddress> addresses;
        for (const auto& entry : found) {
          SocketAddress address;
          address.size = static_cast<socklen_t>(entry.endpoint().size());
          std::memcpy(&address.storage, entry.endpoint().data(), entry.endpoint().size());
          addresses.push_back(std::move(address));
        }
        if (error || addresses.empty()) {
          impl->finish(
              fail(Code::kUpstreamUnavailable, "host name \"" + host + "\": " + error.message()));
          return;
        }
        impl->finish(std::move(addresses));
      });
}

Lookup::~Lookup() {
  impl_->done = nullptr;
  impl_->resolver.cancel();
}

}  // namespace pawl
