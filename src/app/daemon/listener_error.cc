#include "app/daemon/listener_error.h"

#include "infrastructure/net/listener.h"

namespace pawl {
namespace {

struct Named {
  const char* key;
  const char* name;
  const std::string& address;
};

// In the order of opening.
std::vector<Named> listeners(const Config& config) {
  return {{"override", "override listener", config.override_listen},
          {"listen", "data listener", config.listen},
          {"control", "control listener", config.control}};
}

std::string described(const Config& config, const Named& one, const std::string& problem) {
  const bool derived =
      std::string_view(one.key) == "override" && !config.places.contains("override");
  return std::string(one.name) + " " + one.address + " (`" + one.key + "`, " +
         place_in(config, one.key) + (derived ? ", one port above `control`" : "") +
         "): " + problem;
}

bool is_taken(const std::string& address) {
  EventLoop loop;
  const auto tried = Listener::listen(
      loop, address, 0, DescriptorUse::kPeople, [](const Accepted&) {}, [] { return false; });
  return !tried && tried.error().code == Code::kConflict;
}

}  // namespace

tl::unexpected<Error> listener_error(const Config& config, const std::string& key,
                                     const Error& error) {
  std::string out;
  for (const Named& one : listeners(config)) {
    if (one.key == key) {
      out = described(config, one, error.message);
    } else if (!out.empty() && error.code == Code::kConflict && is_taken(one.address)) {
      out += "; also " + described(config, one, "in use");  // those before it are our own
    }
  }
  return fail(error.code, out + (error.code == Code::kConflict
                                     ? "; is another Pawl running? Else expected free ports"
                                     : ""));
}

}  // namespace pawl
