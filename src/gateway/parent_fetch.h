// The parents that are fetched for one call: which were asked for, and what came.
//
// Threading:  the I/O thread; owned by the call.
// Bounds:     kMost tokens of one call, parents of fetched ones included, and one deadline for all.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "base/scheduler.h"
#include "gateway/presented_graph.h"
#include "gateway/token_source.h"

namespace pawl {

struct ParentFetch {
  static constexpr std::size_t kMost = 16;

  std::set<Uuid> asked;
  std::size_t pending = 0;
  PresentedTokens along;  // verified
  bool is_over = false;   // nothing more is asked for
  std::unique_ptr<ScheduledTask> deadline;
};

}  // namespace pawl
