// The decision points outside, as the path asks them.
//
// Purpose:    the gateway says about what, and waits; the app asks over HTTP
//             (app/daemon/outside_client.h).
// Threading:  the I/O thread; the answer comes on it, never before ask() is left, always and once.
// Ownership:  the Action is read before ask() is left.
// Rule:       whoever does not say a well-formed yes says no.
#pragma once

#include <functional>
#include <string>

#include "path/action.h"

namespace pawl {

struct OutsideAnswer {
  bool passes = false;
  Code code =
      Code::kUndecidable;  // of a refusal: kDenied, it said no; kUndecidable, nothing of use
  std::string point;       // which one refused, as rules are named
  std::string reason;
};

struct OutsidePoints {
  // All of them, one after the other; the first that refuses ends it. Empty: nobody is asked.
  std::function<void(const Action&, std::function<void(const OutsideAnswer&)> done)> ask{};
};

}  // namespace pawl
