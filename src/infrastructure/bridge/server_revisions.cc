#include "infrastructure/bridge/server_revisions.h"

#include <algorithm>

#include "infrastructure/mcp/discover.h"

namespace pawl::bridge {
namespace {

std::size_t index(mcp::Era era) {
  return era == mcp::Era::kModern ? 1 : 0;
}

std::vector<std::string> joined(std::vector<std::string> some, const std::vector<std::string>& more,
                                mcp::Era era) {
  some.insert(some.end(), more.begin(), more.end());
  return mcp::of_era(some, era);
}

}  // namespace

void ServerRevisions::note(const std::string& server, mcp::Era wanted,
                           const mcp::UpstreamHello& hello) {
  Eras& eras = servers_[server];
  std::optional<Known>& heard = eras[index(hello.era)];
  // A handshake agrees on one legacy revision; others may have been agreed on before.
  const bool adds = heard && hello.era == mcp::Era::kLegacy;
  heard = Known{adds ? joined(heard->revisions, hello.revisions, hello.era) : hello.revisions, {}};
  std::optional<Known>& rest = eras[index(mcp::other(hello.era))];
  if (hello.era != wanted) {
    rest.reset();
    silent(rest);
  } else if (!hello.others.empty() && !rest) {
    rest = Known{hello.others, {}};
  }
}

void ServerRevisions::note_silence(const std::string& server, mcp::Era era) {
  silent(servers_[server][index(era)]);
}

void ServerRevisions::silent(std::optional<Known>& known) {
  if (!known || known->revisions.empty()) {
    known = Known{{}, BootTime{clock_.boot().us + std::chrono::microseconds(kBelieved).count()}};
  }
}

const std::optional<ServerRevisions::Known>* ServerRevisions::find(const std::string& server,
                                                                   mcp::Era era) const {
  const auto found = servers_.find(server);
  return found == servers_.end() ? nullptr : &found->second[index(era)];
}

bool ServerRevisions::knows(const std::string& server, mcp::Era era) const {
  const std::optional<Known>* known = find(server, era);
  return known != nullptr && *known &&
         (!(*known)->revisions.empty() || clock_.boot() < (*known)->until);
}

bool ServerRevisions::knows_any(mcp::Era era) const {
  return std::any_of(servers_.begin(), servers_.end(),
                     [&](const auto& entry) { return knows(entry.first, era); });
}

bool ServerRevisions::speaks(const std::string& server, mcp::Era era) const {
  const std::optional<Known>* known = find(server, era);
  return known != nullptr && *known && !(*known)->revisions.empty();
}

std::vector<std::string> ServerRevisions::of(const std::string& server) const {
  std::vector<std::string> out;
  for (const mcp::Era era : {mcp::Era::kModern, mcp::Era::kLegacy}) {
    if (const std::optional<Known>* known = find(server, era); known != nullptr && *known) {
      out.insert(out.end(), (*known)->revisions.begin(), (*known)->revisions.end());
    }
  }
  return out;
}

std::optional<std::vector<std::string>> ServerRevisions::common(mcp::Era era) const {
  std::vector<std::vector<std::string>> spoken;
  for (const auto& [server, eras] : servers_) {
    if (knows(server, era)) {
      spoken.push_back(of(server));
    }
  }
  return spoken.empty() ? std::nullopt : std::optional(mcp::common_revisions(spoken));
}

}  // namespace pawl::bridge
