#include "infrastructure/bridge/line_client.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "infrastructure/bridge/client_call.h"
#include "infrastructure/bridge/dispatch.h"
#include "infrastructure/bridge/handshake.h"
#include "infrastructure/mcp/discover.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/refusal.h"
#include "infrastructure/mcp/request_headers.h"

namespace pawl::bridge {
namespace {

// A message may hold line ends between its tokens, never within a string.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

class LineOutlet final : public Outlet {
 public:
  explicit LineOutlet(std::unique_ptr<LineChannel> channel) : channel_(std::move(channel)) {}
  void send(std::string text, std::shared_ptr<WriteGate> gate,
            std::function<void(bool)> left) override {
    std::function<void(LineFate)> done;
    if (left) {
      done = [left = std::move(left)](LineFate fate) { left(fate != LineFate::kNotSent); };
    }
    channel_->send(one_line(std::move(text)), std::move(gate), std::move(done));
  }
  LineChannel& channel() { return *channel_; }

 private:
  std::unique_ptr<LineChannel> channel_;
};

namespace {

class LineReply final : public Reply {
 public:
  LineReply(std::shared_ptr<LineOutlet> outlet, Scheduler& scheduler)
      : outlet_(std::move(outlet)), scheduler_(scheduler) {}
  void send(std::string text, std::shared_ptr<WriteGate> gate,
            std::function<void(bool)> left) override {
    outlet_->send(std::move(text), std::move(gate), std::move(left));
  }
  void answer(std::string text, Head, std::shared_ptr<WriteGate> gate) override {
    if (!cancelled_) {
      outlet_->send(std::move(text), std::move(gate), nullptr);
    }
  }
  void on_gone(std::function<void()>) override {}  // the line client withdraws its calls
  std::size_t queued_bytes() const override { return outlet_->channel().queued_bytes(); }
  void on_drained(std::function<void()> handler) override {
    // Lines have no signal of their own; the queue is bounded, and looked at again soon.
    timer_ = scheduler_.after(std::chrono::milliseconds(20), std::move(handler));
  }
  void cancelled() override { cancelled_ = true; }

 private:
  const std::shared_ptr<LineOutlet> outlet_;
  Scheduler& scheduler_;
  std::unique_ptr<ScheduledTask> timer_;
  bool cancelled_ = false;
};

}  // namespace

LineClient::LineClient(std::shared_ptr<Core> core, Caller caller, std::string server,
                       std::unique_ptr<LineChannel> channel)
    : core_(std::move(core)),
      caller_(std::move(caller)),
      server_(std::move(server)),
      outlet_(std::make_shared<LineOutlet>(std::move(channel))) {
  session_ =
      std::make_shared<Session>(hex_encode(core_->parts.random.bytes(16)), caller_, server_,
                                core_->options.sessions.session, core_->parts.scheduler, outlet_);
}

LineClient::~LineClient() {
  close();
}

const std::string& LineClient::session_id() const {
  return session_->id();
}

void LineClient::start(std::function<void()> closed) {
  closed_ = std::move(closed);
  outlet_->channel().on_closed([weak = weak_from_this()](const Error&) {
    if (const auto self = weak.lock()) {
      self->close();
      if (self->closed_) {
        std::exchange(self->closed_, nullptr)();
      }
    }
  });
  outlet_->channel().on_line([weak = weak_from_this()](const std::string& text) {
    if (const auto self = weak.lock()) {
      self->line(text);
    }
  });
}

void LineClient::close() {
  if (session_->ended()) {
    return;
  }
  for (const auto& call : session_->calls()) {
    call->inbound().reply->cancelled();
    call->withdraw("the client ended");
  }
  session_->end();
  outlet_->channel().close();
  core_->parts.servers.session_ended(session_->id());
}

void LineClient::line(const std::string& text) {
  Result<jsonrpc::Message> message = jsonrpc::decode(text);
  if (!message) {
    ++core_->counters.malformed;
    answer_fault(jsonrpc::salvage_id(text), message.error(), mcp::Era::kLegacy);
    return;
  }
  Inbound in;
  in.caller = caller_;
  in.server = server_;
  in.era = mcp::era_of_request({}, *message);
  in.message = std::move(*message);
  in.session = session_;
  in.connection = session_->id();
  in.reply = std::make_shared<LineReply>(outlet_, core_->parts.scheduler);
  if (in.message.kind == jsonrpc::Kind::kResponse ||
      in.message.kind == jsonrpc::Kind::kErrorResponse) {
    dispatch_response(*core_, *session_, in.message);
  } else if (in.message.method == "initialize") {
    initialize(std::move(in));
  } else if (in.era == mcp::Era::kModern) {
    modern(std::move(in));
  } else if (in.message.kind == jsonrpc::Kind::kNotification) {
    in.revision = session_->revision.empty() ? mcp::kNewestLegacy : session_->revision;
    dispatch_notification(core_, std::move(in));
  } else if (session_->revision.empty() && in.message.method != "ping") {
    answer_fault(in.message.id_text, {Code::kInvalidRequest, "initialize comes first"}, in.era);
  } else {
    in.revision = session_->revision.empty() ? mcp::kNewestLegacy : session_->revision;
    dispatch_request(core_, std::move(in));
  }
}

void LineClient::initialize(Inbound in) {
  if (in.message.kind != jsonrpc::Kind::kRequest || !session_->revision.empty()) {
    answer_fault(in.message.id_text, {Code::kInvalidRequest, "initialize is the first request"},
                 mcp::Era::kLegacy);
    return;
  }
  caller_.asserted.merge(client_info(in.message));
  in.caller = caller_;
  answer_initialize(core_, in, [] {});
}

void LineClient::modern(Inbound in) {
  in.era = mcp::Era::kModern;
  if (!spoken_.empty() || core_->parts.gateway.plumbing_stopped(caller_, server_)) {
    check_modern(std::move(in));
    return;
  }
  learn_hellos(core_, {server_}, caller_, in.connection, {mcp::Era::kModern},
               [weak = weak_from_this(), in](const Learned& learned) {
                 const auto self = weak.lock();
                 if (self && !learned.up.empty()) {
                   self->spoken_ = learned.up.begin()->second.revisions;
                 } else if (self && !learned.other_era.empty()) {
                   self->spoken_ = learned.other_era.begin()->second;
                 }
                 if (self) {
                   self->check_modern(in);
                 }
               });
}

void LineClient::check_modern(Inbound in) {
  // A server that could not be asked: the call itself will tell.
  const std::vector<std::string> spoken =
      spoken_.empty() ? std::vector<std::string>(mcp::kRevisions.begin(), mcp::kRevisions.end())
                      : spoken_;
  const std::vector<std::string> modern = mcp::of_era(spoken, mcp::Era::kModern);
  const std::string requested(
      mcp::meta_string(in.message.params_value(), mcp::kMetaProtocolVersion).value_or(""));
  const std::optional<jsonrpc::Fault> fault =
      modern.empty() ? mcp::modern_client_legacy_server(server_, spoken, requested)
                     : mcp::check_request_meta(in.message, modern);
  if (fault) {
    outlet_->send(mcp::fault_response(in.message.id_text, *fault, mcp::Era::kModern), nullptr,
                  nullptr);
    return;
  }
  in.revision = requested.empty() ? modern.front() : requested;
  if (in.message.kind == jsonrpc::Kind::kRequest) {
    dispatch_request(core_, std::move(in));
  } else {
    dispatch_notification(core_, std::move(in));
  }
}

void LineClient::answer_fault(std::string_view id_text, const Error& error, mcp::Era era) {
  outlet_->send(mcp::fault_response(id_text, error, era), nullptr, nullptr);
}

}  // namespace pawl::bridge
