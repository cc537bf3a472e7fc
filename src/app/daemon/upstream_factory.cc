#include "app/daemon/upstream_factory.h"

#include "execution/supervision/child_servers.h"
#include "infrastructure/upstream/http_upstream.h"
#include "infrastructure/upstream/stdio_upstream.h"

namespace pawl {
namespace {

// One pool for the system's trust store, one for each other CA file.
class Pools {
 public:
  explicit Pools(const UpstreamParts& parts) : loop_(parts.loop), standard_(parts.pool) {}
  http::ClientPool& for_ca(const std::string& ca_file) {
    if (ca_file.empty()) {
      return standard_;
    }
    std::unique_ptr<http::ClientPool>& pool = by_ca_[ca_file];
    if (pool == nullptr) {
      http::ClientOptions options;
      options.ca_file = ca_file;
      pool = std::make_unique<http::ClientPool>(loop_, options);
    }
    return *pool;
  }

 private:
  EventLoop& loop_;
  http::ClientPool& standard_;
  std::map<std::string, std::unique_ptr<http::ClientPool>> by_ca_;
};

mcp::UpstreamWatch watch_of(const UpstreamParts& parts, const std::string& server) {
  return [watch = parts.watch, server](mcp::UpstreamEvent event, std::string_view why) {
    if (watch) {
      watch(server, event, why);
    }
  };
}

std::unique_ptr<mcp::Upstream> make_http(const UpstreamParts& parts, Pools& pools,
                                         const mcp::ServerConfig& config) {
  mcp::HttpOptions options;
  options.name = config.name;
  options.url = config.url;
  options.headers = config.headers;
  options.version = kVersion;
  options.plumbing = parts.plumbing(config.name);
  options.watch = watch_of(parts, config.name);
  options.start_timeout = config.start_timeout;
  return std::make_unique<mcp::HttpUpstream>(parts.loop, pools.for_ca(config.ca_file),
                                             std::move(options));
}

class ShimTransport final : public mcp::LineTransport {
 public:
  explicit ShimTransport(std::unique_ptr<LineChannel> channel) : channel_(std::move(channel)) {}
  LineChannel& channel() override { return *channel_; }
  void stop() override { channel_->close(); }

 private:
  std::unique_ptr<LineChannel> channel_;
};

}  // namespace

std::unique_ptr<mcp::Upstream> make_shim_upstream(EventLoop& loop, const std::string& server,
                                                  std::shared_ptr<WriteGate> plumbing,
                                                  std::unique_ptr<LineChannel> child) {
  mcp::StdioOptions options;
  options.name = server + " (wrapped)";
  options.version = kVersion;
  options.plumbing = std::move(plumbing);
  child->resume();
  return std::make_unique<mcp::StdioUpstream>(loop, std::move(options),
                                              std::make_unique<ShimTransport>(std::move(child)));
}

mcp::UpstreamFactory make_upstream_factory(UpstreamParts parts) {
  auto children =
      std::make_shared<ChildServers>(parts.loop, parts.guard, parts.folder.root, parts.files);
  auto pools = std::make_shared<Pools>(parts);
  return [parts, children, pools](const mcp::ServerConfig& config,
                                  const std::string& key) -> std::unique_ptr<mcp::Upstream> {
    if (!config.url.empty()) {
      return make_http(parts, *pools, config);
    }
    ChildOptions limits;
    limits.user = parts.child_user;
    const auto watch = [&processes = parts.processes, name = config.name,
                        command = config.command] { return processes.watch(name, command); };
    mcp::StdioOptions options;
    options.name = config.name + " (" + key + ")";
    options.version = kVersion;
    options.plumbing = parts.plumbing(config.name);
    options.watch = watch_of(parts, config.name);
    options.start_timeout = config.start_timeout;
    return std::make_unique<mcp::StdioUpstream>(parts.loop, std::move(options),
                                                children->transport(config, key, limits, watch));
  };
}

}  // namespace pawl
