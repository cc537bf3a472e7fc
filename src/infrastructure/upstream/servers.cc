#include "infrastructure/upstream/servers.h"

#include <algorithm>
#include <utility>

#include "base/limit_stat.h"

namespace pawl::mcp {

namespace {

// An HTTP upstream is a session number and a few bytes, no process.
constexpr std::size_t kMaxHttpUpstreams = 4096;
constexpr std::size_t kMaxLearnedTools = 10'000;

std::string own_key(const std::string& session) {
  return "session:" + session;
}

struct Instance {
  std::shared_ptr<Upstream> upstream;
  std::string session;                 // ends with it; empty: outlives sessions
  std::optional<BootTime> idle_since;  // first seen unused
  bool of_shim = false;                // ends with its shim, however idle
};

struct Server {
  ServerConfig config;
  bool attached = false;  // not configured: known to the sessions of its shims only
  std::map<std::string, Instance> instances;  // by isolation key
  std::map<std::string, std::vector<ParamHeader>> params;

  // Of the session's shim, or end().
  std::map<std::string, Instance>::iterator shim_of(const std::string& session) {
    const auto own = session.empty() ? instances.end() : instances.find(own_key(session));
    return own != instances.end() && own->second.of_shim ? own : instances.end();
  }
  std::size_t limit() const {
    return config.url.empty() ? config.max_upstreams
                              : std::max(config.max_upstreams, kMaxHttpUpstreams);
  }
};

struct Key {
  std::string text;
  std::string session;  // the session it belongs to alone
};

// One connection speaks one era. A legacy key is bare.
Key key_of(const ServerConfig& config, const std::string& agent, const std::string& session,
           Era era) {
  const std::string suffix = era == Era::kModern ? " modern" : "";
  // A session of a legacy client has its own session at an HTTP server, whatever the isolation: the
  // server's state behind it is one client's.
  const bool own_session = !config.url.empty() || config.isolation == Isolation::kPerSession;
  if (own_session && !session.empty()) {
    return {own_key(session) + suffix, session};
  }
  if (config.isolation == Isolation::kShared) {
    return {"shared" + suffix, ""};
  }
  return {"agent:" + agent + suffix, ""};
}

void close_instance(const Instance& instance) {
  instance.upstream->close();
}

LimitStat max_upstreams("max_upstreams");

}  // namespace

struct Servers::Impl {
  UpstreamFactory factory;
  std::map<std::string, Server> servers;

  Server* find(const std::string& name) {
    const auto found = servers.find(name);
    return found == servers.end() ? nullptr : &found->second;
  }
};

Servers::Servers(std::vector<ServerConfig> configs, UpstreamFactory factory)
    : impl_(std::make_unique<Impl>()) {
  impl_->factory = std::move(factory);
  for (ServerConfig& config : configs) {
    const std::string name = config.name;
    impl_->servers[name].config = std::move(config);
  }
}

Servers::~Servers() {
  close_all();
}

std::vector<std::string> Servers::names() const {
  std::vector<std::string> out;
  for (const auto& [name, server] : impl_->servers) {
    if (!server.attached) {
      out.push_back(name);
    }
  }
  return out;
}

const ServerConfig* Servers::config(const std::string& server) const {
  const Server* found = impl_->find(server);
  return found == nullptr ? nullptr : &found->config;
}

void Servers::attach(const std::string& server, const std::string& session,
                     std::unique_ptr<Upstream> upstream) {
  const bool configured = impl_->find(server) != nullptr;
  Server& found = impl_->servers[server];
  if (!configured) {
    found.config.name = server;
    found.attached = true;
  }
  found.instances[own_key(session)] =
      Instance{std::shared_ptr<Upstream>(std::move(upstream)), session, std::nullopt, true};
}

Result<std::shared_ptr<Upstream>> Servers::upstream(const std::string& server,
                                                    const std::string& agent,
                                                    const std::string& session, Era era) {
  Server* found = impl_->find(server);
  if (found == nullptr) {
    return fail(Code::kNotFound, "no server named \"" + server + "\"");
  }
  if (const auto own = found->shim_of(session); own != found->instances.end()) {
    own->second.idle_since.reset();
    return own->second.upstream;
  }
  if (found->attached) {
    return fail(Code::kNotFound, "server \"" + server + "\" runs only behind its own shim");
  }
  const Key key = key_of(found->config, agent, session, era);
  if (const auto known = found->instances.find(key.text); known != found->instances.end()) {
    known->second.idle_since.reset();
    return known->second.upstream;
  }
  if (found->instances.size() >= found->limit()) {
    max_upstreams.reached();
    return fail(Code::kOverloaded, "server \"" + server + "\" runs " +
                                       std::to_string(found->limit()) +
                                       " times already, its limit");
  }
  std::shared_ptr<Upstream> made = impl_->factory(found->config, key.text);
  if (made == nullptr) {
    return fail(Code::kInternal, "server \"" + server + "\" has no transport");
  }
  found->instances.emplace(key.text, Instance{made, key.session, std::nullopt, false});
  return made;
}

bool Servers::is_shim(const std::string& server, const std::string& session) const {
  Server* found = impl_->find(server);
  return found != nullptr && found->shim_of(session) != found->instances.end();
}

void Servers::release(const std::string& server, const std::shared_ptr<Upstream>& upstream) {
  Server* found = impl_->find(server);
  if (found == nullptr) {
    return;
  }
  const auto entry = std::find_if(
      found->instances.begin(), found->instances.end(),
      [&](const auto& each) { return each.second.upstream == upstream && !each.second.of_shim; });
  if (entry != found->instances.end()) {
    found->instances.erase(entry);
    upstream->close();
  }
}

std::unique_ptr<Upstream> Servers::spare(const std::string& server) const {
  const Server* found = impl_->find(server);
  return found == nullptr || found->attached ? nullptr
                                             : impl_->factory(found->config, "what it speaks");
}

void Servers::session_ended(const std::string& session) {
  if (session.empty()) {
    return;
  }
  std::vector<Instance> ended;
  for (auto& [name, server] : impl_->servers) {
    std::erase_if(server.instances, [&](const auto& entry) {
      const bool matches = entry.second.session == session;
      if (matches) {
        ended.push_back(entry.second);
      }
      return matches;
    });
  }
  std::erase_if(impl_->servers, [](const auto& entry) {
    return entry.second.attached && entry.second.instances.empty();
  });
  std::for_each(ended.begin(), ended.end(), close_instance);
}

void Servers::close_idle(BootTime now) {
  std::vector<Instance> ended;
  for (auto& [name, server] : impl_->servers) {
    const std::int64_t limit_us = std::chrono::microseconds(server.config.idle_timeout).count();
    for (auto entry = server.instances.begin(); entry != server.instances.end();) {
      Instance& instance = entry->second;
      if (instance.of_shim || instance.upstream.use_count() > 1) {
        instance.idle_since.reset();
      } else if (!instance.idle_since) {
        instance.idle_since = now;
      }
      if (!instance.idle_since || now.us - instance.idle_since->us < limit_us) {
        ++entry;
        continue;
      }
      ended.push_back(std::move(instance));
      entry = server.instances.erase(entry);
    }
  }
  std::for_each(ended.begin(), ended.end(), close_instance);
}

void Servers::close_all() {
  std::vector<Instance> ended;
  for (auto& [name, server] : impl_->servers) {
    for (auto& [key, instance] : std::exchange(server.instances, {})) {
      ended.push_back(instance);
    }
  }
  std::erase_if(impl_->servers, [](const auto& entry) { return entry.second.attached; });
  std::for_each(ended.begin(), ended.end(), close_instance);
}

const std::vector<ParamHeader>* Servers::params_of(const std::string& server,
                                                   const std::string& tool) const {
  const Server* found = impl_->find(server);
  if (found == nullptr) {
    return nullptr;
  }
  const auto known = found->params.find(tool);
  return known == found->params.end() ? nullptr : &known->second;
}

void Servers::learn_params(const std::string& server, const std::string& tool,
                           std::vector<ParamHeader> params) {
  Server* found = impl_->find(server);
  if (found == nullptr ||
      (found->params.size() >= kMaxLearnedTools && !found->params.contains(tool))) {
    return;
  }
  found->params[tool] = std::move(params);
}

}  // namespace pawl::mcp
