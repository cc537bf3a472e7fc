#include "infrastructure/bridge/tool_schemas.h"

#include <algorithm>
#include <utility>

#include "infrastructure/bridge/core.h"
#include "infrastructure/mcp/lists.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/request_headers.h"

namespace pawl::bridge {
namespace {

constexpr std::size_t kMaxStates = 10'000;
constexpr std::string_view kList = "tools/list";

std::string list_params(const std::string& revision, const std::string& cursor) {
  std::string params = "{" + json::quote(mcp::kMeta) + ":{" +
                       json::quote(mcp::kMetaProtocolVersion) + ":" + json::quote(revision) + "," +
                       json::quote(mcp::kMetaClientInfo) + R"(:{"name":"pawl","version":"1"},)" +
                       json::quote(mcp::kMetaClientCapabilities) + ":{}}";
  if (!cursor.empty()) {
    params += R"(,"cursor":)" + json::quote(cursor);
  }
  return params + "}";
}

std::string key_of(const ToolSchemas::Asked& asked) {
  return asked.server + "\n" + asked.caller.agent;
}

BootTime later(BootTime now, std::chrono::microseconds by) {
  return BootTime{now.us + by.count()};
}

}  // namespace

// One walk through all pages of a server's list.
class ToolSchemas::Listing final : public mcp::ExchangeEvents,
                                   public std::enable_shared_from_this<Listing> {
 public:
  Listing(std::weak_ptr<Core> core, Asked asked, std::string key)
      : core_(std::move(core)), asked_(std::move(asked)), key_(std::move(key)) {}

  void start() {
    const std::shared_ptr<Core> core = core_.lock();
    patience_ = core->parts.scheduler.after(kPatience, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->end(false);
      }
    });
    const Result<std::shared_ptr<mcp::Upstream>> upstream = core->parts.servers.upstream(
        asked_.server, asked_.caller.agent, asked_.connection, mcp::Era::kModern);
    if (!upstream) {
      end(false);
      return;
    }
    upstream_ = *upstream;
    core->links.listen(core, asked_.server, upstream_);
    upstream_->start({mcp::Era::kModern},
                     [weak = weak_from_this()](const Result<mcp::UpstreamHello>& hello) {
                       const auto self = weak.lock();
                       if (!self || self->ended_) {
                         return;
                       }
                       if (!hello || hello->era != mcp::Era::kModern || hello->revisions.empty()) {
                         self->end(false);
                         return;
                       }
                       self->revision_ = hello->revisions.front();
                       self->ask("");
                     });
  }

  void on_message(jsonrpc::Message) override {}
  void on_lost(Loss, std::string) override { end(false); }
  void on_response(jsonrpc::Message response) override {
    const std::shared_ptr<Core> core = core_.lock();
    const json::Value* result = response.result_value();
    const json::Value* tools = result ? json::find(*result, {"tools"}) : nullptr;
    if (ended_ || !core || tools == nullptr || !tools->is_array()) {
      end(false);
      return;
    }
    note(*core, asked_.server, response.result->of(response.text));
    const json::Value* life = json::find(*result, {"ttlMs"});
    if (pages_ == 1 && life != nullptr && life->is_int64()) {
      life_ = std::chrono::milliseconds(std::clamp<std::int64_t>(
          life->get_int64(), 0, std::chrono::milliseconds(kLongestLife).count()));
    }
    const auto cursor = json::find_string(*result, {"nextCursor"});
    if (!cursor) {
      end(true);
    } else if (pages_ >= kMaxPages) {
      end(false);
    } else {
      // Not from within the exchange that it replaces.
      core->parts.scheduler.post([weak = weak_from_this(), next = std::string(*cursor)] {
        if (const auto self = weak.lock()) {
          self->ask(next);
        }
      });
    }
  }

 private:
  void ask(const std::string& cursor) {
    const std::shared_ptr<Core> core = core_.lock();
    const mcp::MethodInfo* info =
        mcp::find_method(kList, revision_, mcp::Side::kClient, mcp::Form::kRequest);
    const Result<jsonrpc::Message> request =
        jsonrpc::decode(jsonrpc::request("\"pawl-tools\"", kList, list_params(revision_, cursor)));
    if (ended_ || !core || info == nullptr || !request) {
      end(false);
      return;
    }
    ++pages_;
    exchange_ = upstream_->request(
        {*request, mcp::upstream_headers(*request, *info, revision_, nullptr, nullptr),
         core->parts.gateway.new_id().text(), true},
        core->parts.gateway.plumbing_gate(asked_.caller, asked_.server), shared_from_this());
  }

  void end(bool good) {
    if (std::exchange(ended_, true)) {
      return;
    }
    patience_.reset();
    if (const std::shared_ptr<Core> core = core_.lock()) {
      core->parts.scheduler.post([weak = core_, self = shared_from_this(), good] {
        if (const std::shared_ptr<Core> shared = weak.lock()) {
          shared->schemas.finished(*shared, self->key_, good, self->life_);
        }
      });
    }
  }

  const std::weak_ptr<Core> core_;
  const Asked asked_;
  const std::string key_;
  std::string revision_;
  int pages_ = 0;
  bool ended_ = false;
  std::chrono::microseconds life_{0};
  std::shared_ptr<mcp::Upstream> upstream_;
  std::unique_ptr<mcp::UpstreamExchange> exchange_;
  std::unique_ptr<ScheduledTask> patience_;
};

ToolSchemas::ToolSchemas() = default;
ToolSchemas::~ToolSchemas() = default;

ToolSchemas::State& ToolSchemas::state_of(const std::string& key) {
  if (states_.size() >= kMaxStates && states_.count(key) == 0) {
    std::erase_if(states_, [](const auto& each) { return each.second.waiting.empty(); });
  }
  return states_[key];
}

bool ToolSchemas::knows(const Core& core, const Asked& asked) {
  State& state = state_of(key_of(asked));
  return state.waiting.empty() && (may_stay(core, asked, state) ||
                                   core.parts.gateway.plumbing_stopped(asked.caller, asked.server));
}

void ToolSchemas::learn(const std::shared_ptr<Core>& core, const Asked& asked,
                        std::function<void()> done) {
  const std::string key = key_of(asked);
  State& state = state_of(key);
  state.waiting.push_back(std::move(done));
  if (state.waiting.size() > 1) {
    return;  // asked already
  }
  const auto listing = std::make_shared<Listing>(core, asked, key);
  listings_[key] = listing;
  listing->start();
}

// True: what is known, or that nothing is, is good enough for now.
bool ToolSchemas::may_stay(const Core& core, const Asked& asked, State& state) const {
  const BootTime now = core.parts.clock.boot();
  if (now < state.not_before) {
    return true;
  }
  const bool known = core.parts.servers.params_of(asked.server, asked.tool) != nullptr;
  if (known && state.until == BootTime{}) {
    state.until = later(now, kShortestLife);  // from a list that passed
  }
  return !state.stale && (known || state.listed) && now < state.until;
}

void ToolSchemas::finished(Core& core, const std::string& key, bool good,
                           std::chrono::microseconds life) {
  listings_.erase(key);
  State& state = states_[key];
  const BootTime now = core.parts.clock.boot();
  if (good) {
    state.stale = false;
    state.listed = true;
    state.until = later(now, std::max<std::chrono::microseconds>(life, kShortestLife));
    state.not_before = {};
    state.wait = kFirstWait;
  } else {
    state.not_before = later(now, state.wait);
    state.wait = std::min<std::chrono::microseconds>(state.wait * 2, kLongestWait);
  }
  for (const auto& done : std::exchange(state.waiting, {})) {
    done();
  }
}

void ToolSchemas::changed(const std::string& server) {
  const std::string prefix = server + "\n";
  for (auto at = states_.lower_bound(prefix); at != states_.end() && at->first.starts_with(prefix);
       ++at) {
    at->second.stale = true;
  }
}

void ToolSchemas::note(Core& core, const std::string& server, std::string_view result) {
  const Result<std::vector<mcp::ToolSchema>> schemas = mcp::tool_schemas(result);
  if (!schemas) {
    return;
  }
  for (const mcp::ToolSchema& tool : *schemas) {
    const Result<json::Parsed> schema = json::parse(tool.input_schema);
    Result<std::vector<mcp::ParamHeader>> params =
        schema ? mcp::param_headers(schema->value) : std::vector<mcp::ParamHeader>{};
    if (params) {
      core.parts.servers.learn_params(server, tool.name, std::move(*params));
    }
  }
}

}  // namespace pawl::bridge
