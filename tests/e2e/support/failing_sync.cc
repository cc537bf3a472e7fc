// Loaded into the real program by LD_PRELOAD: while the file that PAWL_FAIL_SYNC names exists,
// every sync fails with EIO, and every write that is one (O_DSYNC). Built by disk_faults.test.mjs.
#include <fcntl.h>
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
extern "C" ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  if ((fcntl(fd, F_GETFL) & O_DSYNC) != 0 && fails()) {
    errno = EIO;
    return -1;
  }
  return syscall(SYS_pwrite64, fd, bytes, count, offset);
}
