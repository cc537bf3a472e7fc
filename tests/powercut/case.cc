#include "tests/powercut/case.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "tests/powercut/remembered_keys.h"

namespace pawl::powercut {
namespace {

constexpr std::array<std::pair<std::string_view, Happening>, 7> kNames = {
    {{"cut", Happening::kCut},
     {"kill", Happening::kKill},
     {"eio", Happening::kEio},
     {"no-space", Happening::kNoSpace},
     {"short", Happening::kShort},
     {"full", Happening::kFull},
     {"run", Happening::kRun}}};

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::optional<Event> parse_event(std::string_view text) {
  Event event;
  if (const std::size_t tilde = text.find('~'); tilde != text.npos) {
    event.power_seed = 0;
    if (!read_number(text.substr(tilde + 1), *event.power_seed)) {
      return std::nullopt;
    }
    text = text.substr(0, tilde);
  }
  const std::size_t at = text.find('@');
  const auto name = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) {
    return entry.first == text.substr(0, at);
  });
  if (at == text.npos || name == kNames.end() || !read_number(text.substr(at + 1), event.at)) {
    return std::nullopt;
  }
  event.what = name->second;
  return event;
}

void arm(FaultFiles& files, const Event& event) {
  if (event.at == 0) {
    return;
  }
  switch (event.what) {
    case Happening::kCut:
    case Happening::kKill:
      files.cut_power_at(event.at);
      break;
    case Happening::kEio:
      files.fail_at(event.at, FaultFiles::Fault::kIo);
      break;
    case Happening::kNoSpace:
      files.fail_at(event.at, FaultFiles::Fault::kNoSpace);
      break;
    case Happening::kShort:
      files.fail_at(event.at, FaultFiles::Fault::kShortWrite);
      break;
    case Happening::kFull:
      files.fill_at(event.at);
      break;
    case Happening::kRun:
      break;
  }
}

bool touched_journal(const FaultFiles& files) {
  const std::vector<std::string> paths = files.faulted();
  return std::any_of(paths.begin(), paths.end(),
                     [](const std::string& path) { return path.ends_with("override.journal"); });
}

// One life and its end. A broken promise, or empty.
std::string live(const World& world, FaultFiles& files, Promises& promises, const Event& event,
                 std::uint64_t number) {
  arm(files, event);
  std::string broken = world.live(files, promises, number, event.what != Happening::kRun);
  promises.may_start_stopped = promises.may_start_stopped || touched_journal(files);
  return broken;
}

}  // namespace

std::string Case::text() const {
  std::string out = world + ":" + std::to_string(seed) + ":";
  for (const Event& event : events) {
    const auto name = std::find_if(kNames.begin(), kNames.end(),
                                   [&](const auto& entry) { return entry.second == event.what; });
    out += out.back() == ':' ? "" : ",";
    out += std::string(name->first) + "@" + std::to_string(event.at) +
           (event.power_seed ? "~" + std::to_string(*event.power_seed) : "");
  }
  return out;
}

Result<Case> parse_case(const std::string& text) {
  Case out;
  const std::size_t first = text.find(':');
  const std::size_t second = text.find(':', first + 1);
  if (first == text.npos || second == text.npos ||
      !read_number(text.substr(first + 1, second - first - 1), out.seed)) {
    return fail(Code::kInvalidParams, "expected WORLD:SEED:EVENT,... , found " + text);
  }
  out.world = text.substr(0, first);
  for (std::size_t at = second + 1; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::optional<Event> event = parse_event(std::string_view(text).substr(at, end - at));
    if (!event) {
      return fail(Code::kInvalidParams, "not an event: " + text.substr(at, end - at));
    }
    out.events.push_back(*event);
    at = end + 1;
  }
  return out;
}

CaseResult run_case(const Case& one, std::uint64_t more, const std::string& ignored_site) {
  CaseResult result;
  const std::unique_ptr<World> world = make_world(one.world, one.seed);
  if (!world) {
    result.failed = "no world " + one.world;
    return result;
  }
  const KeySequence keys("case");
  Promises promises;
  std::unique_ptr<FaultFiles> files = world->begin(promises);
  files->ignore_syncs(ignored_site);
  for (std::size_t i = 0; i < one.events.size(); ++i) {
    const Event& event = one.events[i];
    result.failed = live(*world, *files, promises, event, i + 1);
    result.reached = files->calls() >= event.at;
    result.failed_case = one.text();
    if (!result.failed.empty()) {
      return result;
    }
    if (i + 1 < one.events.size()) {
      files = event.power_seed ? files->power_cut(*event.power_seed) : files->kill();
      if (event.power_seed) {
        promises.power_went();
      }
    }
  }
  const Event& last = one.events.back();
  if (last.power_seed) {
    promises.power_went();
  }
  for (std::uint64_t i = 0; i <= (last.power_seed ? more : 0); ++i) {
    Case shown = one;
    if (last.power_seed) {
      shown.events.back().power_seed = *last.power_seed + i;
      ++result.cuts;
    }
    const std::unique_ptr<FaultFiles> after =
        last.power_seed ? files->power_cut(*last.power_seed + i) : files->kill();
    result.failed = world->check(*after, promises, one.events.size() + 1,
                                 i == 0 && (last.power_seed.value_or(0) % 4 == 0));
    result.failed_case = shown.text();
    const std::set<std::string> sites = after->sync_sites();
    result.sites.insert(sites.begin(), sites.end());
    if (!result.failed.empty()) {
      return result;
    }
  }
  return result;
}

}  // namespace pawl::powercut
