#include "path/exchange.h"

namespace pawl {

Status Exchange::change(Action& action, const std::string& params) {
  static_cast<void>(action), static_cast<void>(params);
  return fail(Code::kUnsupported, "arguments of this call cannot be changed");
}

std::string_view loss_name(Loss loss) {
  switch (loss) {
    case Loss::kNotSent:
      return "not_sent";
    case Loss::kConnection:
      return "connection";
    case Loss::kTimeout:
      return "timeout";
    case Loss::kGarbage:
      return "garbage";
    case Loss::kCancelled:
      return "cancelled";
    case Loss::kStopped:
      return "stopped";
    case Loss::kShutdown:
      return "shutdown";
  }
  return "connection";
}

}  // namespace pawl
