#include "app/daemon/upstream_factory.h"

#include "execution/supervision/child_servers.h"
#include "infrastructure/upstream/http_upstream.h"
#include "infrastructure/upstream/stdio_upstream.h"

namespace pawl {
namespace {

std::unique_ptr<mcp::Upstream> make_http(const UpstreamParts& parts,
                                         const mcp::ServerConfig& config) {
  mcp::HttpOptions options;
  options.name = config.name;
  options.url = config.url;
  options.headers = config.headers;
  options.version = kVersion;
  options.plumbing = parts.plumbing(config.name);
  options.start_timeout = config.start_timeout;
  return std::make_unique<mcp::HttpUpstream>(parts.loop, parts.pool, std::move(options));
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
  auto children = std::make_shared<ChildServers>(parts.loop, parts.guard, parts.folder.root,
                                                 parts.files);
  return [parts, children](const mcp::ServerConfig& config,
                           const std::string& key) -> std::unique_ptr<mcp::Upstream> {
    if (!config.url.empty()) {
      return make_http(parts, config);
    }
    ChildOptions limits;
    limits.user = parts.child_user;
    mcp::StdioOptions options;
    options.name = config.name + " (" + key + ")";
    options.version = kVersion;
    options.plumbing = parts.plumbing(config.name);
    options.start_timeout = config.start_timeout;
    return std::make_unique<mcp::StdioUpstream>(parts.loop, std::move(options),
                                                children->transport(config, key, limits));
  };
}

}  // namespace pawl
