#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/sim/seeded_openssl.h"

#include <openssl/rand.h>

#include <cstring>

#include "tests/support/seeded_random.h"

namespace pawl::sim {
namespace {

std::uint64_t& state() {
  static std::uint64_t seed = 1;
  return seed;
}

int fill(unsigned char* out, int count) {
  SeededRandom random(state()++);
  const std::string bytes = random.bytes(static_cast<std::size_t>(count));
  std::memcpy(out, bytes.data(), bytes.size());
  return 1;
}

int ready() {
  return 1;
}

}  // namespace

void seed_openssl(std::uint64_t seed) {
  static const RAND_METHOD method{nullptr, fill, nullptr, nullptr, fill, ready};
  state() = seed << 20;
  RAND_set_rand_method(&method);
}

}  // namespace pawl::sim
