#include "app/daemon/outside_client.h"

#include <utility>
#include <vector>

#include "base/limit_stat.h"
#include "base/log.h"

namespace pawl {
namespace {

constexpr std::size_t kMostOfAnAnswer = 64 * 1024;

LimitStat questions("outside_questions");

http::ClientRequest request_of(const OutsideConfig& point, const Action& action,
                               const std::string& instance) {
  http::ClientRequest out;
  out.url = point.url;
  out.method = "POST";
  out.headers = point.headers;
  out.headers.set("Content-Type", "application/json");
  out.headers.set("Accept", "application/json");
  out.headers.set("X-Request-ID", action.id.text());
  out.body = decision::print_question(point.kind, action, instance, point.arguments);
  out.timeouts.connect = std::chrono::milliseconds(point.timeout_ms);
  out.timeouts.total = std::chrono::milliseconds(point.timeout_ms);
  return out;
}

Result<bool> said(const OutsideConfig& point, Result<http::Response> response) {
  if (!response) {
    return fail(Code::kUndecidable, response.error().message);
  }
  const bool has_one_type = response->headers.count("Content-Type") == 1;
  return decision::read_answer(
      point.kind,
      {response->status,
       has_one_type ? std::string(*response->headers.get("Content-Type")) : std::string(),
       std::move(response->body)});
}

}  // namespace

struct OutsideClient::Question {
  std::vector<http::ClientRequest> requests;
  std::size_t at = 0;
  Done done;
};

OutsideClient::OutsideClient(OutsidePointsConfig points, std::string instance, Scheduler& scheduler,
                             Send send)
    : outside_(std::move(points)),
      instance_(std::move(instance)),
      scheduler_(scheduler),
      send_(std::move(send)) {}

OutsidePoints OutsideClient::points(OutsidePointsConfig points, const Config& config,
                                    Scheduler& scheduler, http::ClientPool& pool) {
  if (points.empty()) {
    return {};
  }
  const auto client = std::make_shared<OutsideClient>(
      std::move(points), "spiffe://" + config.domain + "/pawl/" + config.node, scheduler,
      [&pool](http::ClientRequest request, auto done) {
        pool.fetch(std::move(request), std::move(done), kMostOfAnAnswer);
      });
  OutsidePoints out;
  out.ask = [client](const Action& action, Done done) { client->ask(action, std::move(done)); };
  return out;
}

void OutsideClient::ask(const Action& action, Done done) {
  if (open_ == kMostAtOnce) {
    questions.reached();
    scheduler_.post([done = std::move(done)] {
      done({false, Code::kOverloaded, "", "too many calls wait for decision points outside"});
    });
    return;
  }
  ++open_;
  const auto question = std::make_shared<Question>();
  for (const OutsideConfig& point : outside_) {
    question->requests.push_back(request_of(point, action, instance_));
  }
  question->done = std::move(done);
  next(question);
}

void OutsideClient::next(const std::shared_ptr<Question>& question) {
  const OutsideConfig& point = outside_[question->at];
  send_(std::move(question->requests[question->at]), [this, alive = std::weak_ptr<bool>(alive_),
                                                      question,
                                                      &point](Result<http::Response> response) {
    if (alive.expired()) {
      return;
    }
    const Result<bool> answer = said(point, std::move(response));
    if (answer && *answer && ++question->at < outside_.size()) {
      next(question);
    } else if (answer && *answer) {
      end(question, {true, Code::kDenied, "", ""});
    } else if (answer) {
      end(question,
          {false, Code::kDenied, point.name(), "the decision point " + point.name() + " says no"});
    } else {
      log(LogLevel::kWarn, "outside_decision_missing",
          {{"point", point.name()}, {"reason", answer.error().message}});
      end(question, {false, Code::kUndecidable, point.name(),
                     "the decision point " + point.name() + " gives no decision (" +
                         answer.error().message + "), so it is refused"});
    }
  });
}

void OutsideClient::end(const std::shared_ptr<Question>& question, const OutsideAnswer& answer) {
  --open_;
  question->done(answer);
}

}  // namespace pawl
