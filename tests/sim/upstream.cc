#include "tests/sim/upstream.h"

namespace pawl::sim {
namespace {

enum class Plan { kFine, kError, kSilent, kDies, kTwice, kGarbage, kNotSent, kStream };

std::string answer_body(const Uuid& id, bool success) {
  return (success ? R"({"content":")" : R"({"code":1,"message":")") + id.text() + R"("})";
}

}  // namespace

struct SimExchange::Talk : std::enable_shared_from_this<SimExchange::Talk> {
  Talk(Parts given, const Uuid& call) : parts(given), id(call) {}

  // In this life of the node, unless the exchange is gone by then.
  void later(std::int64_t delay_us, std::function<void()> what) {
    parts.time.at(
        delay_us,
        [weak = weak_from_this(), what = std::move(what)] {
          if (const auto self = weak.lock()) {
            what();
          }
        },
        parts.life);
  }
  // At the server: it happens even if nobody listens any more.
  void at_server(std::int64_t delay_us, bool success) {
    parts.time.at(delay_us,
                  [&model = parts.model, id = id, success] { model.server_said(id, success); });
  }
  std::int64_t think() {
    const bool slow = parts.dice.below(100) < parts.mood.slow_percent;
    return 100 + static_cast<std::int64_t>(parts.dice.below(
                     static_cast<std::uint64_t>(slow ? parts.mood.slowest_us : 20'000)));
  }
  void answer(std::int64_t delay_us, bool success) {
    at_server(delay_us, success);
    later(delay_us, [this, success] {
      if (const auto told = events.lock()) {
        told->answered({.success = success, .body = answer_body(id, success), .repeatable = true});
      }
    });
  }
  void lose(std::int64_t delay_us, Loss loss) {
    later(delay_us, [this, loss] {
      if (const auto told = events.lock()) {
        told->lost(loss, "simulated");
      }
    });
  }
  void stream(int left) {
    later(think() / 10, [this, left] {
      const auto told = events.lock();
      if (!told || !told->event("data")) {
        return;
      }
      if (!told->release_gate()->pass([this] { parts.model.streamed(id); })) {
        return;
      }
      if (left > 0) {
        stream(left - 1);
      } else {
        answer(think(), true);
      }
    });
  }

  Parts parts;
  Uuid id;
  std::weak_ptr<CallEvents> events;
};

SimExchange::SimExchange(Parts parts, Uuid id) : talk_(std::make_shared<Talk>(parts, id)) {}
SimExchange::~SimExchange() = default;

void SimExchange::forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) {
  Talk& talk = *talk_;
  SeededRandom& dice = talk.parts.dice;
  talk.events = events;
  const bool faulty = dice.below(100) < talk.parts.mood.fault_percent;
  const Plan plan = faulty ? static_cast<Plan>(1 + dice.below(7)) : Plan::kFine;
  if (plan == Plan::kNotSent) {
    talk.lose(talk.think() / 10, Loss::kNotSent);
    return;
  }
  Model& model = talk.parts.model;
  const Uuid id = talk.id;
  if (!gate->pass([&] { model.wrote(id, "a request"); })) {
    events->lost(Loss::kNotSent, "the gate is closed");
    return;
  }
  if (dice.below(30) == 0) {
    talk.later(talk.think(), [this] {
      if (const auto told = talk_->events.lock()) {
        told->withdrawn("simulated");
      }
    });
  }
  const auto go_on = [this, plan] {
    Talk& now = *talk_;
    const std::int64_t delay = now.think();
    switch (plan) {
      case Plan::kFine:
        now.answer(delay, true);
        return;
      case Plan::kError:
        now.answer(delay, false);
        return;
      case Plan::kTwice:
        now.answer(delay, true);
        now.answer(delay + 10, false);
        return;
      case Plan::kDies:
        now.lose(delay, Loss::kConnection);
        return;
      case Plan::kGarbage:
        now.lose(delay, Loss::kGarbage);
        return;
      case Plan::kStream:
        now.stream(3);
        return;
      case Plan::kSilent:
      case Plan::kNotSent:
        return;
    }
  };
  if (dice.below(4) != 0) {
    go_on();
    return;
  }
  // The socket took half; the rest goes through the gate when there is room again.
  talk.later(talk.think(), [this, gate, id, go_on] {
    if (gate->pass([&] { talk_->parts.model.wrote(id, "the rest of a request"); })) {
      go_on();
    } else if (const auto told = talk_->events.lock()) {
      told->lost(Loss::kConnection, "the gate closed in the middle");
    }
  });
}

// The real links stop writing and listening; the server may go on.
void SimExchange::abandon(Loss) {
  talk_->events.reset();
  auto fresh = std::make_shared<Talk>(talk_->parts, talk_->id);
  talk_.swap(fresh);
}

void SimExchange::release(std::shared_ptr<WriteGate> gate, const Answer& answer,
                          const RecordRef& record) {
  Talk& talk = *talk_;
  const auto write = [gate, record, body = answer.body, id = talk.id, &model = talk.parts.model,
                      &clock = talk.parts.clock] {
    if (!gate->pass([&] { model.released(id, body, record, clock.boot().us); })) {
      model.refused(id, Refusal{Code::kStopped, "stops", "", "held back", false, 0, true}, {},
                    clock.boot().us);
    }
  };
  if (talk.parts.dice.below(4) != 0) {
    write();
    return;
  }
  talk.parts.time.at(talk.think(), write, talk.parts.life);  // a reader that is slow
}

void SimExchange::refuse(const Refusal& refusal, const RecordRef& record) {
  talk_->parts.model.refused(talk_->id, refusal, record, talk_->parts.clock.boot().us);
}

}  // namespace pawl::sim
