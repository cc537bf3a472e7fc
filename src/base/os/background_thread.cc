#include "base/os/background_thread.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pawl {
namespace {

// From linux/ioprio.h, which Debian does not ship for programs: class "idle" of this thread.
constexpr int kIoWhoProcess = 1;
constexpr int kIoClassIdle = 3 << 13;
constexpr int kLowestNice = 19;

}  // namespace

void become_background_thread() {
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  (void)::setpriority(PRIO_PROCESS, thread, kLowestNice);
  (void)::syscall(SYS_ioprio_set, kIoWhoProcess, 0, kIoClassIdle);
}

void become_batch_thread() {
  const sched_param none{};
  (void)::sched_setscheduler(0, SCHED_BATCH, &none);
}

}  // namespace pawl
