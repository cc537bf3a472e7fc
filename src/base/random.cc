#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace pawl {
namespace {

void fill(char* out, std::size_t count) {
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = getrandom(out + done, count - done, 0);
    PAWL_CHECK(got > 0 || errno == EINTR, "the kernel has no random bytes");
    done += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
}

// Bytes of the kernel, asked for many at once: two ids a call are two system calls otherwise. Each
// byte is given out once and wiped here.
class Supply {
 public:
  std::string take(std::size_t count) {
    if (at_ + count > bytes_.size()) {
      fill(bytes_.data(), bytes_.size());
      at_ = 0;
    }
    std::string out(bytes_.data() + at_, count);
    explicit_bzero(bytes_.data() + at_, count);
    at_ += count;
    return out;
  }

 private:
  std::array<char, 256> bytes_{};  // as many as getrandom() gives without being interrupted
  std::size_t at_ = bytes_.size();
};

class SystemRandom final : public Random {
 public:
  std::string bytes(std::size_t count) override {
    constexpr std::size_t kSmall = 64;
    if (count <= kSmall) {
      thread_local Supply supply;
      return supply.take(count);
    }
    std::string out(count, '\0');
    fill(out.data(), count);
    return out;
  }
};

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace pawl
