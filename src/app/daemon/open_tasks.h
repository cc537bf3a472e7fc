// The tasks whose end the ledger still owes, as the bridge takes them up again after a restart.
// Threading: pure. Not errors: an agent that is not configured any more (it has no groups then).
#pragma once

#include <vector>

#include "app/config/config.h"
#include "app/daemon/people_desk.h"
#include "gateway/decisions.h"
#include "path/task_outcomes.h"

namespace pawl {

std::vector<OpenTask> open_tasks(const Decisions& decisions, const Config& config,
                                 const PeopleDesk& people);

}  // namespace pawl
