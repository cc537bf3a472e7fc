#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/assert.h"

namespace pawl {
namespace {

class SystemRandom final : public Random {
 public:
  std::string bytes(std::size_t count) override {
    std::string out(count, '\0');
    std::size_t done = 0;
    while (done < count) {
      const ssize_t got = getrandom(out.data() + done, count - done, 0);
      PAWL_CHECK(got > 0 || errno == EINTR, "the kernel has no random bytes");
      done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return out;
  }
};

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace pawl
