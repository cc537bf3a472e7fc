#include "app/daemon/wrap_desk.h"

#include "base/limit_stat.h"
#include "base/log.h"

namespace pawl {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kMaxHalves = 1024;

LimitStat wrap_arrivals("wrap_arrivals");

}  // namespace

Result<std::unique_ptr<WrapDesk>> WrapDesk::open(EventLoop& loop, const std::string& socket,
                                                 const identity::Authenticator& authenticator,
                                                 Clock& clock, ProcessRecords& processes,
                                                 std::function<void(ArrivedShim)> arrived,
                                                 WhyNot why_not) {
  std::unique_ptr<WrapDesk> desk(
      new WrapDesk(loop, authenticator, clock, processes, std::move(arrived), std::move(why_not)));
  Result<std::unique_ptr<UnixServer>> server = UnixServer::listen(
      loop, socket, 0600, LineLimits{},
      [self = desk.get()](std::unique_ptr<LineChannel> channel, UnixCredentials peer) {
        self->accepted(std::move(channel), peer);
      });
  if (!server) {
    return fail_at("wrap socket", server.error());
  }
  desk->server_ = *std::move(server);
  return desk;
}

void WrapDesk::accepted(std::unique_ptr<LineChannel> channel, UnixCredentials peer) {
  if (greeting_.size() + starting_.size() + waiting_.size() >= kMaxHalves) {
    wrap_arrivals.reached();
    log(LogLevel::kWarn, "wrap_refused", {{"reason", "too many shims are arriving"}});
    return;
  }
  const std::uint64_t number = next_number_++;
  Half& half = greeting_[number];
  half.peer = peer;
  half.channel = std::move(channel);
  half.expiry = loop_.after(kPatience, [this, number] { greeting_.erase(number); });
  half.channel->on_closed([this, number](const Error&) { greeting_.erase(number); });
  half.channel->on_line([this, number](const std::string& line) { greeted(number, line); });
}

void WrapDesk::greeted(std::uint64_t number, const std::string& line) {
  const auto found = greeting_.find(number);
  if (found == greeting_.end()) {
    return;
  }
  Half half = std::move(found->second);
  greeting_.erase(found);
  half.channel->pause();  // what follows belongs to the bridge
  half.expiry.cancel();
  Result<WrapHello> hello = parse_hello(line);
  if (!hello) {
    turn_away(std::move(half), fail(hello.error()));
    return;
  }
  half.hello = *std::move(hello);
  const Result<Caller> caller = caller_of(half.hello, half.peer);
  if (!caller) {
    const std::string why = why_not_(half.hello.agent);
    turn_away(std::move(half), fail(Code::kForbidden, why));
  } else if (half.hello.role == WrapRole::kEnded) {
    note_end(half.hello);
    turn_away(std::move(half), {});
  } else if (half.hello.role == WrapRole::kServer) {
    record_start(std::move(half), caller->agent);
  } else {
    welcome(std::move(half));
  }
}

// The shim starts the command when it is welcome, and not before.
void WrapDesk::record_start(Half half, const std::string& agent) {
  const std::uint64_t number = next_number_++;
  const ProcessRecords::Start start{half.hello.name, agent,
                                    half.hello.command.value_or(CommandFacts{})};
  half.channel->on_closed([this, number](const Error&) { starting_.erase(number); });
  starting_.emplace(number, std::move(half));
  const auto id = std::make_shared<Uuid>();
  *id = processes_.starting(start, [this, number, id](const Status& durable) {
    loop_.post([this, number, id, durable] { recorded(number, *id, durable); });
  });
}

void WrapDesk::recorded(std::uint64_t number, const Uuid& id, const Status& durable) {
  // From here on its end is owed, also when the shim has left meanwhile.
  std::shared_ptr<void> process = durable ? processes_.held(id) : nullptr;
  const auto found = starting_.find(number);
  if (found == starting_.end()) {
    return;
  }
  Half half = std::move(found->second);
  starting_.erase(found);
  if (!durable) {
    turn_away(std::move(half), durable);
    return;
  }
  std::erase_if(running_, [](const auto& one) { return one.second.process.expired(); });
  running_[half.hello.pair] = {id, process};
  half.process = std::move(process);
  welcome(std::move(half));
}

// Only the shim knows the pair; the command does not.
void WrapDesk::note_end(const WrapHello& hello) {
  if (const auto found = running_.find(hello.pair); found != running_.end()) {
    processes_.ended(found->second.id,
                     hello.end.value_or(ProcessEnd{"unknown", "shim_left", 0, ""}));
    running_.erase(found);
  }
}

void WrapDesk::welcome(Half half) {
  half.channel->send(print_hello_answer(Status{}), nullptr, {});
  pair_up(std::move(half));
}

// The channel lives until its answer is written.
void WrapDesk::turn_away(Half half, const Status& why) {
  LineChannel& channel = *half.channel;
  auto keep = std::make_shared<std::unique_ptr<LineChannel>>(std::move(half.channel));
  channel.on_closed([](const Error&) {});
  channel.send(print_hello_answer(why), nullptr,
               [this, keep](LineFate) { loop_.post([keep] { keep->reset(); }); });
}

Result<Caller> WrapDesk::caller_of(const WrapHello& hello, const UnixCredentials& peer) const {
  identity::Credentials credentials;
  credentials.peer = identity::PeerCredentials{peer.uid, peer.pid};
  if (!hello.agent.empty()) {
    credentials.asserted["agent"] = hello.agent;
  }
  return authenticator_.authenticate(credentials, clock_.wall());
}

void WrapDesk::pair_up(Half half) {
  const std::string pair = half.hello.pair;
  const auto other = waiting_.find(pair);
  if (other == waiting_.end()) {
    half.channel->on_closed([this, pair](const Error&) { waiting_.erase(pair); });
    half.expiry = loop_.after(kPatience, [this, pair] { waiting_.erase(pair); });
    waiting_.emplace(pair, std::move(half));
    return;
  }
  Half first = std::move(other->second);
  waiting_.erase(other);
  const bool fits = first.hello.role != half.hello.role && first.hello.name == half.hello.name &&
                    first.hello.agent == half.hello.agent && first.peer.uid == half.peer.uid;
  if (!fits) {
    log(LogLevel::kWarn, "wrap_refused", {{"reason", "the two sides of a shim do not match"}});
    return;
  }
  Result<Caller> caller = caller_of(half.hello, half.peer);
  if (!caller) {
    return;
  }
  Half& client = first.hello.role == WrapRole::kClient ? first : half;
  Half& child = first.hello.role == WrapRole::kClient ? half : first;
  for (Half* side : {&client, &child}) {
    side->channel->on_closed({});
    side->channel->on_line({});
  }
  arrived_(ArrivedShim{half.hello.name, *std::move(caller), std::move(client.channel),
                       std::move(child.channel), std::move(child.process)});
}

}  // namespace pawl
