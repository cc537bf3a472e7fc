// Loaded into the real program by LD_PRELOAD: while the file that PAWL_FAIL_SYNC names exists,
// every sync fails with EIO. Built by disk_faults.test.mjs.
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>

namespace {

bool fails() {
  const char* trigger = std::getenv("PAWL_FAIL_SYNC");
  return trigger != nullptr && access(trigger, F_OK) == 0;
}

int sync_or_fail(long call, int fd) {
  if (fails()) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(call, fd));
}

}  // namespace

extern "C" int fdatasync(int fd) {
  return sync_or_fail(SYS_fdatasync, fd);
}
extern "C" int fsync(int fd) {
  return sync_or_fail(SYS_fsync, fd);
}
