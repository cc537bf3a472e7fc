#include "app/commands/event_follower.h"

#include <memory>
#include <utility>

#include "app/commands/local_http.h"
#include "infrastructure/http/sse.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxEvent = 1u << 20;
constexpr std::chrono::seconds kAgain{1}, kSilence{45};  // the daemon says something each 15 s

class Follower {
 public:
  Follower(Files& files, const DataFolder& folder, const FollowedEvents& told)
      : files_(files), folder_(folder), told_(told), pool_(loop_, {}) {}

  void run() {
    loop_.on_termination([this](int) { loop_.stop(); });
    connect();
    loop_.run();
  }

 private:
  void connect() {
    Result<http::ClientRequest> request =
        daemon_request(files_, folder_, DaemonListener::kControl, "/api/v1/events", "");
    if (!request) {
      lost(request.error().message);
      return;
    }
    request->timeouts.total = {};
    request->timeouts.idle = kSilence;
    if (!last_id_.empty()) {
      request->headers.set("Last-Event-ID", last_id_);
    }
    decoder_ = std::make_unique<http::sse::Decoder>(kMaxEvent);
    http::ClientEvents events;
    events.on_head = [this](int status, const http::Headers&) {
      is_good_ = status == 200;
      if (is_good_) {
        trouble_.clear();
        loop_.post([this] { told_.event("connected"); });
      }
    };
    events.on_body = [this](std::string_view bytes) { read(bytes); };
    events.on_complete = [this] {
      lost(is_good_ ? "the daemon ended the connection" : "the daemon refuses to tell of events");
    };
    events.on_error = [this](const http::ClientError& error) { lost(error.error.message); };
    exchange_ = pool_.start(*std::move(request), nullptr, std::move(events));
  }

  void read(std::string_view bytes) {
    if (!is_good_) {
      return;
    }
    const Status fed = decoder_->feed(bytes, [this](const http::sse::Event& event) {
      if (event.id) {
        last_id_ = *event.id;
      }
      loop_.post([this, name = event.event] { told_.event(name); });
    });
    if (!fed) {
      lost(fed.error().message);
    }
  }

  void lost(const std::string& why) {
    if (trouble_ != why) {
      trouble_ = why;
      told_.trouble(why);
    }
    again_ = loop_.after(kAgain, [this] { connect(); });
    loop_.post([gone = std::shared_ptr<http::ClientExchange>(std::move(exchange_))] {});
  }

  Files& files_;
  const DataFolder& folder_;
  const FollowedEvents& told_;
  EventLoop loop_;
  http::ClientPool pool_;
  std::unique_ptr<http::sse::Decoder> decoder_;
  std::unique_ptr<http::ClientExchange> exchange_;
  Timer again_;
  bool is_good_ = false;
  std::string last_id_;
  std::string trouble_;  // told; empty: all is well
};

}  // namespace

void follow_events(Files& files, const DataFolder& folder, const FollowedEvents& told) {
  Follower(files, folder, told).run();
}

}  // namespace pawl
