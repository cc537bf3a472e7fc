#include "infrastructure/bridge/session.h"

#include <algorithm>

#include "base/json.h"
#include "base/limit_stat.h"
#include "infrastructure/bridge/client_call.h"
#include "infrastructure/mcp/era.h"

namespace pawl::bridge {
namespace {

LimitStat session_requests("session_requests");
LimitStat session_subscriptions("session_subscriptions");
constexpr std::size_t kMaxSubscribedUri = 4096;

}  // namespace

Session::Session(std::string id, Caller caller, std::string server, SessionLimits limits,
                 Scheduler& scheduler, std::shared_ptr<Outlet> standalone)
    : id_(std::move(id)),
      caller_(std::move(caller)),
      server_(std::move(server)),
      limits_(std::move(limits)),
      scheduler_(scheduler),
      standalone_(std::move(standalone)) {
  if (!standalone_) {
    standalone_stream_ = std::make_shared<EventStream>("0", limits_.ring, scheduler_, account());
    standalone_ = standalone_stream_;
  }
}

bool Session::primes() const {
  return revision >= mcp::kRevision20251125;
}

std::shared_ptr<EventStream> Session::add_stream() {
  if (streams_.size() >= limits_.max_streams) {
    const auto complete = std::find_if(streams_.begin(), streams_.end(),
                                       [](const auto& stream) { return stream->is_complete(); });
    streams_.erase(complete != streams_.end() ? complete : streams_.begin());
  }
  streams_.push_back(std::make_shared<EventStream>(std::to_string(next_stream_++), limits_.ring,
                                                   scheduler_, account()));
  return streams_.back();
}

std::shared_ptr<EventStream> Session::stream(const std::string& id) const {
  if (standalone_stream_ && id == standalone_stream_->id()) {
    return standalone_stream_;
  }
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [&](const auto& stream) { return stream->id() == id; });
  return found == streams_.end() ? nullptr : *found;
}

bool Session::has_connection() const {
  return (standalone_stream_ && standalone_stream_->is_connected()) ||
         std::any_of(streams_.begin(), streams_.end(),
                     [](const auto& stream) { return stream->is_connected(); });
}

void Session::keep_alive() {
  if (standalone_stream_) {
    standalone_stream_->keep_alive();
  }
  for (const auto& stream : streams_) {
    stream->keep_alive();
  }
}

void Session::opened(const std::string& id_text, const std::shared_ptr<ClientCall>& call) {
  calls_.emplace(id_text, call);
}

void Session::closed(const std::string& id_text, const ClientCall* call) {
  const auto [first, last] = calls_.equal_range(id_text);
  for (auto it = first; it != last;) {
    const std::shared_ptr<ClientCall> held = it->second.lock();
    it = !held || held.get() == call ? calls_.erase(it) : std::next(it);
  }
}

std::vector<std::shared_ptr<ClientCall>> Session::calls_named(const std::string& id_text) const {
  std::vector<std::shared_ptr<ClientCall>> out;
  const auto [first, last] = calls_.equal_range(id_text);
  for (auto it = first; it != last; ++it) {
    if (std::shared_ptr<ClientCall> call = it->second.lock()) {
      out.push_back(std::move(call));
    }
  }
  return out;
}

Status Session::may_subscribe(std::string_view uri) const {
  if (uri.size() > kMaxSubscribedUri) {
    return fail(Code::kTooLarge, "a URI that is subscribed to has at most 4096 bytes");
  }
  if (subscriptions_.size() >= limits_.max_subscriptions) {
    session_subscriptions.reached();
    return fail(Code::kOverloaded, "this session has as many subscriptions as it may");
  }
  return {};
}

// Calls that are under way together may go over the limit by as many as there are.
void Session::subscribed(const std::string& server, const std::string& uri) {
  subscriptions_.emplace(server, uri);
}
void Session::unsubscribed(const std::string& server, const std::string& uri) {
  subscriptions_.erase({server, uri});
}

bool Session::is_subscribed(const std::string& server, std::string_view uri) const {
  return std::any_of(subscriptions_.begin(), subscriptions_.end(), [&](const auto& entry) {
    return entry.first == server && uri.starts_with(entry.second);
  });
}

std::vector<std::shared_ptr<ClientCall>> Session::calls() const {
  std::vector<std::shared_ptr<ClientCall>> out;
  for (const auto& [id, weak] : calls_) {
    if (std::shared_ptr<ClientCall> call = weak.lock()) {
      out.push_back(std::move(call));
    }
  }
  return out;
}

Result<std::string> Session::ask(std::shared_ptr<AskedRequest> request) {
  if (ended_) {
    return fail(Code::kUpstreamUnavailable, "the client's session has ended");
  }
  if (asked_.size() >= limits_.max_asked) {
    session_requests.reached();
    return fail(Code::kOverloaded, "too many requests wait for this client");
  }
  std::string id_text = json::quote("pawl-" + std::to_string(next_ask_++));
  asked_.emplace(id_text, std::move(request));
  return id_text;
}

std::shared_ptr<AskedRequest> Session::asked(const std::string& id_text) const {
  const auto found = asked_.find(id_text);
  return found == asked_.end() ? nullptr : found->second;
}

void Session::answered(const std::string& id_text) {
  asked_.erase(id_text);
}

std::vector<std::shared_ptr<AskedRequest>> Session::all_asked() const {
  std::vector<std::shared_ptr<AskedRequest>> out;
  out.reserve(asked_.size());
  for (const auto& [id, request] : asked_) {
    out.push_back(request);
  }
  return out;
}

bool Session::declares(std::initializer_list<std::string_view> path) const {
  const Result<json::Parsed> params = json::parse(initialize_params);
  const json::Value* capabilities = params ? json::find(params->value, {"capabilities"}) : nullptr;
  return capabilities != nullptr && json::find(*capabilities, path) != nullptr;
}

void Session::end() {
  ended_ = true;
  for (const std::shared_ptr<ClientCall>& call : calls()) {
    call->session_ended();
  }
  for (const auto& [id, request] : std::exchange(asked_, {})) {
    request->client_left();
  }
  if (standalone_stream_) {
    standalone_stream_->close();
  }
  for (const auto& stream : std::exchange(streams_, {})) {
    stream->close();
  }
}

}  // namespace pawl::bridge
