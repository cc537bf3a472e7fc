#include "infrastructure/bridge/listen_all.h"

#include <boost/json/array.hpp>
#include <utility>
#include <vector>

#include "infrastructure/bridge/client_call.h"
#include "infrastructure/bridge/handshake.h"
#include "infrastructure/bridge/subscription.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/refusal.h"

namespace pawl::bridge {
namespace {

constexpr std::size_t kMaxWaiting = 1u << 20;  // of what servers tell before all acknowledged

struct Told {
  std::string text;
  std::shared_ptr<WriteGate> gate;
  std::function<void(bool)> left;
};

class ListenAll : public std::enable_shared_from_this<ListenAll> {
 public:
  ListenAll(std::shared_ptr<Core> core, Inbound in) : core_(std::move(core)), in_(std::move(in)) {}

  void start() {
    std::vector<std::string> servers;
    for (const std::string& server : visible_servers(*core_, in_.caller)) {
      if (core_->revisions.speaks(server, mcp::Era::kModern)) {
        servers.push_back(server);
      }
    }
    in_.reply->on_gone([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        for (const auto& handler : std::exchange(self->gone_, {})) {
          handler();
        }
      }
    });
    silent_ = open_ = servers.size() + 1;  // one for this loop
    for (const std::string& server : servers) {
      ask(server);
    }
    heard();
    ended("");
  }

  // A message of one server's subscription.
  void told(bool& acknowledged, Told message) {
    const Result<jsonrpc::Message> parsed = jsonrpc::decode(message.text);
    if (!acknowledged && parsed && parsed->method == kSubscriptionAcknowledged) {
      acknowledged = true;
      if (silent_ > 0) {  // else the joined one is out
        join(*parsed);
        is_acknowledged_ = true;
        heard();
      }
    } else if (silent_ > 0) {
      waiting_bytes_ += message.text.size();
      waiting_.push_back(std::move(message));
      if (waiting_bytes_ > kMaxWaiting) {  // a server that stays silent holds the others up no more
        silent_ = 1;
        heard();
      }
    } else {
      in_.reply->send(std::move(message.text), std::move(message.gate), std::move(message.left));
    }
  }
  // One server's subscription ended; `text` is its answer.
  void part_ended(bool acknowledged, const std::string& text) {
    if (!acknowledged) {
      heard();
    }
    ended(text);
  }
  void add_gone(std::function<void()> handler) { gone_.push_back(std::move(handler)); }
  const std::shared_ptr<Reply>& reply() const { return in_.reply; }

 private:
  void ask(const std::string& server);
  void join(const jsonrpc::Message& acknowledgement);
  void heard();
  void ended(const std::string& text);

  const std::shared_ptr<Core> core_;
  const Inbound in_;
  std::size_t silent_ = 0;  // servers that have neither acknowledged nor ended
  std::size_t open_ = 0;
  json::Object filter_;
  bool is_acknowledged_ = false;  // by one server at least
  std::vector<Told> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::vector<std::function<void()>> gone_;
  std::string last_answer_;
};

class Part final : public Reply {
 public:
  explicit Part(std::shared_ptr<ListenAll> all) : all_(std::move(all)) {}
  void send(std::string text, std::shared_ptr<WriteGate> gate,
            std::function<void(bool)> left) override {
    all_->told(acknowledged_, {std::move(text), std::move(gate), std::move(left)});
  }
  void answer(std::string text, Head, std::shared_ptr<WriteGate>) override {
    all_->part_ended(acknowledged_, text);
  }
  void on_gone(std::function<void()> handler) override { all_->add_gone(std::move(handler)); }
  std::size_t queued_bytes() const override { return all_->reply()->queued_bytes(); }
  void on_drained(std::function<void()> handler) override {
    all_->reply()->on_drained(std::move(handler));
  }
  void cancelled() override { all_->reply()->cancelled(); }

 private:
  const std::shared_ptr<ListenAll> all_;
  bool acknowledged_ = false;
};

void ListenAll::ask(const std::string& server) {
  Inbound part = in_;
  part.server = server;
  part.reply = std::make_shared<Part>(shared_from_this());
  Result<jsonrpc::Message> masked = masked_listen(*core_, part);
  if (!masked) {
    part_ended(false, mcp::fault_response(in_.message.id_text, masked.error(), in_.era));
    return;
  }
  part.message = std::move(*masked);
  ClientCall::start(core_, std::move(part));
}

void ListenAll::join(const jsonrpc::Message& acknowledgement) {
  const json::Value* params = acknowledgement.params_value();
  const json::Value* filter = params ? json::find(*params, {"notifications"}) : nullptr;
  if (filter == nullptr || !filter->is_object()) {
    return;
  }
  for (const auto& member : filter->get_object()) {
    json::Value& into = filter_[member.key()];
    if (into.is_array() && member.value().is_array()) {
      for (const json::Value& each : member.value().get_array()) {
        into.get_array().push_back(each);
      }
    } else if (!into.is_bool() || !into.get_bool()) {
      into = member.value();
    }
  }
}

// The last of them spoke: the joined acknowledgement, then what waited for it.
void ListenAll::heard() {
  if (silent_ == 0 || --silent_ != 0 || !is_acknowledged_) {
    return;
  }
  const std::string params = R"({"_meta":{)" + json::quote(mcp::kMetaSubscription) + ":" +
                             in_.message.id_text + R"(},"notifications":)" + json::print(filter_) +
                             "}";
  in_.reply->send(jsonrpc::notification(kSubscriptionAcknowledged, params),
                  core_->parts.gateway.plumbing_gate(in_.caller, ""), nullptr);
  for (Told& message : std::exchange(waiting_, {})) {
    in_.reply->send(std::move(message.text), std::move(message.gate), std::move(message.left));
  }
}

void ListenAll::ended(const std::string& text) {
  if (!text.empty()) {
    last_answer_ = text;
  }
  if (--open_ != 0) {
    return;
  }
  if (last_answer_.empty()) {
    last_answer_ = mcp::fault_response(
        in_.message.id_text,
        Error{Code::kUpstreamUnavailable, "no server with subscriptions is available"}, in_.era);
  }
  in_.reply->answer(last_answer_, {}, nullptr);
}

}  // namespace

void start_listen_all(const std::shared_ptr<Core>& core, Inbound in) {
  std::make_shared<ListenAll>(core, std::move(in))->start();
}

}  // namespace pawl::bridge
