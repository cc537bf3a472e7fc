// The tests' definition of plugged(): PAWL_UNPLUG=NAME[,NAME...] takes controls out of a program
// that was linked with this file. An unknown name ends it: a typing error must not pass for a test.
#include "tests/support/unplugged/unplugged.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace pawl {
namespace {

using Table = std::array<std::atomic<bool>, kControls.size()>;

void unplug(Table& out, std::string_view name) {
  const std::optional<ControlId> id = control_of(name);
  if (!id) {
    std::fprintf(stderr, "PAWL_UNPLUG: no control is named \"%s\"\n", std::string(name).c_str());
    std::exit(2);
  }
  out[static_cast<std::size_t>(*id)] = true;
  std::fprintf(stderr, "UNPLUGGED FOR A TEST: %s\n", std::string(name).c_str());
}

Table& table() {
  static Table out;
  static const bool read = [] {
    const char* names = std::getenv("PAWL_UNPLUG");
    std::string_view rest = names == nullptr ? "" : names;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      unplug(out, rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return true;
  }();
  (void)read;
  return out;
}

}  // namespace

bool plugged(ControlId id) {
  return !table()[static_cast<std::size_t>(id)];
}

Unplugged::Unplugged(ControlId id) : id_(id) {
  table()[static_cast<std::size_t>(id_)] = true;
}

Unplugged::~Unplugged() {
  table()[static_cast<std::size_t>(id_)] = false;
}

}  // namespace pawl
