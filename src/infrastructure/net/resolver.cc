#include "infrastructure/net/resolver.h"

#include <netdb.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstring>
#include <utility>

namespace pawl {

namespace {

// getaddrinfo() blocks: one thread for all look-ups of the process.
boost::asio::thread_pool& resolver_thread() {
  static boost::asio::thread_pool pool(1);
  return pool;
}

Result<std::vector<SocketAddress>> look_up(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int problem = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; problem == 0 && entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    address.size = entry->ai_addrlen;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    addresses.push_back(address);
  }
  if (addresses.empty()) {
    return fail(Code::kUpstreamUnavailable,
                "host name \"" + host +
                    "\": " + (problem == 0 ? "it has no address" : ::gai_strerror(problem)));
  }
  return addresses;
}

}  // namespace

struct Lookup::Impl {
  Done done;  // empty: cancelled

  void finish(Result<std::vector<SocketAddress>> result) {
    if (Done call = std::exchange(done, nullptr)) {
      call(std::move(result));
    }
  }
};

Lookup::Lookup(EventLoop& loop, const std::string& host, std::uint16_t port, Done done)
    : impl_(std::make_shared<Impl>()) {
  impl_->done = std::move(done);
  const SocketAddress literal = SocketAddress::ip(host, port);
  if (literal.size != 0) {
    loop.post([impl = impl_, literal] { impl->finish(std::vector<SocketAddress>{literal}); });
    return;
  }
  // The thread may outlive this, and the loop: it holds neither, and the callback stays here.
  boost::asio::post(resolver_thread(), [weak = std::weak_ptr(impl_), post = loop.poster(), host,
                                        port = std::to_string(port)] {
    if (weak.expired()) {
      return;  // nobody waits any more: the next one need not wait for a name server
    }
    post([weak, found = look_up(host, port)] {
      if (const std::shared_ptr<Impl> impl = weak.lock()) {
        impl->finish(found);
      }
    });
  });
}

Lookup::~Lookup() {
  impl_->done = nullptr;
}

}  // namespace pawl
