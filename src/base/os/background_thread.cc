#include "base/os/background_thread.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace pawl {
namespace {

// From linux/ioprio.h, which Debian does not ship for programs: class "idle" of this thread.
constexpr int kIoWhoProcess = 1;
constexpr int kIoClassIdle = 3 << 13;
constexpr int kLowestNice = 19;
// A third of a core where others want all of it, and still before whatever runs in the background.
constexpr int kBatchNice = 5;

// By `more` than now, at most the lowest.
void be_nicer(int more) {
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  const int now = ::getpriority(PRIO_PROCESS, thread);
  (void)::setpriority(PRIO_PROCESS, thread, std::min(now + more, kLowestNice));
}

}  // namespace

void become_background_thread() {
  be_nicer(kLowestNice);
  (void)::syscall(SYS_ioprio_set, kIoWhoProcess, 0, kIoClassIdle);
}

void become_batch_thread() {
  be_nicer(kBatchNice);
}

}  // namespace pawl
