// What is refused where operators act: at the control and the override listener.
//
// Purpose:    who tries a wrong token, a forged signature or a role of somebody else leaves a
//             record and a log line, whichever resource refused it. Like ones are counted: the
//             first at once, the others in one record a minute, and at the end of the daemon.
// Threading:  note(): any thread that `post` takes a task from; the rest on the I/O thread.
// Bounds:     kMostKinds of refusals a minute are told apart; the others share "other".
// Not errors: a killed daemon: what was counted since the last record of its kind is lost.
// Rule:       nothing of what was sent is recorded but its path, cut: it may hold a secret.
// Source:     docs/formats/records.md (`operator.refused`), docs/operations/logs.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "gateway/recorder.h"
#include "infrastructure/http/message.h"

namespace pawl {

// Whether this answer to this request says that somebody may not; empty: it does not. The code.
std::string refusal_code(std::string_view method, const http::Response& response);

// A page that asks whether anybody is signed in here, and shows nothing: the answer "nobody"
// refuses no one, though it is a 401.
bool only_asks_who(const http::Request& request);

class RefusedOperators {
 public:
  static constexpr std::size_t kMostKinds = 64;
  static constexpr std::int64_t kEveryUs = 60'000'000;
  static constexpr std::size_t kMostPath = 96;  // bytes

  RefusedOperators(Recorder& recorder, Clock& clock) : recorder_(recorder), clock_(clock) {}

  void note(std::string_view listener, const std::string& act, const std::string& code);
  void tick();
  // Records what is only counted so far: before the record of the daemon's end.
  void flush();

 private:
  struct Kind {
    std::string listener, act, code;
    BootTime told;
    std::uint64_t count = 0;  // since then
  };
  void tell(const Kind& kind, std::uint64_t count);

  Recorder& recorder_;
  Clock& clock_;
  std::map<std::string, Kind> kinds_;
};

// "POST /api/v1/approvals/decide", cut.
std::string act_of(std::string_view method, std::string_view path);

}  // namespace pawl
