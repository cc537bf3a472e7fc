// Asks the configured decision points outside about a call.
//
// Purpose:    the OutsidePoints of gateway/outside_points.h over HTTP: one after the other, each
//             within its own time; the first that does not say yes ends it.
// Threading:  the I/O thread. Answers come on it, later than ask() is left.
// Ownership:  what it is given outlives it. A question whose answer comes when it is gone is
//             dropped.
// Bounds:     kMostAtOnce calls that wait for answers; 64 KiB of one answer.
// Errors:     of an answer: kDenied (false), kUndecidable (anything that is no answer: a time-out,
//             another status, a redirect, another type or form), kOverloaded.
// Source:     docs/formats/outside_decision.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/config/outside_config.h"
#include "base/scheduler.h"
#include "gateway/outside_points.h"
#include "infrastructure/http/client.h"

namespace pawl {

class OutsideClient {
 public:
  static constexpr std::size_t kMostAtOnce = 1024;
  using Send =
      std::function<void(http::ClientRequest, std::function<void(Result<http::Response>)>)>;

  OutsideClient(OutsidePointsConfig points, std::string instance, Scheduler& scheduler, Send send);

  // Holds a client of `pool`; without any point it is empty.
  static OutsidePoints points(OutsidePointsConfig points, const Config& config,
                              Scheduler& scheduler, http::ClientPool& pool);

  using Done = std::function<void(const OutsideAnswer&)>;
  void ask(const Action& action, Done done);

 private:
  struct Question;
  void next(const std::shared_ptr<Question>& question);
  void end(const std::shared_ptr<Question>& question, const OutsideAnswer& answer);

  const OutsidePointsConfig outside_;
  const std::string instance_;
  Scheduler& scheduler_;
  Send send_;
  std::size_t open_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace pawl
